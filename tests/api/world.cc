#include "api/world.h"

namespace meetpoint::tests {
namespace {

ExchangeUnderTest& started(ExchangeUnderTest& exchange) {
    exchange.start();
    return exchange;
}

json::object carrierClient(const std::string& name, const std::string& carrier) {
    return {{"name", name}, {"role", "carrier"}, {"carriers", json::array{carrier}}};
}

json::object tenantClient(const std::string& name, const std::string& tenant) {
    return {{"name", name}, {"role", "tenant"}, {"tenantId", tenant}};
}

std::string made(Party& party, const std::string& path, const json::object& body) {
    return textAt(party.done(path, body), "/id");
}

json::object numberOrder(const std::string& tenant,
                         std::initializer_list<std::pair<std::string_view, std::string_view>> numbers) {
    json::array list;
    for (const auto& [number, reference] : numbers)
        list.push_back(json::object{{"telephoneNumber", number}, {"reference", reference}});
    return {{"tenantId", tenant}, {"numbers", std::move(list)}};
}

constexpr std::string_view acmeUserId = "aaaaaaaa-0000-4000-8000-000000000001";
constexpr std::string_view acmeBridgeId = "aaaaaaaa-0000-4000-8000-000000000002";

}  // namespace

World::World(ExchangeUnderTest& underTest)
    : exchange(started(underTest)),
      platform(makePlatform()),
      alpId(made(platform, "/v1/carriers", {{"name", "Alp Telecom"}, {"defaultRegion", "CH"}})),
      bayId(made(platform, "/v1/carriers", {{"name", "Bay Networks"}, {"defaultRegion", "US"}})),
      acmeId(made(platform, "/v1/tenants", {{"name", "Acme"}, {"country", "CH"}, {"sipDomain", "acme.example"}})),
      zetaId(made(platform, "/v1/tenants", {{"name", "Zeta"}, {"country", "US"}, {"sipDomain", "zeta.example"}})),
      alp(makeParty(carrierClient("Alp NOC", alpId))),
      bay(makeParty(carrierClient("Bay NOC", bayId))),
      acme(makeParty(tenantClient("Acme IT", acmeId))),
      zeta(makeParty(tenantClient("Zeta IT", zetaId))),
      auditor(makeParty({{"name", "Auditor"}, {"role", "auditor"}})) {
    addParties();
    addNumbers();
    advance(hours(9 * 24 + 12));
}

// The first client can only make others.
Party World::makePlatform() {
    Party first = exchange.party(exchange.firstLogin().clientId, exchange.firstLogin().secret);
    const json::value client = first.done("/v1/clients", json::object{{"name", "Platform"}, {"role", "platform"}});
    return exchange.party(textAt(client, "/clientId"), textAt(client, "/clientSecret"));
}

Party World::makeParty(const json::object& wanted) {
    const json::value client = platform.done("/v1/clients", wanted);
    return exchange.party(textAt(client, "/clientId"), textAt(client, "/clientSecret"));
}

void World::addParties() {
    platform.done("/v1/notices",
                  json::object{{"version", noticeVersion}, {"texts", json::object{{"en", "What goes to whom."}}}});
    alpConsent = consent(acme, acmeId, alp, alpId);
    bayConsent = consent(zeta, zetaId, bay, bayId);
    acmeUser = acmeUserId;
    acmeBridge = acmeBridgeId;
    zetaUser = zetaUserId;
    acme.done("/v1/tenants/" + acmeId + "/targets",
              json::object{{"targets", json::array{json::object{{"id", acmeUser},
                                                                {"type", "user"},
                                                                {"displayName", "Anna Aare"},
                                                                {"sipUri", "sip:anna.aare@acme.example"}},
                                                   json::object{{"id", acmeBridge},
                                                                {"type", "conferenceBridge"},
                                                                {"displayName", "Acme Bridge"}}}}});
    zeta.done("/v1/tenants/" + zetaId + "/targets",
              json::object{{"targets", json::array{json::object{
                                           {"id", zetaUser}, {"type", "user"}, {"displayName", "Zoe Zephyr"}}}}});
}

std::string World::consent(Party& tenant, const std::string& tenantId, Party& carrier, const std::string& carrierId) {
    const std::string id = made(tenant, "/v1/consents",
                                {{"tenantId", tenantId},
                                 {"carrierId", carrierId},
                                 {"noticeVersion", noticeVersion},
                                 {"countries", json::array{"CH", "US"}}});
    carrier.done("/v1/consents/" + id + "/state", json::object{{"state", "agreementSigned"}});
    return id;
}

void World::addNumbers() {
    const json::value ofAlp = alp.ordered(numberOrder(acmeId, {{alpE164, "alp-ref-1"}, {alpSpareE164, "alp-ref-2"}}));
    const json::value ofBay = bay.ordered(numberOrder(zetaId, {{bayE164, "bay-ref-1"}}));
    alpOperation = textAt(ofAlp, "/id");
    bayOperation = textAt(ofBay, "/id");
    alpNumber = textAt(ofAlp, "/results/0/numberId");
    alpSpare = textAt(ofAlp, "/results/1/numberId");
    bayNumber = textAt(ofBay, "/results/0/numberId");
    acme.done("/v1/numbers/" + alpNumber + "/assign", json::object{{"targetId", acmeUser}});
    zeta.done("/v1/numbers/" + bayNumber + "/assign", json::object{{"targetId", zetaUser}});
}

void World::advance(Duration by) {
    exchange.clock.advance(by);
    logInAll();
}

void World::logInAll() {
    for (Party* party : {&platform, &alp, &bay, &acme, &zeta, &auditor})
        party->logIn();
}

void World::reconnect() {
    for (Party* party : {&platform, &alp, &bay, &acme, &zeta, &auditor})
        party->connectTo(exchange.url());
}

std::vector<std::string> secretsOfAlp(const World& world) {
    return {world.alpId,        world.acmeId,   "Alp Telecom",   "Acme",         "anna.aare",
            "Anna Aare",        "alp-ref-1",    world.alpNumber, world.alpSpare, world.alpConsent,
            world.alpOperation, world.acmeUser, "41446681800",   "41446681801",  "acme.example"};
}

std::vector<std::string> secretsOfBay(const World& world) {
    return {world.bayId,     world.zetaId,     "Bay Networks",     "Zeta",         "Zoe Zephyr",  "bay-ref-1",
            world.bayNumber, world.bayConsent, world.bayOperation, world.zetaUser, "12015550123", "zeta.example"};
}

void expectNone(const std::string& haystack, const std::vector<std::string>& secrets, std::string_view where) {
    for (const std::string& secret : secrets) {
        const std::size_t found = haystack.find(secret);
        EXPECT_EQ(found, std::string::npos) << where << " gives away '" << secret << "': …"
                                            << haystack.substr(found < 200 ? 0 : found - 200, 400) << "…";
    }
}

std::string everythingSeenBy(World& world, Party& party) {
    std::string seen;
    for (const auto& endpoint : world.exchange.declared().registry().endpoints()) {
        if (endpoint->method != http::Method::get || endpoint->access.open ||
            endpoint->path.find('{') != std::string::npos)
            continue;
        std::string path = endpoint->path;
        for (const auto& parameter : endpoint->queryParameters)
            if (parameter.required)
                path += (path.find('?') == std::string::npos ? "?" : "&") + parameter.name + "=" +
                        (parameter.name == "to" ? "2026-03-10" : "2026-03-09");
        for (const char* accept : {"application/json", "application/x-ndjson"})
            seen += party.get(path, {{"Accept", accept}, {"X-Request-Id", "the-same-for-all"}}).whole() + "\n";
    }
    return seen;
}

}  // namespace meetpoint::tests
