// Uploads of records: calls by the platform, durations by carriers, and what became of them.
#include "api/endpoints.h"
#include "api/links.h"
#include "api/record_schema.h"
#include "exchange/upload_session.h"
#include "http/async_endpoint.h"
#include "http/json.h"

namespace meetpoint::api {

using columns::LaneKind;
using http::endpoint;
using http::Request;
using http::Response;

struct UploadCounts {
    std::uint64_t created, updated, unchanged, outdated, conflict, rejected;
};
BOOST_DESCRIBE_STRUCT(UploadCounts, (), (created, updated, unchanged, outdated, conflict, rejected))

struct RecordResult {
    std::uint64_t index = 0;
    std::uint64_t line = 0;
    std::optional<std::string> key;
    std::string status;
    std::optional<std::string> code;
    std::optional<std::string> message;
    std::optional<std::string> pointer;
    static constexpr http::FieldDoc docs[] = {
        {.field = "index", .what = "Position in the upload, from 0"},
        {.field = "line", .what = "Line of the body on which the record starts, from 1"},
        {.field = "key", .what = "callId or recordId, as far as it could be read"},
        {.field = "status",
         .what = "created, updated (higher version), unchanged, outdated (lower version, kept), conflict (same "
                 "version, other content) or rejected"},
        {.field = "pointer", .what = "JSON pointer to the field that is wrong"},
    };
};
BOOST_DESCRIBE_STRUCT(RecordResult, (), (index, line, key, status, code, message, pointer))

struct UploadAnswer {
    Id uploadId;
    UploadCounts counts;
    std::uint64_t ignoredFields;
    bool complete;
    std::vector<RecordResult> results;
    static constexpr http::FieldDoc docs[] = {
        {.field = "ignoredFields", .what = "Unknown fields, where Prefer: handling=lenient let them pass"},
        {.field = "complete",
         .what = "true: `results` has every record; false: the first problems only, all of them under "
                 "/v1/uploads/{id}/results"},
    };
};
BOOST_DESCRIBE_STRUCT(UploadAnswer, (), (uploadId, counts, ignoredFields, complete, results))

struct UploadState {
    Id uploadId;
    std::string kind;
    Instant createdAt;
    std::optional<Instant> finishedAt;
    UploadCounts counts;
    std::uint64_t problems;
};
BOOST_DESCRIBE_STRUCT(UploadState, (), (uploadId, kind, createdAt, finishedAt, counts, problems))

struct UploadProblems {
    std::vector<RecordResult> items;
    std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(UploadProblems, (), (items, next))

namespace {

UploadCounts wire(const exchange::UploadCounts& c) {
    return {c.created, c.updated, c.unchanged, c.outdated, c.conflict, c.rejected};
}

RecordResult wire(const exchange::RecordResult& result) {
    const auto unlessEmpty = [](const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); };
    return {result.index,
            result.line,
            unlessEmpty(result.key),
            result.status,
            unlessEmpty(result.code),
            unlessEmpty(result.message),
            unlessEmpty(result.pointer)};
}

formats::Format formatOf(std::string_view mediaType) {
    if (mediaType == "application/json") return formats::Format::jsonArray;
    if (mediaType == "text/csv") return formats::Format::csv;
    return formats::Format::ndjson;
}

Result<exchange::UploadRequest> readRequest(const Request& request, LaneKind kind) {
    exchange::UploadRequest upload;
    upload.kind = kind;
    upload.format = formatOf(request.mediaType);
    upload.carrierId = request.query.id("carrierId");
    upload.lenient = request.headers.value("Prefer").find("handling=lenient") != std::string_view::npos;
    TRY_ASSIGN(upload.idempotencyKey, idempotencyKeyOf(request));
    return upload;
}

// What was committed before an upload broke off stays, and the problem says how much that is.
Error brokenOff(Error error, const exchange::UploadSession& session) {
    error.message += " (Upload " + formatId(session.id()) +
                     " broke off here. Complete chunks before this are stored: see /v1/uploads/" +
                     formatId(session.id()) +
                     ". Send it again with the same Idempotency-Key, or as it is: records are never doubled.)";
    return error;
}

http::Answer upload(const Context& context, http::AsyncRequest& request, LaneKind kind) {
    CO_TRY_ASSIGN(const auto wanted, readRequest(*request, kind));
    CO_TRY_ASSIGN(const auto session, co_await request.runBlocking([&] {
        return exchange::UploadSession::open(context.exchange, context.limits, callerOf(*request), wanted);
    }));
    while (true) {
        auto piece = co_await request.body().next();
        if (!piece) co_return fail(brokenOff(std::move(piece).error(), *session));
        if (!*piece) break;
        auto fed = co_await request.runBlocking([&] { return session->feed(viewOf(**piece)); });
        if (!fed) co_return fail(brokenOff(std::move(fed).error(), *session));
    }
    auto finished = co_await request.runBlocking([&] { return session->finish(); });
    if (!finished) co_return fail(brokenOff(std::move(finished).error(), *session));
    UploadAnswer answer{finished->uploadId, wire(finished->counts), finished->ignoredFields, finished->allListed, {}};
    for (const auto& result : finished->results)
        answer.results.push_back(wire(result));
    co_return http::jsonResponse(answer);
}

http::EndpointBuilder uploadEndpoint(LaneKind kind, std::string operationId, std::string summary) {
    auto builder = endpoint(http::post("/v1/" + std::string(columns::name(kind))), std::move(operationId));
    builder.tag("Uploads")
        .summary(std::move(summary))
        .description(
            "A body of any size, gzip or zstd if you like. Each record is judged by itself; what is valid is stored "
            "and durable when the answer comes. "
            "Sending a record again is harmless. With an `Idempotency-Key` a broken upload goes on where it stopped.")
        .header(http::textParameter("Idempotency-Key", "Names the upload, so that it can be sent again",
                                    longestIdempotencyKey))
        .header(
            http::textParameter("Prefer", "handling=lenient: unknown fields are ignored and counted (RFC 7240)", 200))
        .streamBody({"application/x-ndjson", "application/json", "text/csv"}, recordSchema(kind),
                    "NDJSON, a JSON array, or CSV with a header")
        .maxDuration(hours(6))
        .answers<UploadAnswer>(200, "What became of the records")
        .problems({"idempotency-key-reused", "bad-idempotency-key"});
    return builder;
}

Result<Response> readUpload(const Context& context, const Request& request) {
    TRY_ASSIGN(const auto state,
               exchange::findUpload(context.exchange, callerOf(request), *request.path.id("id"), 0, 0));
    return http::jsonResponse(UploadState{state.upload.id, state.upload.kind, state.upload.createdAt,
                                          state.upload.finishedAt, wire(state.counts), state.problemCount});
}

Result<Response> readProblems(const Context& context, const Request& request) {
    const Id id = *request.path.id("id");
    const std::string feed = "upload/" + formatId(id);
    std::size_t offset = 0;
    if (const auto cursor = request.query.text("cursor")) {
        TRY_ASSIGN(const auto position, context.cursors.read(*cursor, feed, callerOf(request).clientId));
        offset = static_cast<std::size_t>(position);
    }
    const auto limit = static_cast<std::size_t>(*request.query.integer("limit"));
    TRY_ASSIGN(const auto state, exchange::findUpload(context.exchange, callerOf(request), id, offset, limit));
    UploadProblems page;
    for (const auto& problem : state.problems)
        page.items.push_back(wire(problem));
    if (offset + page.items.size() < state.problemCount)
        page.next = context.cursors.write(feed, static_cast<std::int64_t>(offset + page.items.size()),
                                          callerOf(request).clientId);
    Response response = http::jsonResponse(page);
    if (page.next) addNextLink(response, request, *page.next);
    return response;
}

}  // namespace

std::vector<http::Endpoint> uploadEndpoints(const Context& context) {
    std::vector<http::Endpoint> list;
    list.push_back(uploadEndpoint(LaneKind::calls, "uploadCalls", "Upload call records with their quality")
                       .scope(std::string(domain::scope::callsWrite))
                       .handle(http::asynchronous([&context](http::AsyncRequest& request) {
                           return upload(context, request, LaneKind::calls);
                       })));
    list.push_back(uploadEndpoint(LaneKind::durations, "uploadDurations", "Upload the durations of a carrier's calls")
                       .scope(std::string(domain::scope::durationsWrite))
                       .query(http::idParameter("carrierId", "Where the client acts for several carriers"))
                       .problems({"carrier-required"})
                       .handle(http::asynchronous([&context](http::AsyncRequest& request) {
                           return upload(context, request, LaneKind::durations);
                       })));
    list.push_back(endpoint(http::get("/v1/uploads/{id}"), "readUpload")
                       .tag("Uploads")
                       .summary("What is stored of an upload")
                       .scope("")
                       .path(http::idParameter("id", "The upload"))
                       .answers<UploadState>(200, "Counts so far")
                       .handle([&context](const Request& request) { return readUpload(context, request); }));
    list.push_back(endpoint(http::get("/v1/uploads/{id}/results"), "readUploadResults")
                       .tag("Uploads")
                       .summary("Every record of an upload that was refused or conflicts")
                       .scope("")
                       .path(http::idParameter("id", "The upload"))
                       .query(http::textParameter("cursor", "From `next` of the page before", 512))
                       .query(http::integerParameter("limit", "Results a page", 1, 1'000, 1'000))
                       .answers<UploadProblems>(200, "By chunk")
                       .problems({"bad-cursor"})
                       .handle([&context](const Request& request) { return readProblems(context, request); }));
    return list;
}

}  // namespace meetpoint::api
