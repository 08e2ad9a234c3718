// One call: as it is now with the carrier's records of it, and every version that is kept.
#include "exchange/calls.h"

#include "api/endpoints.h"
#include "api/record_page.h"
#include "api/record_schema.h"

namespace meetpoint::api {
namespace {

using http::endpoint;
using http::Request;
using http::Response;

constexpr std::int64_t highestVersion = INT32_MAX;

exchange::CallRequest requestOf(const Request& request) {
    exchange::CallRequest wanted{*request.path.id("callId"), request.query.id("carrierId"), std::nullopt};
    if (const auto version = request.query.integer("version")) wanted.version = static_cast<std::int32_t>(*version);
    return wanted;
}

Result<Response> read(const Context& context, const Request& request) {
    TRY_ASSIGN(const auto found,
               exchange::readCall(context.exchange, context.limits, callerOf(request), requestOf(request)));
    std::string body = R"({"call":)";
    appendRecord(found.call.slice, 0, found.call.carrierId, body);
    body += R"(,"durations":[)";
    bool first = true;
    for (const auto& duration : found.durations) {
        if (!std::exchange(first, false)) body += ",";
        appendRecord(duration, 0, found.call.carrierId, body);
    }
    return http::jsonText(body + "]}");
}

Result<Response> versions(const Context& context, const Request& request) {
    TRY_ASSIGN(const auto calls, exchange::readCallVersions(context.exchange, callerOf(request), requestOf(request)));
    std::string body = R"({"items":[)";
    bool first = true;
    for (const auto& call : calls) {
        if (!std::exchange(first, false)) body += ",";
        appendRecord(call.slice, 0, call.carrierId, body);
    }
    return http::jsonText(body + "]}");
}

http::EndpointBuilder oneCall(std::string path, std::string operationId) {
    auto builder = endpoint(http::get(std::move(path)), std::move(operationId));
    builder.tag("Calls")
        .scope(std::string(domain::scope::callsRead))
        .path(http::idParameter("callId", "The platform's id of the call"))
        .query(http::idParameter("carrierId", "Only this carrier's; where the client acts for several carriers"))
        .problems({"carrier-required"});
    return builder;
}

}  // namespace

std::vector<http::Endpoint> callEndpoints(const Context& context) {
    std::vector<http::Endpoint> list;
    list.push_back(
        oneCall("/v1/calls/{callId}", "readCall")
            .summary("One call, and the carrier's records of it")
            .description("The newest version, with its streams. `durations` are the carrier's records that "
                         "reconciliation has paired with this call, and those that name its callId.")
            .query(http::integerParameter("version", "This version instead of the newest", 0, highestVersion))
            .answers(200, "application/json", callInFullSchema(), "As the caller may see it")
            .handle([&context](const Request& request) { return read(context, request); }));
    list.push_back(oneCall("/v1/calls/{callId}/versions", "listCallVersions")
                       .summary("Every version of a call that is kept")
                       .answers(200, "application/json", callVersionsSchema(), "Lowest version first")
                       .handle([&context](const Request& request) { return versions(context, request); }));
    return list;
}

}  // namespace meetpoint::api
