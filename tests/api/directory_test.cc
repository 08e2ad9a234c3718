// A tenant's directory: targets, and its users by SCIM 2.0.
#include "api/world.h"

namespace meetpoint::tests {
namespace {

class Directory : public WorldTest {
protected:
    std::string scim(const std::string& path) { return "/v1/tenants/" + world.acmeId + "/scim/v2" + path; }
    Answer send(const std::string& method, const std::string& path, const json::value& body) {
        http::ClientRequest request{.method = method, .url = path, .body = json::serialize(body)};
        request.headers.set("Content-Type", "application/scim+json");
        return world.acme.send(std::move(request));
    }
    Answer remove(const std::string& path) { return world.acme.send({.method = "DELETE", .url = path}); }
    static json::object patch(std::string_view op, std::string_view path, json::value value) {
        return {{"schemas", json::array{"urn:ietf:params:scim:api:messages:2.0:PatchOp"}},
                {"Operations", json::array{json::object{{"op", op}, {"path", path}, {"value", std::move(value)}}}}};
    }
};

TEST_P(Directory, AUserLivesByScim) {
    const Answer made = send("POST", scim("/Users"),
                             json::object{{"schemas", json::array{"urn:ietf:params:scim:schemas:core:2.0:User"}},
                                          {"userName", "cleo@acme.example"},
                                          {"displayName", "Cleo"},
                                          {"externalId", "c0c0c0c0-0000-4000-8000-000000000001"},
                                          {"emails", json::array{json::object{{"value", "cleo@acme.example"}}}},
                                          {"active", "True"}});
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.headers.value("Content-Type"), "application/scim+json");
    const std::string id = textAt(made.value(), "/id");
    EXPECT_EQ(id, "c0c0c0c0-0000-4000-8000-000000000001") << "the directory's own id, where that is a UUID";
    EXPECT_FALSE(made.value().as_object().contains("emails")) << "only what numbers need is kept";
    const Answer twice = send("POST", scim("/Users"), json::object{{"userName", "CLEO@acme.example"}});
    EXPECT_EQ(twice.status, 409);
    EXPECT_EQ(textAt(twice.value(), "/scimType"), "uniqueness");
    EXPECT_EQ(textAt(twice.value(), "/status"), "409");

    const json::value found = world.acme.read(scim("/Users?filter=userName%20eq%20%22Cleo@acme.example%22"));
    EXPECT_EQ(textAt(found, "/totalResults"), "1");
    EXPECT_EQ(textAt(found, "/Resources/0/id"), id);
    EXPECT_EQ(textAt(world.acme.get(scim("/Users?filter=emails%20pr")).value(), "/scimType"), "invalidFilter");

    const Answer replaced = send(
        "PUT", scim("/Users/" + id),
        json::object{{"userName", "cleo@acme.example"},
                     {"urn:meetpoint:params:scim:schemas:User", json::object{{"sipUri", "sip:cleo@acme.example"}}}});
    EXPECT_EQ(textAt(replaced.value(), "/displayName"), "cleo@acme.example") << replaced.body;
    EXPECT_EQ(send("PATCH", scim("/Users/" + id),
                   patch("Replace", "urn:meetpoint:params:scim:schemas:User:sipUri", "sip:x\r\nEvil: 1"))
                  .status,
              400);
    EXPECT_EQ(send("PATCH", scim("/Users/" + id), patch("multiply", "active", false)).status, 400);
    EXPECT_EQ(send("PATCH", scim("/Users/" + id), json::object()).status, 400);

