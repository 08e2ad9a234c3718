// A tenant's users by SCIM 2.0 (RFC 7644), so that its directory keeps them by itself. Answers and refusals have SCIM's
// own form.
#include "api/endpoints.h"
#include "api/scim_user.h"
#include "domain/country.h"
#include "domain/sip_uri.h"
#include "exchange/targets.h"
#include "http/json.h"

namespace meetpoint::api {
namespace {

namespace json = boost::json;
namespace scope = domain::scope;
using http::endpoint;
using http::Request;
using http::Response;

constexpr const char* scimType = "application/scim+json";
constexpr const char* base = "/v1/tenants/{id}/scim/v2";
constexpr const char* scimOurError = "urn:meetpoint:params:scim:api:messages:Error";
constexpr std::int64_t pageSize = 100;

Response scimResponse(const json::value& body, int status = 200) {
    Response response = http::jsonText(json::serialize(body), status);
    response.mediaType = scimType;
    return response;
}

const char* scimErrorType(const Error& error) {
    if (error.code == "name-taken") return "uniqueness";
    if (error.code == "scim-invalid-filter") return "invalidFilter";
    if (error.code == "scim-invalid-path") return "invalidPath";
    if (error.code == "bad-json") return "invalidSyntax";
    return error.kind == ErrorKind::invalidInput ? "invalidValue" : nullptr;
}

// RFC 7644 §3.12. The stable code and the request's id, for which SCIM has no place, stand in an extension of ours.
std::string writeScimError(const Error& error, const http::ErrorOccasion& occasion) {
    json::object body{{"schemas", json::array{"urn:ietf:params:scim:api:messages:2.0:Error", scimOurError}},
                      {"status", std::to_string(occasion.status)},
                      {"detail", error.message},
                      {scimOurError, json::object{{"code", error.code}, {"requestId", occasion.requestId}}}};
    if (const char* type = scimErrorType(error)) body["scimType"] = type;
    return json::serialize(body);
}

std::shared_ptr<const http::ErrorForm> scimErrors() {
    static const auto form = std::make_shared<const http::ErrorForm>(
        http::ErrorForm{"ScimError",
                        scimType,
                        {.json = R"({"type":"object","required":["schemas","status","detail"],"properties":{)"
                                 R"("schemas":{"type":"array","items":{"type":"string"}},)"
                                 R"("status":{"type":"string"},"detail":{"type":"string"},)"
                                 R"("scimType":{"type":"string"},)"
                                 R"("urn:meetpoint:params:scim:api:messages:Error":{"type":"object","properties":{)"
                                 R"("code":{"type":"string"},"requestId":{"type":"string"}}}}})"},
                        "An error in SCIM's form (RFC 7644 §3.12), with the code of the problem.",
                        writeScimError});
    return form;
}

Id tenantOf(const Request& request) {
    return *request.path.id("id");
}

std::string usersOf(const Context& context, const Id& tenant) {
    return context.publicUrl + "/v1/tenants/" + formatId(tenant) + "/scim/v2/Users";
}

json::object shown(const Context& context, const store::Target& user) {
    return scimUser(user, usersOf(context, user.tenantId) + "/" + formatId(user.id));
}

Result<store::Target> userOf(const Context& context, const Request& request) {
    TRY_ASSIGN(auto user,
               exchange::findTarget(context.exchange, callerOf(request), tenantOf(request), *request.path.id("user")));
    if (user.type != "user") return fail(notFound("The tenant has no such user."));
    return user;
}

Result<void> check(store::Target& user) {
    if (user.sipUri) {
        TRY_ASSIGN(user.sipUri, domain::readSipUri(*user.sipUri));
    }
    if (user.country && !domain::isCountryCode(*user.country))
        return fail(invalidInput("scim-invalid-value", "'country' must be ISO 3166-1 alpha-2, e.g. CH."));
    return {};
}

// Also what is the same for every directory is told to those alone who may read this one.
Result<void> requireDirectory(const Context& context, const Request& request) {
    TRY(exchange::listTargets(context.exchange, callerOf(request), tenantOf(request), std::nullopt, 1));
    return {};
}

Result<Response> list(const Context& context, const Request& request) {
    store::TargetQuery query;
    query.type = "user";
    if (const auto filter = request.query.text("filter")) TRY(readScimFilter(*filter, query));
    const std::int64_t first = std::max<std::int64_t>(request.query.integer("startIndex").value_or(1), 1);
    query.skip = static_cast<std::size_t>(first - 1);
    query.limit = static_cast<std::size_t>(request.query.integer("count").value_or(pageSize));
    TRY_ASSIGN(const auto page, exchange::searchTargets(context.exchange, callerOf(request), tenantOf(request), query));
    json::array users;
    for (const auto& user : page.targets)
        users.push_back(shown(context, user));
    return scimResponse(json::object{{"schemas", json::array{"urn:ietf:params:scim:api:messages:2.0:ListResponse"}},
                                     {"totalResults", page.total},
                                     {"startIndex", first},
                                     {"itemsPerPage", users.size()},
                                     {"Resources", users}});
}

Result<Response> create(const Context& context, const Request& request) {
    store::Target user;
    TRY(readScimUser(request.body, user));
    TRY(check(user));
    // A directory that calls its users by UUIDs finds them here by the same.
    const auto own = user.externalId ? parseId(*user.externalId) : Result<Id>(Id{});
    user.id = own && !own->isNil() ? *own : makeId(context.exchange.clock, context.exchange.random);
    TRY_ASSIGN(const auto added,
               exchange::addUser(context.exchange, callerOf(request), tenantOf(request), std::move(user)));
    Response response = scimResponse(shown(context, added), 201);
    response.headers.set("Location", usersOf(context, added.tenantId) + "/" + formatId(added.id));
    return response;
}

Result<Response> change(const Context& context, const Request& request,
                        Result<void> (*read)(std::string_view, store::Target&)) {
    TRY_ASSIGN(auto user, userOf(context, request));
    TRY(read(request.body, user));
    TRY(check(user));
    TRY_ASSIGN(const auto changed,
               exchange::replaceUser(context.exchange, callerOf(request), tenantOf(request), std::move(user)));
    return scimResponse(shown(context, changed));
}

json::object supported(bool is) {
    return {{"supported", is}};
}

json::object providerConfig() {
    return {{"schemas", json::array{"urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"}},
            {"patch", supported(true)},
            {"bulk", json::object{{"supported", false}, {"maxOperations", 0}, {"maxPayloadSize", 0}}},
            {"filter", json::object{{"supported", true}, {"maxResults", 1'000}}},
            {"changePassword", supported(false)},
            {"sort", supported(false)},
            {"etag", supported(false)},
            {"authenticationSchemes",
             json::array{json::object{{"type", "oauthbearertoken"},
                                      {"name", "OAuth 2.0 client credentials"},
                                      {"description", "A token of POST /oauth2/token with scope numbers.assign"}}}}};
}

json::object resourceTypes() {
    const json::object user{
        {"schemas", json::array{"urn:ietf:params:scim:schemas:core:2.0:ResourceType"}},
        {"id", "User"},
        {"name", "User"},
        {"endpoint", "/Users"},
        {"schema", scimUserSchema},
        {"schemaExtensions", json::array{json::object{{"schema", scimOurSchema}, {"required", false}}}}};
    return {{"schemas", json::array{"urn:ietf:params:scim:api:messages:2.0:ListResponse"}},
            {"totalResults", 1},
            {"startIndex", 1},
            {"itemsPerPage", 1},
            {"Resources", json::array{user}}};
}

http::Schema anyObject() {
    return {.json = R"({"type":"object"})"};
}

http::EndpointBuilder scim(http::Route route, const char* operationId, const char* summary) {
    auto builder = endpoint(std::move(route), operationId);
    builder.tag("Directory")
        .summary(summary)
        .scope(std::string(scope::numbersAssign))
        .path(http::idParameter("id", "The tenant"))
        .errorForm(scimErrors());
    return builder;
}

std::string at(const char* path) {
    return std::string(base) + path;
}

http::Endpoint withBody(http::EndpointBuilder builder, int status, const char* what,
                        std::function<Result<Response>(const Request&)> work) {
    return builder.wholeBody({scimType, "application/json"}, anyObject(), what)
        .problems({"scim-invalid-value", "scim-invalid-path", "name-taken", "bad-sip-uri"})
        .answers(status, scimType, anyObject(), "The user")
        .handle(std::move(work));
}

void addUsers(std::vector<http::Endpoint>& endpoints, const Context& context) {
    endpoints.push_back(scim(http::get(at("/Users")), "listScimUsers", "The tenant's users (SCIM)")
                            .query(http::textParameter("filter", "userName eq \"…\" or externalId eq \"…\"", 512))
                            .query(http::integerParameter("startIndex", "From 1", INT32_MIN, INT32_MAX))
                            .query(http::integerParameter("count", "Users a page", 0, 1'000, pageSize))
                            .answers(200, scimType, anyObject(), "A page")
                            .problems({"scim-invalid-filter"})
                            .handle([&context](const Request& request) { return list(context, request); }));
    endpoints.push_back(withBody(scim(http::post(at("/Users")), "createScimUser", "Add a user (SCIM)"), 201, "The user",
                                 [&context](const Request& request) { return create(context, request); }));
    endpoints.push_back(scim(http::get(at("/Users/{user}")), "readScimUser", "One user (SCIM)")
                            .path(http::idParameter("user", "The user"))
                            .answers(200, scimType, anyObject(), "The user")
                            .handle([&context](const Request& request) -> Result<Response> {
                                TRY_ASSIGN(const auto user, userOf(context, request));
                                return scimResponse(shown(context, user));
                            }));
    endpoints.push_back(withBody(
        scim(http::put(at("/Users/{user}")), "replaceScimUser", "Replace a user (SCIM)")
            .path(http::idParameter("user", "The user")),
        200, "The user", [&context](const Request& request) { return change(context, request, readScimUser); }));
    endpoints.push_back(withBody(scim(http::patch(at("/Users/{user}")), "patchScimUser", "Change a user (SCIM)")
                                     .path(http::idParameter("user", "The user")),
                                 200, "RFC 7644 §3.5.2", [&context](const Request& request) {
                                     return change(context, request, patchScimUser);
                                 }));
    endpoints.push_back(
        scim(http::delete_(at("/Users/{user}")), "deleteScimUser", "Delete a user, whose numbers are unassigned (SCIM)")
            .path(http::idParameter("user", "The user"))
            .answersNothing(204, "Gone")
            .handle([&context](const Request& request) -> Result<Response> {
                TRY_ASSIGN(const auto user, userOf(context, request));
                TRY(exchange::deleteTarget(context.exchange, context.limits, callerOf(request), tenantOf(request),
                                           user.id, exchange::NumbersOfDeleted::unassign));
                return http::noContent();
            }));
}

}  // namespace

std::vector<http::Endpoint> scimEndpoints(const Context& context) {
    std::vector<http::Endpoint> endpoints;
    addUsers(endpoints, context);
    endpoints.push_back(scim(http::get(at("/ServiceProviderConfig")), "readScimConfig", "What of SCIM is here")
                            .answers(200, scimType, anyObject(), "The configuration")
                            .handle([&context](const Request& request) -> Result<Response> {
                                TRY(requireDirectory(context, request));
                                return scimResponse(providerConfig());
                            }));
    endpoints.push_back(scim(http::get(at("/ResourceTypes")), "readScimResourceTypes", "SCIM's resource types here")
                            .answers(200, scimType, anyObject(), "The types")
                            .handle([&context](const Request& request) -> Result<Response> {
                                TRY(requireDirectory(context, request));
                                return scimResponse(resourceTypes());
                            }));
    return endpoints;
}

}  // namespace meetpoint::api
