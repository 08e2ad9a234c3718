// Uploads of records: calls by the platform, durations by carriers.
#include "api/endpoints.h"
#include "api/record_schema.h"
#include "api/upload_wire.h"
#include "exchange/agreement_terms.h"
#include "exchange/upload_session.h"
#include "http/async_endpoint.h"
#include "http/json.h"

namespace meetpoint::api {

using columns::LaneKind;
using http::endpoint;
using http::Request;
using http::Response;

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

namespace {

formats::Format formatOf(std::string_view mediaType) {
    if (mediaType == "application/json") return formats::Format::jsonArray;
    if (mediaType == "text/csv") return formats::Format::csv;
    return formats::Format::ndjson;
}

Result<domain::DeclaredDurations> readDeclared(const Request& request) {
    const auto word = [&](std::string_view parameter) { return request.query.text(parameter).value_or(""); };
    domain::DeclaredDurations declared{domain::readDurationUnit(word("unit")), exchange::readTimeBasis(word("basis")),
                                       std::nullopt};
    const auto mode = domain::readRoundingMode(word("rounding"));
    const auto stepMs = request.query.integer("roundingStepMs");
    if (mode.has_value() != stepMs.has_value())
        return fail(
            invalidInput("bad-declaration", "'rounding' and 'roundingStepMs' go together: declare both, or neither."));
    if (mode) declared.rounding = {*mode, milliseconds(*stepMs)};
    return declared;
}

Result<exchange::UploadRequest> readRequest(const Request& request, LaneKind kind) {
    exchange::UploadRequest upload;
    upload.kind = kind;
    upload.format = formatOf(request.mediaType);
    upload.carrierId = request.query.id("carrierId");
    upload.lenient = request.headers.value("Prefer").find("handling=lenient") != std::string_view::npos;
    TRY_ASSIGN(upload.idempotencyKey, idempotencyKeyOf(request));
    if (kind == LaneKind::durations) {
        TRY_ASSIGN(upload.declared, readDeclared(request));
    }
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
        .maxDuration(exchange::longestUpload)
        .answers<UploadAnswer>(200, "What became of the records")
        .problems({"idempotency-key-reused", "bad-idempotency-key"});
    return builder;
}

}  // namespace

std::vector<http::Endpoint> uploadEndpoints(const Context& context) {
    std::vector<http::Endpoint> list;
    list.push_back(uploadEndpoint(LaneKind::calls, "uploadCalls", "Upload call records with their quality")
                       .scope(std::string(domain::scope::callsWrite))
                       .handle(http::asynchronous([&context](http::AsyncRequest& request) {
                           return upload(context, request, LaneKind::calls);
                       })));
    list.push_back(
        uploadEndpoint(LaneKind::durations, "uploadDurations", "Upload the durations of a carrier's calls")
            .scope(std::string(domain::scope::durationsWrite))
            .query(http::idParameter("carrierId", "Where the client acts for several carriers"))
            .query(http::choiceParameter("unit",
                                         "In which unit all durations of this upload are, whatever the name "
                                         "of their field; as the field says if left out",
                                         {"ms", "s", "min"}))
            .query(http::choiceParameter("basis", "From where they count, of records that do not say it themselves",
                                         {"invite", "ring", "answer"}))
            .query(http::choiceParameter("rounding", "How they are rounded, of records that do not say it themselves",
                                         {"up", "down", "nearest"}))
            .query(http::integerParameter("roundingStepMs", "To which step; goes with rounding", 1,
                                          domain::longestRoundingStep.ms))
            .problems({"carrier-required", "bad-declaration"})
            .handle(http::asynchronous(
                [&context](http::AsyncRequest& request) { return upload(context, request, LaneKind::durations); })));
    return list;
}

}  // namespace meetpoint::api
