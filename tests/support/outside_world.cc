#include "support/outside_world.h"

#include <fstream>
#include <sstream>

#include <boost/json.hpp>

#include "support/call_lines.h"

namespace meetpoint::outside {
namespace {

namespace json = boost::json;

Result<std::string> textAt(const json::value& value, std::string_view name) {
    const json::value* found = value.is_object() ? value.get_object().if_contains({name.data(), name.size()}) : nullptr;
    if (!found || !found->is_string()) return fail(internalError("an answer lacks '" + std::string(name) + "'"));
    return std::string(found->get_string().c_str());
}

Result<Login> makeClient(cli::ApiClient& first, json::object wanted) {
    TRY_ASSIGN(const json::value made, first.post("/v1/clients", std::move(wanted)));
    Login login;
    TRY_ASSIGN(login.clientId, textAt(made, "clientId"));
    TRY_ASSIGN(login.secret, textAt(made, "clientSecret"));
    return login;
}

Result<Id> idOf(const Result<json::value>& made) {
    if (!made) return fail(made.error());
    TRY_ASSIGN(const std::string text, textAt(*made, "id"));
    return parseId(text);
}

Result<void> orderAll(cli::ApiClient& carrier, const Id& tenant, std::uint64_t numbers) {
    json::array list;
    for (std::uint64_t n = 0; n < numbers; ++n)
        list.push_back(json::object{{"telephoneNumber", CallLines::ownNumber(n)}});
    TRY_ASSIGN(
        const json::value operation,
        carrier.order("/v1/number-orders",
                      json::object{{"kind", "upload"}, {"tenantId", formatId(tenant)}, {"numbers", std::move(list)}}));
    TRY_ASSIGN(const std::string status, textAt(operation, "status"));
    if (status != "succeeded") return fail(internalError("the number order ended as " + status));
    return {};
}

}  // namespace

Result<Login> firstLogin(const std::filesystem::path& folder) {
    std::ostringstream text;
    text << std::ifstream(folder / "first-client.json").rdbuf();
    json::error_code unreadable;
    const json::value value = json::parse(text.str(), unreadable);
    if (unreadable) return fail(internalError("first-client.json cannot be read"));
    Login login;
    TRY_ASSIGN(login.clientId, textAt(value, "clientId"));
    TRY_ASSIGN(login.secret, textAt(value, "clientSecret"));
    return login;
}

Result<cli::ApiClient> logIn(const std::string& url, const Login& login) {
    cli::ApiClient client(url);
    TRY(client.logIn(login.clientId, login.secret));
    return client;
}

Result<OutsideWorld> makeWorld(const std::string& url, const std::filesystem::path& folder, std::uint64_t numbers) {
    OutsideWorld world;
    TRY_ASSIGN(const Login firstOne, firstLogin(folder));
    TRY_ASSIGN(auto first, logIn(url, firstOne));
    TRY_ASSIGN(world.platform, makeClient(first, {{"name", "Platform"}, {"role", "platform"}}));
    TRY_ASSIGN(auto platform, logIn(url, world.platform));
    TRY_ASSIGN(world.carrierId,
               idOf(platform.post("/v1/carriers", json::object{{"name", "Alp Telecom"}, {"defaultRegion", "CH"}})));
    TRY_ASSIGN(world.tenantId,
               idOf(platform.post("/v1/tenants",
                                  json::object{{"name", "Acme"}, {"country", "CH"}, {"sipDomain", "acme.example"}})));
    TRY_ASSIGN(world.carrier, makeClient(first, {{"name", "Alp"},
                                                 {"role", "carrier"},
                                                 {"carriers", json::array{formatId(world.carrierId)}}}));
    TRY_ASSIGN(world.tenant,
               makeClient(first, {{"name", "Acme"}, {"role", "tenant"}, {"tenantId", formatId(world.tenantId)}}));
    TRY(platform.post("/v1/notices", json::object{{"version", "1"}, {"texts", json::object{{"en", "A notice."}}}}));
    TRY_ASSIGN(auto tenant, logIn(url, world.tenant));
    TRY_ASSIGN(auto carrier, logIn(url, world.carrier));
    TRY_ASSIGN(const Id consent, idOf(tenant.post("/v1/consents", json::object{{"tenantId", formatId(world.tenantId)},
                                                                               {"carrierId", formatId(world.carrierId)},
                                                                               {"noticeVersion", "1"},
                                                                               {"countries", json::array{"CH"}}})));
    TRY(carrier.post("/v1/consents/" + formatId(consent) + "/state", json::object{{"state", "agreementSigned"}}));
    TRY(orderAll(carrier, world.tenantId, numbers));
    return world;
}

}  // namespace meetpoint::outside
