// What a tenant's numbers can be assigned to.
#include "exchange/targets.h"

#include "api/endpoints.h"
#include "api/links.h"
#include "http/json.h"

namespace meetpoint::api {

using http::endpoint;
using http::Request;
using http::Response;
namespace scope = domain::scope;

struct Target {
    Id id;
    std::string type;
    std::string displayName;
    std::optional<std::string> userPrincipalName;
    std::optional<std::string> sipUri;
    std::optional<std::string> country;
    std::optional<std::string> externalId;
    std::optional<bool> active;

    static constexpr http::FieldDoc docs[] = {
        {.field = "id", .what = "The directory's own id"},
        {.field = "type", .what = "user, resourceAccount, conferenceBridge or application"},
        {.field = "displayName", .maxLength = 256},
        {.field = "userPrincipalName", .maxLength = 128},
        {.field = "sipUri", .what = "SIP URI that numbers assigned to it get", .maxLength = 256},
        {.field = "externalId", .what = "What the directory calls it", .maxLength = 256},
        {.field = "active", .what = "Numbers are assigned to active targets only; true if left out"},
    };
};
BOOST_DESCRIBE_STRUCT(Target, (), (id, type, displayName, userPrincipalName, sipUri, country, externalId, active))

struct TargetUpload {
    std::vector<Target> targets;
    static constexpr http::FieldDoc docs[] = {
        {.field = "targets", .what = "Inserted, or replaced by id", .minLength = 1, .maxLength = 1'000}};
};
BOOST_DESCRIBE_STRUCT(TargetUpload, (), (targets))

struct TargetList {
    std::vector<Target> items;
    std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(TargetList, (), (items, next))

namespace {

constexpr std::int64_t targetPage = 100;

Target wire(const store::Target& target) {
    return {target.id,     target.type,    target.displayName, target.userPrincipalName,
            target.sipUri, target.country, target.externalId,  target.active};
}

store::Target read(const Target& target) {
    store::Target read;
    read.id = target.id;
    read.type = target.type;
    read.displayName = target.displayName;
    read.userPrincipalName = target.userPrincipalName;
    read.sipUri = target.sipUri;
    read.country = target.country;
    read.externalId = target.externalId;
    read.active = target.active.value_or(true);
    return read;
}

Result<Response> list(const Context& context, const Request& request) {
    const Id tenant = *request.path.id("id");
    const std::string name = "targets/" + formatId(tenant);
    std::optional<Id> after;
    if (const auto cursor = request.query.text("cursor")) {
        TRY_ASSIGN(after, context.cursors.readId(*cursor, name, callerOf(request).clientId));
    }
    const auto limit = static_cast<std::size_t>(request.query.integer("limit").value_or(targetPage));
    TRY_ASSIGN(auto targets, exchange::listTargets(context.exchange, callerOf(request), tenant, after, limit + 1));
    const bool more = targets.size() > limit;
    if (more) targets.pop_back();
    TargetList list;
    for (const auto& target : targets)
        list.items.push_back(wire(target));
    if (more) list.next = context.cursors.write(name, targets.back().id, callerOf(request).clientId);
    Response response = http::jsonResponse(list);
    if (list.next) addNextLink(response, request, *list.next);
    return response;
}

}  // namespace

std::vector<http::Endpoint> targetEndpoints(const Context& context) {
    std::vector<http::Endpoint> endpoints;
    endpoints.push_back(
        endpoint(http::post("/v1/tenants/{id}/targets"), "putTargets")
            .tag("Directory")
            .summary("Add or replace what numbers can be assigned to")
            .description("All or nothing: if one target is refused, none is stored.")
            .scope(std::string(scope::numbersAssign))
            .path(http::idParameter("id", "The tenant"))
            .answersNothing(204, "Stored")
            .problems({"invalid-targets", "target-in-use"})
            .handle<TargetUpload>([&context](const Request& request, const TargetUpload& body) -> Result<Response> {
                std::vector<store::Target> targets;
                for (const Target& target : body.targets)
                    targets.push_back(read(target));
                TRY(exchange::putTargets(context.exchange, callerOf(request), *request.path.id("id"),
                                         std::move(targets)));
                return http::noContent();
            }));
    endpoints.push_back(endpoint(http::get("/v1/tenants/{id}/targets"), "listTargets")
                            .tag("Directory")
                            .summary("What the tenant's numbers can be assigned to")
                            .scope(std::string(scope::numbersAssign))
                            .path(http::idParameter("id", "The tenant"))
                            .query(http::textParameter("cursor", "From `next` of the page before", 512))
                            .query(http::integerParameter("limit", "Targets a page", 1, 1'000, targetPage))
                            .answers<TargetList>(200, "In order of id")
                            .problems({"bad-cursor"})
                            .handle([&context](const Request& request) { return list(context, request); }));
    endpoints.push_back(endpoint(http::get("/v1/tenants/{id}/targets/{target}"), "readTarget")
                            .tag("Directory")
                            .summary("One target")
                            .scope(std::string(scope::numbersAssign))
                            .path(http::idParameter("id", "The tenant"))
                            .path(http::idParameter("target", "The target"))
                            .answers<Target>(200, "The target")
                            .handle([&context](const Request& request) -> Result<Response> {
                                TRY_ASSIGN(const auto target,
                                           exchange::findTarget(context.exchange, callerOf(request),
                                                                *request.path.id("id"), *request.path.id("target")));
                                return http::jsonResponse(wire(target));
                            }));
    endpoints.push_back(
        endpoint(http::delete_("/v1/tenants/{id}/targets/{target}"), "deleteTarget")
            .tag("Directory")
            .summary("Take a target out of the directory")
            .description("Refused while numbers are assigned to it, unless `unassign=true` takes them from it.")
            .scope(std::string(scope::numbersAssign))
            .path(http::idParameter("id", "The tenant"))
            .path(http::idParameter("target", "The target"))
            .query(http::booleanParameter("unassign", "Take its numbers from it first"))
            .answersNothing(204, "Gone")
            .problems({"target-in-use", "transition-not-allowed", "version-mismatch"})
            .handle([&context](const Request& request) -> Result<Response> {
                const auto numbers = request.query.boolean("unassign") ? exchange::NumbersOfDeleted::unassign
                                                                       : exchange::NumbersOfDeleted::refuse;
                TRY(exchange::deleteTarget(context.exchange, context.limits, callerOf(request), *request.path.id("id"),
                                           *request.path.id("target"), numbers));
                return http::noContent();
            }));
    return endpoints;
}

}  // namespace meetpoint::api
