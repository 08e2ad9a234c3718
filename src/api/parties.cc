// Carriers, tenants and the targets that a tenant's numbers can be assigned to.
#include "exchange/parties.h"

#include "api/endpoints.h"
#include "api/links.h"
#include "http/json.h"

namespace meetpoint::api {

using http::endpoint;
using http::Request;
using http::Response;
namespace scope = domain::scope;

struct NewCarrier {
    std::string name;
    std::optional<std::string> defaultRegion;
    std::optional<std::int64_t> toleranceMs;

    static constexpr http::FieldDoc docs[] = {
        {.field = "name", .what = "Unique", .minLength = 1, .maxLength = 200},
        {.field = "defaultRegion",
         .what = "ISO 3166-1 alpha-2: how national numbers in its files are read",
         .maxLength = 2},
        {.field = "toleranceMs", .what = "Difference of durations that both sides accept", .min = 0, .max = 60'000},
    };
};
BOOST_DESCRIBE_STRUCT(NewCarrier, (), (name, defaultRegion, toleranceMs))

struct Carrier {
    Id id;
    std::string name;
    std::optional<std::string> defaultRegion;
    std::int64_t toleranceMs;
    Instant createdAt;
};
BOOST_DESCRIBE_STRUCT(Carrier, (), (id, name, defaultRegion, toleranceMs, createdAt))

struct CarrierList {
    std::vector<Carrier> items;
};
BOOST_DESCRIBE_STRUCT(CarrierList, (), (items))

struct NewTenant {
    std::string name;
    std::string country;
    std::string sipDomain;

    static constexpr http::FieldDoc docs[] = {
        {.field = "name", .what = "Unique", .minLength = 1, .maxLength = 200},
        {.field = "country",
         .what = "ISO 3166-1 alpha-2; decides which digits of far-end numbers are masked",
         .minLength = 2,
         .maxLength = 2},
        {.field = "sipDomain",
         .what = "Domain of SIP URIs that no target names itself",
         .minLength = 1,
         .maxLength = 200},
    };
};
BOOST_DESCRIBE_STRUCT(NewTenant, (), (name, country, sipDomain))

struct Tenant {
    Id id;
    std::string name;
    std::string country;
    std::string sipDomain;
    Instant createdAt;
};
BOOST_DESCRIBE_STRUCT(Tenant, (), (id, name, country, sipDomain, createdAt))

struct TenantList {
    std::vector<Tenant> items;
};
BOOST_DESCRIBE_STRUCT(TenantList, (), (items))

struct Target {
    Id id;
    std::string type;
    std::string displayName;
    std::optional<std::string> userPrincipalName;
    std::optional<std::string> sipUri;
    std::optional<std::string> country;