    const std::string path = "/v1/numbers/" + world.alpSpare;
    EXPECT_EQ(textAt(world.acme.done(path + "/assign", json::object{{"targetId", id}}), "/sipUri"),
              "sip:cleo@acme.example");
    const Answer inactive = send("PATCH", scim("/Users/" + id), patch("Replace", "active", "False"));
    EXPECT_EQ(at(inactive.value(), "/active"), json::value(false)) << inactive.body;
    EXPECT_EQ(textAt(world.acme.read(path), "/state"), "assigned") << "what is assigned stays so";
    EXPECT_EQ(remove(scim("/Users/" + id)).status, 204);
    EXPECT_EQ(textAt(world.acme.read(path), "/state"), "available") << "a user who is gone holds no number";
    EXPECT_EQ(world.acme.get(scim("/Users/" + id)).status, 404);
    EXPECT_EQ(textAt(world.acme.get(scim("/Users/" + id)).value(), "/schemas/0"),
              "urn:ietf:params:scim:api:messages:2.0:Error");
}

TEST_P(Directory, OnlyUsersAreSeenByScimAndPagesCountFromOne) {
    const json::value all = world.acme.read(scim("/Users"));
    EXPECT_EQ(textAt(all, "/totalResults"), "1") << "the bridge is no user";
    const json::value none = world.acme.read(scim("/Users?startIndex=2&count=10"));
    EXPECT_EQ(textAt(none, "/itemsPerPage"), "0");
    EXPECT_EQ(textAt(none, "/startIndex"), "2");
    EXPECT_EQ(world.acme.get(scim("/Users/" + world.acmeBridge)).status, 404);
    EXPECT_EQ(at(world.acme.read(scim("/ServiceProviderConfig")), "/patch/supported"), json::value(true));
}

TEST_P(Directory, ATargetInUseStays) {
    const std::string target = "/v1/tenants/" + world.acmeId + "/targets/" + world.acmeUser;
    EXPECT_EQ(textAt(world.acme.read(target), "/displayName"), "Anna Aare");
    EXPECT_EQ(remove(target).code(), "target-in-use");
    EXPECT_EQ(world.acme
                  .post("/v1/tenants/" + world.acmeId + "/targets",
                        json::object{{"targets",
                                      json::array{json::object{
                                          {"id", world.acmeUser}, {"type", "application"}, {"displayName", "Anna"}}}}})
                  .code(),
              "target-in-use")
        << "what its numbers were assigned by";
    EXPECT_EQ(remove(target + "?unassign=true").status, 204);
    EXPECT_EQ(textAt(world.acme.read("/v1/numbers/" + world.alpNumber), "/state"), "available");
    EXPECT_EQ(world.acme.get(target).status, 404);
}

TEST_P(Directory, ATargetThatIsNotActiveGetsNoNumber) {
    world.acme.done("/v1/tenants/" + world.acmeId + "/targets",
                    json::object{{"targets", json::array{json::object{{"id", "aaaaaaaa-0000-4000-8000-000000000007"},
                                                                      {"type", "user"},
                                                                      {"displayName", "Dora"},
                                                                      {"active", false}}}}});
    EXPECT_EQ(world.acme
                  .post("/v1/numbers/" + world.alpSpare + "/assign",
                        json::object{{"targetId", "aaaaaaaa-0000-4000-8000-000000000007"}})
                  .code(),
              "target-inactive");
}

TEST_P(Directory, ATenantsTemplateMakesItsSipUris) {
    const auto tenantOf = [&](std::string_view name, std::string_view pattern) {
        return world.platform.post(
            "/v1/tenants",
            json::object{{"name", name}, {"country", "CH"}, {"sipDomain", "t.example"}, {"sipUriTemplate", pattern}});
    };
    EXPECT_EQ(tenantOf("A", "sip:{user}@{domain}").code(), "bad-sip-uri-template");
    EXPECT_EQ(tenantOf("B", "sip:{userName").code(), "bad-sip-uri-template");
    EXPECT_EQ(tenantOf("C", "mailto:{number}@{domain}").code(), "bad-sip-uri");
    EXPECT_EQ(tenantOf("D", "sip:{userName}@{domain};user=phone").status, 201);
}

TEST_P(Directory, NumbersAreFoundByWhatIsKnownOfThem) {
    const auto found = [&](json::object wanted) {
        return column(at(world.acme.post("/v1/numbers/search", wanted).value(), "/items"), "telephoneNumber");
    };
    const std::vector<std::string> both{std::string(World::alpE164), std::string(World::alpSpareE164)};
    EXPECT_EQ(found({{"startsWith", "4144668"}}), both);
    EXPECT_EQ(found({{"contains", "6818"}}), both);
    EXPECT_EQ(found({{"contains", "1801"}}), (std::vector<std::string>{std::string(World::alpSpareE164)}));
    EXPECT_EQ(found({{"from", World::alpSpareE164}, {"to", "+41446681899"}}),
              (std::vector<std::string>{std::string(World::alpSpareE164)}));
    EXPECT_EQ(found({{"telephoneNumber", World::alpE164}}), (std::vector<std::string>{std::string(World::alpE164)}));
    EXPECT_EQ(found({{"telephoneNumber", World::bayE164}}), (std::vector<std::string>{})) << "Zeta's";
    EXPECT_EQ(found({{"targetId", world.acmeUser}}), (std::vector<std::string>{std::string(World::alpE164)}));
    EXPECT_EQ(found({{"country", "CH"}, {"state", "available"}, {"usage", "callingUserAssignment"}}),
              (std::vector<std::string>{std::string(World::alpSpareE164)}));
    EXPECT_EQ(world.acme.post("/v1/numbers/search", json::object{{"contains", "1' OR '1'='1"}}).code(),
              "bad-number-part");
    EXPECT_EQ(world.acme.post("/v1/numbers/search", json::object{{"startsWith", "%"}}).code(), "bad-number-part");
}

TEST_P(Directory, WhatIsKnownOfANumberCanBeChanged) {
    const std::string path = "/v1/numbers/" + world.alpNumber;
    const auto change = [&](Party& party, json::object wanted, const std::string& version = "") {
        http::ClientRequest request{.method = "PATCH", .url = path, .body = json::serialize(wanted)};
        request.headers.set("Content-Type", "application/json");
        if (!version.empty()) request.headers.set("If-Match", version);
        return party.send(std::move(request));
    };
    EXPECT_EQ(change(world.alp, {{"reference", "new-ref"}}, "\"9\"").status, 412);
    EXPECT_EQ(
        textAt(change(world.alp, {{"reference", "new-ref"}, {"locationId", "floor-2"}}, "\"3\"").value(), "/reference"),
        "new-ref");
    EXPECT_EQ(change(world.acme, {{"reference", "mine"}}).code(), "not-yours-to-change");
    EXPECT_EQ(textAt(change(world.acme, {{"locationId", "floor-3"}}).value(), "/locationId"), "floor-3");
    EXPECT_FALSE(change(world.alp, {{"reference", ""}}).value().as_object().contains("reference"));
    const json::value event = at(world.alp.read("/v1/feeds/assignments"), "/items").as_array().back();
    EXPECT_EQ(textAt(event, "/cause"), "update");
    EXPECT_EQ(textAt(event, "/state"), "assigned");
}

ON_EVERY_STORE(Directory);

}  // namespace
}  // namespace meetpoint::tests
