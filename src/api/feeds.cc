// Feeds: assignments, calls and items of a carrier, from a cursor: in pages, by long poll, as a stream of events.
#include "exchange/feeds.h"

#include <boost/json.hpp>

#include "api/endpoints.h"
#include "api/links.h"
#include "api/record_schema.h"
#include "api/waiting.h"
#include "formats/arrow_writer.h"
#include "formats/writer.h"
#include "http/async_endpoint.h"

namespace meetpoint::api {
namespace {

using columns::LaneKind;
using http::endpoint;
using http::Request;
using http::Response;

constexpr std::string_view jsonType = "application/json";
constexpr std::string_view ndjsonType = "application/x-ndjson";
constexpr std::string_view arrowType = "application/vnd.apache.arrow.stream";
constexpr std::string_view eventType = "text/event-stream";
constexpr std::int64_t longestWaitSeconds = 60;
constexpr Duration longestStream = minutes(30);  // of events; the client comes again by itself

void appendNdjson(const exchange::FeedPage& page, std::string_view separator, std::string& out) {
    const std::string carrier = formatId(page.carrierId);
    bool first = true;
    for (const auto& slice : page.slices) {
        const std::vector<std::uint64_t> sequences(slice.sequences.begin(), slice.sequences.end());
        const formats::RecordWriter writer(slice.records, {carrier, {}, sequences, slice.storedAt});
        for (std::size_t row = 0; row < slice.sequences.size(); ++row) {
            if (!first) out += separator;
            first = false;
            writer.appendJson(row, out);
        }
    }
}

std::string pageJson(const exchange::FeedPage& page, Instant now) {
    std::string out =
        R"({"carrierId":")" + formatId(page.carrierId) + R"(","deliveredAt":")" + formatInstant(now) + R"(","items":[)";
    appendNdjson(page, ",", out);
    out += R"(],"next":")" + page.next + R"(","hasMore":)" + (page.hasMore ? "true" : "false") + "}";
    return out;
}

std::string pageNdjson(const exchange::FeedPage& page) {
    std::string out;
    appendNdjson(page, "\n", out);
    if (!out.empty()) out += "\n";
    return out;
}

std::string pageArrow(const exchange::FeedPage& page, const Request& request) {
    formats::ArrowShape shape;
    shape.kind = page.lane.kind;
    if (request.query.text("table") == "streams") shape.table = formats::ArrowTable::streams;
    shape.withInternal = callerOf(request).role == domain::Role::platform;
    std::vector<formats::ArrowSlice> slices;
    for (const auto& slice : page.slices)
        slices.push_back({&slice.records, slice.sequences, slice.storedAt});
    const Bytes bytes =
        formats::arrowStream(shape, slices, {{"carrierId", formatId(page.carrierId)}, {"next", page.next}});
    return std::string(textOf(bytes));
}

Response answer(const exchange::FeedPage& page, const Request& request, Instant now) {
    Response response;
    // Not within the records, which say the same to everyone who reads them again.
    response.headers.set("Meetpoint-Delivered-At", formatInstant(now));
    response.mediaType = request.negotiated;
    if (request.negotiated == ndjsonType)
        response.body = pageNdjson(page);
    else if (request.negotiated == arrowType)
        response.body = pageArrow(page, request);
    else
        response.body = pageJson(page, now);
    addNextLink(response, request, page.next);
    return response;
}

exchange::FeedRequest readRequest(const Request& request, LaneKind kind) {
    exchange::FeedRequest wanted{kind,
                                 request.query.id("carrierId"),
                                 request.query.text("cursor"),
                                 request.query.id("consumer"),
                                 request.query.text("from") == "now",
                                 static_cast<std::size_t>(*request.query.integer("limit"))};
    // A browser, or a library like it, goes on where its stream broke off.
    if (const auto last = request.headers.get("Last-Event-ID"); last && !last->empty())
        wanted.cursor = std::string(*last);
    return wanted;
}

// One read of the feed on the blocking pool.
auto read(const Context& context, http::AsyncRequest& request, const exchange::FeedRequest& wanted) {
    return request.runBlocking([&context, &request, &wanted] {
        return exchange::readFeed(context.exchange, context.limits, context.cursors, callerOf(*request), wanted);
    });
}

// Each record is an event, whose id is the cursor behind it.
std::string eventsOf(const Context& context, const Request& request, const exchange::FeedPage& page) {
    const std::string carrier = formatId(page.carrierId);
    const std::string event = "event: " + std::string(columns::name(page.lane.kind)) + "\nid: ";
    std::string out;
    for (const auto& slice : page.slices) {
        const std::vector<std::uint64_t> sequences(slice.sequences.begin(), slice.sequences.end());
        const formats::RecordWriter writer(slice.records, {carrier, {}, sequences, slice.storedAt});
        for (std::size_t row = 0; row < slice.sequences.size(); ++row) {
            out += event;
            out +=
                exchange::feedCursor(context.cursors, page.lane, slice.sequences[row] + 1, callerOf(request).clientId);
            out += "\ndata: ";
            writer.appendJson(row, out);
            out += "\n\n";
        }
    }
    return out;
}

// What a stream of events is at: the feed from its cursor on.
struct EventStream {
    exchange::FeedRequest wanted;
    exchange::FeedPage first;  // read already, so that a bad cursor is a problem and no broken stream
    bool isBegun = false;
};

boost::asio::awaitable<Result<std::optional<std::string>>> nextEvents(const Context& context,
                                                                      http::AsyncRequest& request,
                                                                      std::shared_ptr<EventStream> stream) {
    if (!stream->isBegun) {
        stream->isBegun = true;
        co_return "retry: " + std::to_string(context.limits.eventRetry.ms) + "\n\n" +
            eventsOf(context, *request, stream->first);
    }
    const Instant end = request->deadline - context.limits.eventPulse;
    while (context.exchange.clock.now() < end) {
        const Instant pulse = context.exchange.clock.now() + context.limits.eventPulse;
        Waiting waiting(context, request, context.bells.of(stream->first.lane), pulse);
        waiting.look();
        auto page = co_await read(context, request, stream->wanted);
        if (!page) co_return fail(std::move(page).error());
        stream->wanted.cursor = page->next;
        if (page->rows() > 0) co_return eventsOf(context, *request, *page);
        if (co_await waiting.forMore()) continue;
        if (request.stopping()) co_return std::nullopt;
        co_return ": nothing new\n\n";
    }
    co_return std::nullopt;  // the client comes again with Last-Event-ID
}

Response eventStream(const Context& context, exchange::FeedRequest wanted, exchange::FeedPage first) {
    auto stream = std::make_shared<EventStream>(EventStream{std::move(wanted), std::move(first)});
    stream->wanted.cursor = stream->first.next;
    Response response = http::streamedAsynchronously(
        std::string(eventType),
        [&context, stream](http::AsyncRequest& request) { return nextEvents(context, request, stream); });
    response.headers.set("Cache-Control", "no-store");
    response.headers.set("X-Accel-Buffering", "no");  // proxies must not gather events
    return response;
}

http::Answer follow(const Context& context, http::AsyncRequest& request, LaneKind kind) {
    const Instant until = request->receivedAt + seconds(request->query.integer("wait").value_or(0));
    auto wanted = readRequest(*request, kind);
    // The bell can be told only once the lane is known.
    auto page = co_await read(context, request, wanted);
    if (!page) co_return fail(std::move(page).error());
    if (request->negotiated == eventType) co_return eventStream(context, std::move(wanted), std::move(*page));
    Waiting waiting(context, request, context.bells.of(page->lane), until);
    while (page->rows() == 0) {
        wanted.cursor = page->next;
        // What was stored since the last look has rung already: the bell is asked before the store.
        waiting.look();
        page = co_await read(context, request, wanted);
        if (!page) co_return fail(std::move(page).error());
        if (page->rows() > 0 || !co_await waiting.forMore()) break;
    }
    co_return answer(*page, *request, context.exchange.clock.now());
}

http::EndpointBuilder feed(LaneKind kind, std::string operationId, std::string summary) {
    const std::string name(columns::name(kind));
    auto builder = endpoint(http::get("/v1/feeds/" + name), std::move(operationId));
    builder.tag("Feeds")
        .summary(std::move(summary))
        .description(
            "In order of arrival, never of time: what comes late is simply later. Each item carries its `sequence`, "
            "without a gap. Begin without a "
            "cursor; go on with `next` for ever. `wait` holds the answer until something arrives.")
        .query(http::idParameter("carrierId", "Where the client acts for several carriers"))
        .query(http::textParameter("cursor", "From `next`; left out: from the first record that is kept", 512))
        .query(http::idParameter("consumer", "Without a cursor: from what this feed consumer has committed"))
        .query(http::choiceParameter("from", "Without a cursor: the first record that is kept, or only what comes now",
                                     {"first", "now"}, "first"))
        .header(http::textParameter("Last-Event-ID", "As `cursor`, for streams of events that broke off", 512))
        .query(http::integerParameter("limit", "Records a page", 1, 10'000, 1'000))
        .query(http::integerParameter("wait", "Seconds to wait for something new", 0, longestWaitSeconds, 0))
        .maxDuration(longestStream)
        .answers(200, std::string(jsonType), feedPageSchema(kind), "A page")
        .answers(200, std::string(ndjsonType), recordSchema(kind), "One record a line; the cursor stands in Link")
        .answers(200, std::string(eventType), http::textSchema(),
                 "Server-Sent Events without an end: a record an event, its cursor as the event's id")
        .problems({"bad-cursor", "cursor-expired", "carrier-required"});
    return builder;
}

}  // namespace

std::vector<http::Endpoint> feedEndpoints(const Context& context) {
    const auto handler = [&context](LaneKind kind) {
        return http::asynchronous(
            [&context, kind](http::AsyncRequest& request) { return follow(context, request, kind); });
    };
    std::vector<http::Endpoint> list;
    list.push_back(
        feed(LaneKind::assignments, "readAssignmentFeed", "What happened to the carrier's numbers, with SIP URIs")
            .scope(std::string(domain::scope::numbersRead))
            .handle(handler(LaneKind::assignments)));
    list.push_back(feed(LaneKind::calls, "readCallFeed", "The carrier's call records and their quality")
                       .scope(std::string(domain::scope::callsRead))
                       .query(http::choiceParameter("table", "Of an Arrow stream: the calls, or their media streams",
                                                    {"calls", "streams"}, "calls"))
                       .answers(200, std::string(arrowType), http::binarySchema(),
                                "Arrow IPC stream; the cursor stands in Link and in the schema's metadata")
                       .handle(handler(LaneKind::calls)));
    list.push_back(feed(LaneKind::items, "readItemFeed", "Reconciliation items as runs change them")
                       .scope(std::string(domain::scope::reconciliationRead))
                       .handle(handler(LaneKind::items)));
    return list;
}

}  // namespace meetpoint::api
