// The carrier's duration records: in order of time, and one with its revisions.
#include "exchange/durations.h"

#include "api/endpoints.h"
#include "api/record_page.h"
#include "api/record_schema.h"

namespace meetpoint::api {
namespace {

using columns::LaneKind;
using http::endpoint;
using http::Request;
using http::Response;

constexpr std::size_t longestRecordId = 128;

Result<Response> list(const Context& context, const Request& request) {
    TRY_ASSIGN(const auto page,
               exchange::listDurations(context.exchange, context.limits, context.cursors, callerOf(request),
                                       {rangeOf(request), request.query.id("tenantId")}));
    return recordPage(page, request);
}

Result<Response> read(const Context& context, const Request& request) {
    TRY_ASSIGN(const auto found, exchange::readDuration(context.exchange, callerOf(request),
                                                        request.query.id("carrierId"), *request.path.text("recordId")));
    std::string body = R"({"duration":)";
    appendRecord(found.revisions.back(), 0, found.carrierId, body);
    body += R"(,"revisions":[)";
    bool first = true;
    for (const auto& revision : found.revisions) {
        if (!std::exchange(first, false)) body += ",";
        appendRecord(revision, 0, found.carrierId, body);
    }
    return http::jsonText(body + "]}");
}

}  // namespace

std::vector<http::Endpoint> durationEndpoints(const Context& context) {
    const std::string scope(domain::scope::durationsRead);
    std::vector<http::Endpoint> endpoints;
    auto all = endpoint(http::get("/v1/durations"), "listDurations");
    all.tag("Calls")
        .summary("The carrier's duration records")
        .description(
            "In order of `startedAt` and `recordId`. A page may end before it is full and still have a `next`.")
        .scope(scope)
        .query(http::idParameter("tenantId", "Of this tenant"))
        .answers(200, "application/json", searchPageSchema(LaneKind::durations), "A page")
        .problems({"bad-cursor", "cursor-expired", "carrier-required", "bad-range"});
    addRangeParameters(all, "startedAt");
    endpoints.push_back(all.handle([&context](const Request& request) { return list(context, request); }));
    endpoints.push_back(
        endpoint(http::get("/v1/durations/{recordId}"), "readDuration")
            .tag("Calls")
            .summary("One duration record with its revisions")
            .scope(scope)
            .path(http::textParameter("recordId", "The carrier's id of the record", longestRecordId))
            .query(http::idParameter("carrierId", "Where the client acts for several carriers, or is the platform"))
            .answers(200, "application/json", durationInFullSchema(), "The newest, and all revisions")
            .problems({"carrier-required"})
            .handle([&context](const Request& request) { return read(context, request); }));
    return endpoints;
}

}  // namespace meetpoint::api
