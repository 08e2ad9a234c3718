// Assigning single numbers to targets, and taking them away.
#include "exchange/assignments.h"

#include "api/endpoints.h"
#include "api/number_wire.h"

namespace meetpoint::api {

using http::endpoint;
using http::Request;
using http::Response;
namespace scope = domain::scope;

struct AssignRequest {
    Id targetId;
    std::optional<std::string> sipUri, category;
    static constexpr http::FieldDoc docs[] = {
        {.field = "targetId", .what = "Of the tenant's targets"},
        {.field = "sipUri",
         .what = "RFC 3261. Left out: the target's own, or one made by the tenant's template",
         .maxLength = 256},
        {.field = "category", .what = "primary (default), private or alternate", .maxLength = 16},
    };
};
BOOST_DESCRIBE_STRUCT(AssignRequest, (), (targetId, sipUri, category))

struct UnassignRequest {
    std::optional<std::string> reason;
    static constexpr http::FieldDoc docs[] = {{.field = "reason", .maxLength = 250}};
};
BOOST_DESCRIBE_STRUCT(UnassignRequest, (), (reason))

namespace {

Response accepted(const exchange::Assigned& assigned, const domain::Caller& caller) {
    Response response = answer(assigned.number, caller, 202);
    response.headers.set("Location", "/v1/operations/" + formatId(assigned.operation.id));
    return response;
}

constexpr const char* twoSteps =
    "The platform's switch confirms or fails it: the number waits in its pending state, and `Location` names the "
    "operation. Where provisioning is immediate, both steps are done when this is answered.";

}  // namespace

std::vector<http::Endpoint> assignmentEndpoints(const Context& context) {
    std::vector<http::Endpoint> endpoints;
    endpoints.push_back(
        endpoint(http::post("/v1/numbers/{id}/assign"), "assignNumber")
            .tag("Numbers")
            .summary("Assign a number to a target")
            .description(twoSteps)
            .scope(std::string(scope::numbersAssign))
            .path(http::idParameter("id", "The number's id"))
            .answers<Number>(202, "The number as it is now")
            .problems({"unknown-target", "target-inactive", "usage-mismatch", "primary-exists", "bad-category",
                       "transition-not-allowed", "bad-sip-uri", "bad-sip-uri-template", "version-mismatch",
                       "bad-if-match", "consent-missing"})
            .handle<AssignRequest>([&context](const Request& request, AssignRequest body) -> Result<Response> {
                TRY_ASSIGN(const auto version, versionOf(request));
                TRY_ASSIGN(
                    const auto assigned,
                    exchange::assignNumber(context.exchange, context.limits, callerOf(request), *request.path.id("id"),
                                           {body.targetId, std::nullopt, body.sipUri, body.category}, version));
                return accepted(assigned, callerOf(request));
            }));
    endpoints.push_back(
        endpoint(http::post("/v1/numbers/{id}/unassign"), "unassignNumber")
            .tag("Numbers")
            .summary("Take a number from its target")
            .description(twoSteps)
            .scope(std::string(scope::numbersAssign))
            .path(http::idParameter("id", "The number's id"))
            .answers<Number>(202, "The number as it is now")
            .problems({"transition-not-allowed", "version-mismatch", "bad-if-match"})
            .handle<UnassignRequest>([&context](const Request& request, UnassignRequest body) -> Result<Response> {
                TRY_ASSIGN(const auto version, versionOf(request));
                TRY_ASSIGN(const auto unassigned,
                           exchange::unassignNumber(context.exchange, context.limits, callerOf(request),
                                                    *request.path.id("id"), body.reason, version));
                return accepted(unassigned, callerOf(request));
            }));
    return endpoints;
}

}  // namespace meetpoint::api