    static constexpr http::FieldDoc docs[] = {
        {.field = "id", .what = "The directory's own id"},
        {.field = "type", .what = "user, resourceAccount, conferenceBridge or application"},
        {.field = "displayName", .maxLength = 256},
        {.field = "userPrincipalName", .maxLength = 128},
        {.field = "sipUri", .what = "SIP URI that numbers assigned to it get", .maxLength = 256},
    };
};
BOOST_DESCRIBE_STRUCT(Target, (), (id, type, displayName, userPrincipalName, sipUri, country))

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

Carrier wire(const store::Carrier& carrier) {
    return {carrier.id, carrier.name,
            carrier.defaultRegion.empty() ? std::nullopt : std::optional(carrier.defaultRegion), carrier.toleranceMs,
            carrier.createdAt};
}
Tenant wire(const store::Tenant& tenant) {
    return {tenant.id, tenant.name, tenant.country, tenant.sipDomain, tenant.createdAt};
}
Target wire(const store::Target& target) {
    return {target.id, target.type, target.displayName, target.userPrincipalName, target.sipUri, target.country};
}

template <class List, class Item>
List listOf(const std::vector<Item>& items) {
    List list;
    for (const Item& item : items)
        list.items.push_back(wire(item));
    return list;
}

void addCarriers(std::vector<http::Endpoint>& list, const Context& context) {
    const auto& exchange = context.exchange;
    list.push_back(endpoint(http::post("/v1/carriers"), "createCarrier")
                       .tag("Parties")
                       .summary("Add a carrier")
                       .scope(std::string(scope::ledgerManage))
                       .answers<Carrier>(201, "The carrier")
                       .problems({"name-taken", "bad-country"})
                       .handle<NewCarrier>([&exchange](const Request&, NewCarrier body) -> Result<Response> {
                           TRY_ASSIGN(const auto carrier,
                                      exchange::addCarrier(exchange, {body.name, body.defaultRegion.value_or(""),
                                                                      body.toleranceMs.value_or(2000)}));
                           return http::jsonResponse(wire(carrier), 201);
                       }));
    list.push_back(endpoint(http::get("/v1/carriers"), "listCarriers")
                       .tag("Parties")
                       .summary("The carriers that the caller may see")
                       .scope(std::string(scope::ledgerRead))
                       .answers<CarrierList>(200, "In order of name")
                       .handle([&exchange](const Request& request) -> Result<Response> {
                           TRY_ASSIGN(const auto carriers, exchange::listCarriers(exchange, callerOf(request)));
                           return http::jsonResponse(listOf<CarrierList>(carriers));
                       }));
    list.push_back(endpoint(http::get("/v1/carriers/{id}"), "readCarrier")
                       .tag("Parties")
                       .summary("One carrier")
                       .scope(std::string(scope::ledgerRead))
                       .path(http::idParameter("id", "The carrier"))
                       .answers<Carrier>(200, "The carrier")
                       .handle([&exchange](const Request& request) -> Result<Response> {
                           TRY_ASSIGN(const auto carrier,
                                      exchange::findCarrier(exchange, callerOf(request), *request.path.id("id")));
                           return http::jsonResponse(wire(carrier));
                       }));
}

void addTenants(std::vector<http::Endpoint>& list, const Context& context) {
    const auto& exchange = context.exchange;
    list.push_back(
        endpoint(http::post("/v1/tenants"), "createTenant")
            .tag("Parties")
            .summary("Add a tenant")
            .scope(std::string(scope::ledgerManage))
            .answers<Tenant>(201, "The tenant")
            .problems({"name-taken", "bad-country", "bad-sip-uri"})
            .handle<NewTenant>([&exchange](const Request&, NewTenant body) -> Result<Response> {
                TRY_ASSIGN(const auto tenant, exchange::addTenant(exchange, {body.name, body.country, body.sipDomain}));
                return http::jsonResponse(wire(tenant), 201);
            }));
    list.push_back(endpoint(http::get("/v1/tenants"), "listTenants")
                       .tag("Parties")
                       .summary("The tenants that the caller may see")
                       .scope(std::string(scope::ledgerRead))
                       .answers<TenantList>(200, "In order of name")
                       .handle([&exchange](const Request& request) -> Result<Response> {
                           TRY_ASSIGN(const auto tenants, exchange::listTenants(exchange, callerOf(request)));
                           return http::jsonResponse(listOf<TenantList>(tenants));
                       }));
    list.push_back(endpoint(http::get("/v1/tenants/{id}"), "readTenant")
                       .tag("Parties")
                       .summary("One tenant")
                       .scope(std::string(scope::ledgerRead))
                       .path(http::idParameter("id", "The tenant"))
                       .answers<Tenant>(200, "The tenant")
                       .handle([&exchange](const Request& request) -> Result<Response> {
                           TRY_ASSIGN(const auto tenant,
                                      exchange::findTenant(exchange, callerOf(request), *request.path.id("id")));
                           return http::jsonResponse(wire(tenant));
                       }));
}

constexpr std::int64_t targetPage = 100;

Result<Response> listTargets(const Context& context, const Request& request) {
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
    TargetList list = listOf<TargetList>(targets);
    if (more) list.next = context.cursors.write(name, targets.back().id, callerOf(request).clientId);
    Response response = http::jsonResponse(list);
    if (list.next) addNextLink(response, request, *list.next);
    return response;
}

void addTargets(std::vector<http::Endpoint>& list, const Context& context) {
    list.push_back(endpoint(http::post("/v1/tenants/{id}/targets"), "putTargets")
                       .tag("Parties")
                       .summary("Add or replace what numbers can be assigned to")
                       .description("All or nothing: if one target is refused, none is stored.")
                       .scope(std::string(scope::numbersAssign))
                       .path(http::idParameter("id", "The tenant"))
                       .answersNothing(204, "Stored")
                       .problems({"invalid-targets"})
                       .handle<TargetUpload>([&context](const Request& request, TargetUpload body) -> Result<Response> {
                           std::vector<store::Target> targets;
                           for (Target& target : body.targets)
                               targets.push_back({{},
                                                  target.id,
                                                  target.type,
                                                  target.displayName,
                                                  target.userPrincipalName,
                                                  target.sipUri,
                                                  target.country});
                           TRY(exchange::putTargets(context.exchange, callerOf(request), *request.path.id("id"),
                                                    std::move(targets)));
                           return http::noContent();
                       }));
    list.push_back(endpoint(http::get("/v1/tenants/{id}/targets"), "listTargets")
                       .tag("Parties")
                       .summary("What the tenant's numbers can be assigned to")
                       .scope(std::string(scope::numbersAssign))
                       .path(http::idParameter("id", "The tenant"))
                       .query(http::textParameter("cursor", "From `next` of the page before", 512))
                       .query(http::integerParameter("limit", "Targets a page", 1, 1'000, targetPage))
                       .answers<TargetList>(200, "In order of id")
                       .problems({"bad-cursor"})
                       .handle([&context](const Request& request) { return listTargets(context, request); }));
}

}  // namespace

std::vector<http::Endpoint> partyEndpoints(const Context& context) {
    std::vector<http::Endpoint> list;
    addCarriers(list, context);
    addTenants(list, context);
    addTargets(list, context);
    return list;
}

}  // namespace meetpoint::api
