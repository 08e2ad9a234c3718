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

Result<void> orderNumbers(cli::ApiClient& carrier, const Id& tenant, std::uint64_t from, std::uint64_t to) {
    json::array list;
    for (std::uint64_t n = from; n < to; ++n)
        list.push_back(json::object{{"telephoneNumber", CallLines::ownNumber(n)}});
    TRY_ASSIGN(
        const json::value operation,
        carrier.order("/v1/number-orders",
                      json::object{{"kind", "upload"}, {"tenantId", formatId(tenant)}, {"numbers", std::move(list)}}));
    TRY_ASSIGN(const std::string status, textAt(operation, "status"));
    if (status != "succeeded") return fail(internalError("the number order ended as " + status));
    return {};
}

// Who makes the world.
struct Makers {
    const std::string& url;
    cli::ApiClient first, platform, tenant;
};

struct NewCarrier {
    Id id;
    Login login;
};

// A carrier with the tenant's consent and the numbers [from, to).
Result<NewCarrier> makeCarrier(Makers& by, const std::string& name, const Id& tenant, std::uint64_t from,
                               std::uint64_t to) {
    NewCarrier made;
    TRY_ASSIGN(made.id, idOf(by.platform.post("/v1/carriers", json::object{{"name", name}, {"defaultRegion", "CH"}})));
    TRY_ASSIGN(
        made.login,
        makeClient(by.first, {{"name", name}, {"role", "carrier"}, {"carriers", json::array{formatId(made.id)}}}));
    TRY_ASSIGN(auto carrier, logIn(by.url, made.login));
    TRY_ASSIGN(const Id consent, idOf(by.tenant.post("/v1/consents", json::object{{"tenantId", formatId(tenant)},
                                                                                  {"carrierId", formatId(made.id)},
                                                                                  {"noticeVersion", "1"},
                                                                                  {"countries", json::array{"CH"}}})));
    TRY(carrier.post("/v1/consents/" + formatId(consent) + "/state", json::object{{"state", "agreementSigned"}}));
    TRY(orderNumbers(carrier, tenant, from, to));
    return made;
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

Result<OutsideWorld> makeWorld(const std::string& url, const std::filesystem::path& folder, std::uint64_t numbers,
                               std::uint64_t carriers) {
    TRY_ASSIGN(const Login first, firstLogin(folder));
    return makeWorld(url, first, numbers, carriers);
}

Result<OutsideWorld> makeWorld(const std::string& url, const Login& firstLogin, std::uint64_t numbers,
                               std::uint64_t carriers) {
    OutsideWorld world;
    TRY_ASSIGN(auto first, logIn(url, firstLogin));
    TRY_ASSIGN(world.platform, makeClient(first, {{"name", "Platform"}, {"role", "platform"}}));
    TRY_ASSIGN(auto platform, logIn(url, world.platform));
    TRY_ASSIGN(world.tenantId,
               idOf(platform.post("/v1/tenants",
                                  json::object{{"name", "Acme"}, {"country", "CH"}, {"sipDomain", "acme.example"}})));
    TRY_ASSIGN(world.tenant,
               makeClient(first, {{"name", "Acme"}, {"role", "tenant"}, {"tenantId", formatId(world.tenantId)}}));
    TRY(platform.post("/v1/notices", json::object{{"version", "1"}, {"texts", json::object{{"en", "A notice."}}}}));
    TRY_ASSIGN(auto tenant, logIn(url, world.tenant));
    Makers makers{url, std::move(first), std::move(platform), std::move(tenant)};
    const std::uint64_t share = numbers / carriers;
    for (std::uint64_t i = 0; i < carriers; ++i) {
        const std::string name = "Alp Telecom" + (i == 0 ? std::string() : " " + std::to_string(i + 1));
        TRY_ASSIGN(const NewCarrier made,
                   makeCarrier(makers, name, world.tenantId, i * share, i + 1 == carriers ? numbers : (i + 1) * share));
        if (i > 0) continue;
        world.carrierId = made.id;
        world.carrier = made.login;
    }
    return world;
}

}  // namespace meetpoint::outside
