// Every endpoint of the registry: without a token, with a bad one, without the scope, and for what belongs to
// somebody else.
#include "api/authorization_table.h"

#include "domain/access.h"

namespace meetpoint::tests {
namespace {

constexpr std::string_view someId = "0197c000-0000-7000-8000-0000000000aa";

// A path that the router takes; what stands behind it does not matter here.
std::string pathOf(const http::Endpoint& endpoint) {
    std::string path = endpoint.path;
    for (std::size_t open; (open = path.find('{')) != std::string::npos;) {
        const std::size_t close = path.find('}', open);
        const std::string_view value = path.compare(open, close + 1 - open, "{date}") == 0 ? World::day : someId;
        path.replace(open, close + 1 - open, value);
    }
    return path;
}

class AuthorizationTable : public WorldTest {
protected:
    const std::vector<std::unique_ptr<const http::Endpoint>>& endpoints() const {
        return exchange.declared().registry().endpoints();
    }

    static const AccessRow* rowOf(const http::Endpoint& endpoint) {
        static const std::vector<AccessRow> table = accessTable();
        const auto row = std::ranges::find(table, endpoint.operationId, &AccessRow::operation);
        return row == table.end() ? nullptr : &*row;
    }

    // The endpoint with this authorization and nothing else that is right.
    Answer ask(const http::Endpoint& endpoint, const std::optional<std::string>& authorization) {
        http::ClientRequest request{.method = std::string(name(endpoint.method)),
                                    .url = exchange.url() + pathOf(endpoint)};
        if (authorization) request.headers.set("Authorization", *authorization);
        auto sent = client_.send(request);
        EXPECT_TRUE(sent) << endpoint.operationId << ": " << sent.error().message;
        return sent ? Answer{sent->status, sent->headers, sent->body} : Answer{};
    }

