// Feeds: assignments, calls and items of a carrier, from a cursor, with a long poll.
#include "exchange/feeds.h"

#include <boost/json.hpp>

#include "api/endpoints.h"
#include "api/links.h"
#include "api/record_schema.h"
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
constexpr std::int64_t longestWaitSeconds = 60;

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

std::string pageJson(const exchange::FeedPage& page) {
    std::string out = R"({"carrierId":")" + formatId(page.carrierId) + R"(","items":[)";
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
    const auto table =
        request.query.text("table") == "streams" ? formats::ArrowTable::streams : formats::ArrowTable::records;
    const domain::Role role = callerOf(request).role;
    std::vector<formats::ArrowSlice> slices;
    for (const auto& slice : page.slices)
        slices.push_back({&slice.records, slice.sequences, slice.storedAt});
    const bool withInternal = role == domain::Role::platform;
    const Bytes bytes = formats::arrowStream(page.lane.kind, table, slices, withInternal,
                                             {{"carrierId", formatId(page.carrierId)}, {"next", page.next}});
    return std::string(textOf(bytes));
}

Response answer(const exchange::FeedPage& page, const Request& request) {
    Response response;
    response.mediaType = request.negotiated;
    if (request.negotiated == ndjsonType)
        response.body = pageNdjson(page);
    else if (request.negotiated == arrowType)
        response.body = pageArrow(page, request);
    else
        response.body = pageJson(page);
    addNextLink(response, request, page.next);
    return response;
}

exchange::FeedRequest readRequest(const Request& request, LaneKind kind) {
    return {kind, request.query.id("carrierId"), request.query.text("cursor"),
            static_cast<std::size_t>(*request.query.integer("limit"))};
}

http::Answer follow(const Context& context, http::AsyncRequest& request, LaneKind kind) {
    const Instant until = request->receivedAt + seconds(request->query.integer("wait").value_or(0));
    auto wanted = readRequest(*request, kind);
    while (true) {
        // The bell is asked before the store: what is stored in between rings it.
        std::uint64_t seen = 0;
        http::Doorbell* bell = nullptr;
        auto page = co_await request.runBlocking([&]() -> Result<exchange::FeedPage> {
            TRY_ASSIGN(auto first, exchange::readFeed(context.exchange, context.limits, context.cursors,
                                                      callerOf(*request), wanted));
            if (first.rows() > 0) return first;
            bell = &context.bells.of(first.lane);
            seen = bell->rings();
            return exchange::readFeed(context.exchange, context.limits, context.cursors, callerOf(*request), wanted);
        });
        if (!page) co_return fail(std::move(page).error());
        const bool waitMore = page->rows() == 0 && context.exchange.clock.now() < until && !request.stopping();
        if (!waitMore) co_return answer(*page, *request);
        wanted.cursor = page->next;
        if (!co_await request.waitForRing(*bell, seen, until)) co_return answer(*page, *request);
    }
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
        .query(http::integerParameter("limit", "Records a page", 1, 10'000, 1'000))
        .query(http::integerParameter("wait", "Seconds to wait for something new", 0, longestWaitSeconds, 0))
        .maxDuration(seconds(longestWaitSeconds + 30))
        .answers(200, std::string(jsonType), feedPageSchema(kind), "A page")
        .answers(200, std::string(ndjsonType), recordSchema(kind), "One record a line; the cursor stands in Link")
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
