// Carriers and tenants.
#include "exchange/parties.h"

#include "api/endpoints.h"
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
    std::optional<std::string> sipUriTemplate;

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
        {.field = "sipUriTemplate",
         .what = "How SIP URIs of assigned numbers are made; may name {number}, {domain}, {userPrincipalName}, "
                 "{userName}, {targetId}. sip:{number}@{domain} if left out",
         .maxLength = 256},
    };
};
BOOST_DESCRIBE_STRUCT(NewTenant, (), (name, country, sipDomain, sipUriTemplate))

struct Tenant {
    Id id;
    std::string name;
    std::string country;
    std::string sipDomain;
    std::optional<std::string> sipUriTemplate;
    Instant createdAt;
};
BOOST_DESCRIBE_STRUCT(Tenant, (), (id, name, country, sipDomain, sipUriTemplate, createdAt))

struct TenantList {
    std::vector<Tenant> items;
};
BOOST_DESCRIBE_STRUCT(TenantList, (), (items))

namespace {

Carrier wire(const store::Carrier& carrier) {
    return {carrier.id, carrier.name,
            carrier.defaultRegion.empty() ? std::nullopt : std::optional(carrier.defaultRegion), carrier.toleranceMs,
            carrier.createdAt};
}
Tenant wire(const store::Tenant& tenant) {
    return {tenant.id, tenant.name, tenant.country, tenant.sipDomain, tenant.sipUriTemplate, tenant.createdAt};
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
    list.push_back(endpoint(http::post("/v1/tenants"), "createTenant")
                       .tag("Parties")
                       .summary("Add a tenant")
                       .scope(std::string(scope::ledgerManage))
                       .answers<Tenant>(201, "The tenant")
                       .problems({"name-taken", "bad-country", "bad-sip-uri", "bad-sip-uri-template"})
                       .handle<NewTenant>([&exchange](const Request&, NewTenant body) -> Result<Response> {
                           TRY_ASSIGN(const auto tenant,
                                      exchange::addTenant(
                                          exchange, {body.name, body.country, body.sipDomain, body.sipUriTemplate}));
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

}  // namespace

std::vector<http::Endpoint> partyEndpoints(const Context& context) {
    std::vector<http::Endpoint> list;
    addCarriers(list, context);
    addTenants(list, context);
    return list;
}

}  // namespace meetpoint::api