    void expectRefusedEverywhere(const std::string& authorization, std::string_view code) {
        for (const auto& endpoint : endpoints()) {
            if (endpoint->access.open) continue;
            const Answer answer = ask(*endpoint, authorization);
            EXPECT_EQ(answer.status, 401) << endpoint->operationId << ": " << answer.body;
            EXPECT_EQ(answer.code(), code) << endpoint->operationId;
            EXPECT_EQ(answer.headers.value("WWW-Authenticate"), "Bearer realm=\"meetpoint\", error=\"invalid_token\"")
                << endpoint->operationId;
            expectNone(answer.whole(), {authorization}, endpoint->operationId);
        }
    }

private:
    http::Client client_;
};

TEST_P(AuthorizationTable, EveryEndpointHasARow) {
    for (const auto& endpoint : endpoints()) {
        const AccessRow* row = rowOf(*endpoint);
        ASSERT_TRUE(row) << "The endpoint " << endpoint->operationId << " (" << name(endpoint->method) << " "
                         << endpoint->path << ") has no row in tests/api/authorization_table.cc. Add {\""
                         << endpoint->operationId
                         << "\", {the roles that may use it}, requests for what belongs to another carrier "
                            "or tenant} there.";
        EXPECT_EQ(row->roles.empty(), endpoint->access.open) << endpoint->operationId;
        const bool namesAThing = endpoint->path.find("{id}") != std::string::npos ||
                                 std::ranges::any_of(endpoint->queryParameters, [](const auto& p) {
                                     return p.name == "carrierId" || p.name == "tenantId";
                                 });
        EXPECT_TRUE(!namesAThing || row->foreign)
            << endpoint->operationId
            << " names a thing by its id. Say in its row what asking for somebody else's looks like.";
    }
    for (const AccessRow& row : accessTable()) {
        const auto known = [&](const auto& endpoint) { return endpoint->operationId == row.operation; };
        EXPECT_TRUE(std::ranges::any_of(endpoints(), known))
            << "There is no endpoint " << row.operation
            << " any more. Take its row out of tests/api/authorization_table.cc.";
    }
}

TEST_P(AuthorizationTable, WithoutATokenNothingButWhatIsOpen) {
    for (const auto& endpoint : endpoints()) {
        const Answer answer = ask(*endpoint, std::nullopt);
        if (endpoint->access.open) {
            const bool asksForCredentials = endpoint->operationId == "issueToken";
            EXPECT_EQ(answer.status, asksForCredentials ? 400 : 200) << endpoint->operationId << ": " << answer.body;
            continue;
        }
        EXPECT_EQ(answer.status, 401) << endpoint->operationId << ": " << answer.body;
        EXPECT_EQ(answer.code(), "token-missing") << endpoint->operationId;
        EXPECT_EQ(answer.headers.value("WWW-Authenticate"), "Bearer realm=\"meetpoint\"") << endpoint->operationId;
    }
}

TEST_P(AuthorizationTable, AnExpiredTokenIsNone) {
    const std::string token = world.platform.token();
    exchange.clock.advance(minutes(29));
    EXPECT_EQ(world.platform.get("/v1/carriers", {{"Authorization", "Bearer " + token}}).status, 200)
        << "it lives 30 minutes";
    exchange.clock.advance(minutes(1));
    expectRefusedEverywhere("Bearer " + token, "token-expired");
}

TEST_P(AuthorizationTable, AForgedTokenIsNone) {
    const std::string token = world.alp.token(), other = world.bay.token();
    const std::size_t first = token.find('.'), last = token.rfind('.');
    // Bay's claims under Alp's signature, and a signature with one bit turned.
    const std::string swapped =
        token.substr(0, first) + other.substr(first, other.rfind('.') - first) + token.substr(last);
    std::string turned = token;
    turned[last + 5] = turned[last + 5] == 'A' ? 'B' : 'A';
    const std::string unsignedOne = toBase64Url(viewOf(R"({"alg":"none"})")) + token.substr(first, last + 1 - first);
    for (const std::string& forged : {swapped, turned, unsignedOne, token.substr(0, last), std::string("rubbish")})
        expectRefusedEverywhere("Bearer " + forged, "token-invalid");
    const Answer basic = ask(*endpoints()[3], "Basic " + toBase64(viewOf(token)));
    EXPECT_EQ(basic.status, 401) << "another scheme is no token";
}

TEST_P(AuthorizationTable, ATokenOfALiveStoreIsNoneInASandbox) {
    // Made from the same seed, so that the two stores even share their keys.
    ExchangeUnderTest live(GetParam(), exchange::StoreKind::live);
    World there(live);
    ASSERT_EQ(there.platform.read("/.well-known/jwks.json"), world.platform.read("/.well-known/jwks.json"))
        << "the stores must have the same key for this test";
    EXPECT_EQ(there.platform.get("/v1/carriers").headers.value("Meetpoint-Store"), "live");
    expectRefusedEverywhere("Bearer " + there.platform.token(), "token-invalid");
}

TEST_P(AuthorizationTable, OnlyTheRolesOfTheRowMayUseAnEndpoint) {
    const std::map<std::string, Party*> parties{
        {"platform", &world.platform}, {"carrier", &world.alp}, {"tenant", &world.acme}, {"auditor", &world.auditor}};
    for (const auto& endpoint : endpoints()) {
        if (endpoint->access.open) continue;
        for (const auto& [role, party] : parties) {
            const Answer answer = ask(*endpoint, "Bearer " + party->token());
            const bool allowed = rowOf(*endpoint)->roles.contains(role);
            EXPECT_EQ(answer.status != 403, allowed)
                << endpoint->operationId << " asked by a " << role << ": " << answer.status << " " << answer.body;
            EXPECT_NE(answer.status, 401) << endpoint->operationId << " asked by a " << role;
            if (allowed) continue;
            EXPECT_EQ(answer.code(), "scope-missing");
            EXPECT_EQ(
                answer.headers.value("WWW-Authenticate"),
                "Bearer realm=\"meetpoint\", error=\"insufficient_scope\", scope=\"" + endpoint->access.scope + "\"");
        }
    }
}

TEST_P(AuthorizationTable, ATokenWithoutTheScopeIsNotEnough) {
    const std::map<domain::Role, Party*> parties{{domain::Role::platform, &world.platform},
                                                 {domain::Role::carrier, &world.alp},
                                                 {domain::Role::tenant, &world.acme},
                                                 {domain::Role::auditor, &world.auditor}};
    for (const auto& endpoint : endpoints()) {
        if (endpoint->access.scope.empty()) continue;
        for (const auto& [role, party] : parties) {
            if (!rowOf(*endpoint)->roles.contains(std::string(domain::name(role)))) continue;
            std::string others;
            for (const std::string_view scope : domain::scopesOf(role))
                if (scope != endpoint->access.scope) others += (others.empty() ? "" : " ") + std::string(scope);
            const Answer answer = ask(*endpoint, "Bearer " + party->token(others));
            EXPECT_EQ(answer.status, 403) << endpoint->operationId << " asked by a " << domain::name(role)
                                          << " without " << endpoint->access.scope;
            EXPECT_EQ(answer.code(), "scope-missing") << endpoint->operationId;
        }
    }
}

TEST_P(AuthorizationTable, WhatIsNotYoursAnswersLikeWhatDoesNotExist) {
    for (const auto& endpoint : endpoints()) {
        const AccessRow& row = *rowOf(*endpoint);
        if (!row.foreign) continue;
        for (const ForeignThing& thing : row.foreign(world)) {
            const auto answerTo = [&](const std::string& path, const json::value& body) {
                http::ClientRequest request{.method = std::string(name(endpoint->method)), .url = path};
                request.headers.set("X-Request-Id", "the-same-for-both");
                if (endpoint->body.kind != http::BodyKind::none && !body.is_null()) {
                    request.headers.set("Content-Type", "application/json");
                    request.body = json::serialize(body);
                }
                return thing.asker.send(request);
            };
            const auto before = world.platform.read("/v1/numbers");
            const Answer foreign = answerTo(thing.foreign, thing.foreignBody),
                         absent = answerTo(thing.absent, thing.absentBody);
            EXPECT_EQ(foreign.whole(), absent.whole()) << endpoint->operationId << ": " << thing.what;
            EXPECT_NE(foreign.status, 400)
                << endpoint->operationId << ": " << thing.what << " is refused for its form: " << foreign.body;
            const std::set<std::string> lists{"listNumbers", "searchNumbers", "listCalls", "searchCalls",
                                              "listDurations"};
            const bool empty = foreign.status == 200 && lists.contains(endpoint->operationId);
            EXPECT_TRUE(foreign.status == 404 || foreign.status == 409 || empty)
                << endpoint->operationId << ": " << thing.what << " answers " << foreign.status << " " << foreign.body;
            const bool byBay = &thing.asker == &world.bay;
            expectNone(foreign.whole(), byBay ? secretsOfAlp(world) : secretsOfBay(world), thing.what);
            EXPECT_EQ(world.platform.read("/v1/numbers"), before) << thing.what << " changed something";
        }
    }
}

TEST_P(AuthorizationTable, ATokenCannotBeWidenedAndTellsNothingOfWhyItWasRefused) {
    const auto tokenAnswer = [&](const std::string& id, const std::string& secret, const std::string& body) {
        http::ClientRequest request{.method = "POST", .url = "/oauth2/token", .body = body};
        request.headers.set("Content-Type", "application/x-www-form-urlencoded");
        request.headers.set("X-Request-Id", "the-same-for-both");
        request.headers.set("Authorization", "Basic " + toBase64(viewOf(id + ":" + secret)));
        return world.alp.send(request);
    };
    const Answer unknown = tokenAnswer("nobody", "nothing", "grant_type=client_credentials");
    const Answer wrong = tokenAnswer(world.alp.clientId(), "nothing", "grant_type=client_credentials");
    EXPECT_EQ(unknown.status, 401);
    EXPECT_EQ(unknown.whole(), wrong.whole()) << "an unknown client and a wrong secret must not be told apart";
    EXPECT_EQ(textAt(unknown.value(), "/error"), "invalid_client");
    EXPECT_EQ(unknown.headers.value("WWW-Authenticate"), "Basic realm=\"meetpoint\"");
    EXPECT_EQ(unknown.headers.value("Cache-Control"), "no-store");

    const json::value made = world.platform.done("/v1/clients", json::object{{"name", "Narrow"},
                                                                             {"role", "carrier"},
                                                                             {"carriers", json::array{world.alpId}},
                                                                             {"scopes", json::array{"numbers.read"}}});
    const std::string id = textAt(made, "/clientId"), secret = textAt(made, "/clientSecret");
    const Answer wider = tokenAnswer(id, secret, "grant_type=client_credentials&scope=numbers.read+calls.read");
    EXPECT_EQ(wider.status, 400) << wider.body;
    EXPECT_EQ(textAt(wider.value(), "/error"), "invalid_scope");
    expectNone(wider.whole(), {"access_token"}, "a refused token");
    EXPECT_EQ(tokenAnswer(id, secret, "grant_type=password").status, 400);
    EXPECT_EQ(textAt(tokenAnswer(id, secret, "grant_type=client_credentials").value(), "/scope"), "numbers.read");
    expectNone(world.platform.get("/v1/clients").whole(), {secret, "clientSecret", "argon2"}, "the list of clients");
    const Answer tooMuch = world.platform.post("/v1/clients", json::object{{"name", "X"},
                                                                           {"role", "carrier"},
                                                                           {"carriers", json::array{world.alpId}},
                                                                           {"scopes", json::array{"calls.write"}}});
    EXPECT_EQ(tooMuch.code(), "unknown-scope") << "a carrier's client cannot be given the platform's scopes";
}

TEST_P(AuthorizationTable, AnExpiredClientGetsNoToken) {
    const auto expiresAt = exchange.clock.now() + hours(1);
    const json::value made = world.platform.done(
        "/v1/clients", json::object{{"name", "Visitor"}, {"role", "auditor"}, {"expiresAt", formatInstant(expiresAt)}});
    const std::string id = textAt(made, "/clientId"), secret = textAt(made, "/clientSecret");
    exchange.clock.set(expiresAt - milliseconds(1));
    EXPECT_TRUE(cli::ApiClient(exchange.url()).logIn(id, secret)) << "it lives until then";
    exchange.clock.set(expiresAt);
    const auto refused = cli::ApiClient(exchange.url()).logIn(id, secret);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "invalid_client");
    const auto first =
        cli::ApiClient(exchange.url()).logIn(exchange.firstLogin().clientId, exchange.firstLogin().secret);
    ASSERT_FALSE(first);
    EXPECT_EQ(first.error().code, "invalid_client") << "the first client lives a day";
}

ON_EVERY_STORE(AuthorizationTable);

}  // namespace
}  // namespace meetpoint::tests
