// Number assignments in Microsoft Graph's shape: pages, filters, actions, operations, and errors in OData's form.
#include "api/world.h"

namespace meetpoint::tests {
namespace {

using Words = std::vector<std::string>;

const std::string base = "/v1.0/admin/teams/telephoneNumberManagement";
const std::string numbers = base + "/numberAssignments";

std::string filtered(std::string_view filter) {
    return numbers + "?$filter=" + http::percentEncode(filter);
}

class Graph : public WorldTest {
protected:
    explicit Graph(const std::function<void(server::Configuration&)>& configure = [](server::Configuration&) {})
        : WorldTest(configure) {}

    Words found(Party& party, std::string_view filter) {
        return column(at(party.read(filtered(filter)), "/value"), "telephoneNumber");
    }
    Answer act(Party& party, const std::string& action, json::object body) {
        if (action == "assignNumber") body["numberType"] = "operatorConnect";
        return party.post(numbers + "/" + action, body);
    }
    // A path on this exchange from an absolute address of it.
    std::string pathOf(std::string address) {
        EXPECT_TRUE(address.starts_with(exchange.url() + "/")) << address;
        return address.substr(std::min(exchange.url().size(), address.size()));
    }
};

class GraphBySwitch : public Graph {
protected:
    GraphBySwitch() : Graph([](server::Configuration& c) { c.limits.provisioning.isImmediate = false; }) {}
};

const std::string alpNumber(World::alpE164), alpSpare(World::alpSpareE164), bayNumber(World::bayE164);

TEST_P(Graph, EveryRoleSeesItsOwn) {
    for (const std::string version : {"/v1.0", "/beta"}) {
        const std::string path = version + "/admin/teams/telephoneNumberManagement/numberAssignments";
        const auto seenBy = [&](Party& party) { return column(at(party.read(path), "/value"), "telephoneNumber"); };
        EXPECT_EQ(seenBy(world.acme), (Words{alpNumber, alpSpare}));
        EXPECT_EQ(seenBy(world.zeta), (Words{bayNumber}));
        EXPECT_EQ(seenBy(world.bay), (Words{bayNumber}));
        EXPECT_EQ(seenBy(world.platform), (Words{bayNumber, alpNumber, alpSpare}));
        EXPECT_EQ(textAt(world.acme.read(path), "/@odata.context"),
                  exchange.url() + version + "/$metadata#admin/teams/telephoneNumberManagement/numberAssignments");
    }
    const json::value number = at(world.acme.read(numbers), "/value/0");
    EXPECT_EQ(textAt(number, "/assignmentTargetId"), world.acmeUser);
    EXPECT_EQ(textAt(number, "/assignmentStatus"), "userAssigned");
    EXPECT_EQ(textAt(number, "/operatorId"), world.alpId);
    const Answer one = world.acme.get(numbers + "/" + world.alpNumber);
    EXPECT_EQ(one.headers.value("OData-Version"), "4.0");
    json::object single = one.value().as_object();
    EXPECT_TRUE(textAt(single, "/@odata.context").ends_with("numberAssignments/$entity"));
    single.erase("@odata.context");
    EXPECT_EQ(json::value(single), number);
    const Answer ofCarrier = world.alp.get(numbers);
    EXPECT_EQ(textAt(ofCarrier.value(), "/value/0/assignmentTargetId"), "null") << "whose it is, is not the carrier's";
    EXPECT_EQ(textAt(ofCarrier.value(), "/value/0/assignmentStatus"), "userAssigned");
    expectNone(ofCarrier.whole(), {world.acmeUser, "Anna"}, "the carrier's list");
}

TEST_P(Graph, FiltersFindWhatIsShown) {
    EXPECT_EQ(found(world.acme, "assignmentStatus eq 'unassigned' and capabilities/any(c:c eq 'userAssignment')"),
              (Words{alpSpare}));
    EXPECT_EQ(found(world.acme, "telephoneNumber eq '" + alpNumber + "'"), (Words{alpNumber}));
    EXPECT_EQ(column(at(world.acme.read(numbers + "?$filter=telephoneNumber%20eq%20'" + alpNumber + "'"), "/value"),
                     "telephoneNumber"),
              (Words{alpNumber}))
        << "the plus as it stands in the documentation's examples, not escaped";
    EXPECT_EQ(found(world.acme, "telephoneNumber eq '" + bayNumber + "'"), Words{}) << "another tenant's";
    EXPECT_EQ(found(world.acme, "assignmentTargetId eq '" + world.acmeUser + "'"), (Words{alpNumber}));
    EXPECT_EQ(found(world.acme, "assignmentTargetId eq null"), (Words{alpSpare}));
    EXPECT_EQ(found(world.platform, "operatorId ne '" + world.alpId + "'"), (Words{bayNumber}));
    EXPECT_EQ(found(world.platform, "isoCountryCode eq 'US' or (assignmentStatus ne 'userAssigned')"),
              (Words{bayNumber, alpSpare}));
    EXPECT_EQ(found(world.platform, "assignmentCategory eq 'primary' and activationState eq 'activated'"),
              (Words{bayNumber, alpNumber}));
    EXPECT_EQ(found(world.platform, "numberType eq 'callingPlan'"), Words{});
    EXPECT_EQ(found(world.platform, "locationId eq null and portInStatus eq null").size(), 3u);
    EXPECT_EQ(found(world.platform, "capabilities/any(c:c eq 'conferenceAssignment')"), Words{});
}

TEST_P(Graph, ACarrierCannotAskForTargets) {
    EXPECT_EQ(found(world.alp, "assignmentTargetId eq '" + world.acmeUser + "'"), Words{});
    EXPECT_EQ(found(world.alp, "assignmentTargetId ne '" + world.acmeUser + "'"), (Words{alpNumber, alpSpare}));
    EXPECT_EQ(found(world.alp, "assignmentTargetId eq null"), (Words{alpNumber, alpSpare}));
    EXPECT_TRUE(at(world.alp.read("/v1/numbers?targetId=" + world.acmeUser), "/items").as_array().empty())
        << "nor in our own list";
    EXPECT_EQ(at(world.acme.read("/v1/numbers?targetId=" + world.acmeUser), "/items").as_array().size(), 1u);
}

TEST_P(Graph, PagesFollowTheirLinkAndKeepTheFilter) {
    const Answer first = world.platform.get(filtered("numberSource eq 'online'") + "&$top=1&$count=true");
    EXPECT_EQ(textAt(first.value(), "/@odata.count"), "3");
    Words seen = column(at(first.value(), "/value"), "telephoneNumber");
    std::string next = textAt(first.value(), "/@odata.nextLink");
    world.advance(minutes(5));
    for (int page = 0; page < 2; ++page) {
        const json::value body = world.platform.read(pathOf(next));
        EXPECT_EQ(textAt(body, "/@odata.count"), "3");
        for (const std::string& number : column(at(body, "/value"), "telephoneNumber"))
            seen.push_back(number);
        if (page == 1) {
            EXPECT_FALSE(body.as_object().contains("@odata.nextLink")) << "the last page has none";
        } else {
            next = textAt(body, "/@odata.nextLink");
        }
    }
    EXPECT_EQ(seen, (Words{bayNumber, alpNumber, alpSpare}));
    const json::value ofAssigned = world.platform.read(filtered("assignmentStatus eq 'userAssigned'") + "&$top=1");
    EXPECT_EQ(
        column(at(world.platform.read(pathOf(textAt(ofAssigned, "/@odata.nextLink"))), "/value"), "telephoneNumber"),
        (Words{alpNumber}));
    EXPECT_EQ(column(at(world.platform.read(numbers + "?$skip=1&$top=1"), "/value"), "telephoneNumber"),
              (Words{alpNumber}));
    EXPECT_EQ(world.bay.get(pathOf(next)).code(), "bad-cursor") << "a link is its reader's own";
}

TEST_P(Graph, AssigningAndUnassigningAreOperations) {
    const Answer assigned = act(world.acme, "assignNumber",
                                {{"telephoneNumber", alpSpare.substr(1)},
                                 {"assignmentTargetId", world.acmeUser},
                                 {"assignmentCategory", "alternate"},
                                 {"locationId", "bern"}});
    ASSERT_EQ(assigned.status, 202) << assigned.body;
    EXPECT_EQ(assigned.body, "");
    const std::string location = pathOf(std::string(assigned.headers.value("Location")));
    EXPECT_TRUE(location.starts_with(base + "/operations('")) << location;
    json::object operation = world.acme.read(location).as_object();
    EXPECT_EQ(textAt(operation, "/status"), "succeeded");
    EXPECT_EQ(textAt(operation, "/createdDateTime"), formatInstant(exchange.clock.now()));
    EXPECT_EQ(textAt(operation, "/numbers/0/status"), "succeeded");
    EXPECT_EQ(textAt(operation, "/numbers/0/statusDetail"), "null");
    EXPECT_EQ(world.acme.read(base + "/operations/" + textAt(operation, "/id")), json::value(operation));
    const json::value number = world.acme.read(pathOf(textAt(operation, "/numbers/0/resourceLocation")));
    EXPECT_EQ(textAt(number, "/telephoneNumber"), alpSpare);
    EXPECT_EQ(textAt(number, "/assignmentTargetId"), world.acmeUser);
    EXPECT_EQ(textAt(number, "/assignmentCategory"), "alternate");
    EXPECT_EQ(textAt(number, "/locationId"), "bern");
    EXPECT_EQ(textAt(world.acme.read("/v1/numbers/" + world.alpSpare), "/state"), "assigned");

    const Answer unassigned = act(world.acme, "unassignNumber", {{"telephoneNumber", alpSpare}});
    EXPECT_EQ(unassigned.status, 202) << unassigned.body;
    EXPECT_EQ(textAt(world.acme.read(pathOf(std::string(unassigned.headers.value("Location")))), "/status"),
              "succeeded");
    EXPECT_EQ(found(world.acme, "assignmentStatus eq 'unassigned'"), (Words{alpSpare}));
    EXPECT_EQ(world.acme.get(base + "/operations/" + world.alpOperation).status, 404) << "an order is none of them";
}

TEST_P(Graph, UpdatingChangesTheLocationAtOnce) {
    const Answer updated = act(world.acme, "updateNumber",
                               {{"telephoneNumber", alpNumber}, {"locationId", "zurich"}, {"networkSiteId", nullptr}});
    EXPECT_EQ(updated.status, 200) << updated.body;
    EXPECT_EQ(found(world.acme, "locationId eq 'zurich'"), (Words{alpNumber}));
    act(world.acme, "updateNumber", {{"telephoneNumber", alpNumber}});
    EXPECT_EQ(found(world.acme, "locationId ne null"), (Words{alpNumber})) << "what is left out stays";
    act(world.acme, "updateNumber", {{"telephoneNumber", alpNumber}, {"locationId", ""}});
    EXPECT_EQ(found(world.acme, "locationId ne null"), Words{});
    const Answer more = act(world.acme, "updateNumber", {{"telephoneNumber", alpNumber}, {"networkSiteId", "here"}});
    EXPECT_EQ(more.status, 400);
    EXPECT_EQ(textAt(more.value(), "/error/code"), "notSupported");
    EXPECT_EQ(more.code(), "graph-not-supported");
}

TEST_P(Graph, WhatIsRefusedAnswersInODatasForm) {
    const auto expect = [&](const Answer& answer, int status, std::string_view graphCode, std::string_view code) {
        EXPECT_EQ(answer.status, status) << answer.body;
        EXPECT_EQ(answer.headers.value("Content-Type"), "application/json") << answer.body;
        EXPECT_EQ(textAt(answer.value(), "/error/code"), graphCode);
        EXPECT_EQ(textAt(answer.value(), "/error/innerError/code"), code);
        EXPECT_EQ(textAt(answer.value(), "/error/innerError/request-id"), answer.headers.value("X-Request-Id"));
        EXPECT_EQ(textAt(answer.value(), "/error/innerError/date"), formatInstant(exchange.clock.now()));
        EXPECT_FALSE(textAt(answer.value(), "/error/message").empty());
    };
    const Answer badFilter = world.acme.get(filtered("city eq 'Bern'"));
    expect(badFilter, 400, "invalidRequest", "bad-filter");
    EXPECT_EQ(textAt(badFilter.value(), "/error/target"), "city");
    EXPECT_EQ(textAt(badFilter.value(), "/error/details/0/target"), "city");
    const Answer tooMany = world.acme.get(numbers + "?$top=1001&$orderby=id");
    expect(tooMany, 400, "invalidRequest", "bad-parameters");
    EXPECT_EQ(at(tooMany.value(), "/error/details").as_array().size(), 2u);
    expect(world.acme.get(numbers, {{"Authorization", "Bearer rubbish"}}), 401, "unauthenticated", "token-invalid");
    expect(act(world.alp, "assignNumber", {}), 403, "accessDenied", "scope-missing");
    expect(world.acme.get(numbers + "/" + world.bayNumber), 404, "itemNotFound", "not-found");
    expect(world.acme.get(numbers + "/17"), 404, "itemNotFound", "not-found");
    expect(world.acme.get(base + "/operations('17')"), 404, "itemNotFound", "not-found");
    expect(world.acme.send({.method = "DELETE", .url = numbers}), 405, "notAllowed", "method-not-allowed");
    expect(world.acme.get(numbers, {{"Accept", "image/png"}}), 406, "invalidRequest", "not-acceptable");
    expect(world.acme.upload(numbers + "/assignNumber", "{", "application/json"), 400, "invalidRequest", "bad-json");
    expect(world.acme.upload(numbers + "/assignNumber", "{}", "text/csv"), 415, "invalidRequest",
           "unsupported-media-type");
    const Answer taken =
        act(world.acme, "assignNumber", {{"telephoneNumber", alpSpare}, {"assignmentTargetId", world.acmeUser}});
    expect(taken, 409, "notAllowed", "primary-exists");
    expect(act(world.acme, "assignNumber", {{"telephoneNumber", "044"}, {"assignmentTargetId", world.acmeUser}}), 400,
           "invalidRequest", "bad-number");
    expect(world.acme.post(numbers + "/unassignNumber",
                           json::object{{"telephoneNumber", alpNumber}, {"numberType", "directRouting"}}),
           400, "invalidRequest", "bad-number-type");
    const Answer incomplete = act(world.acme, "assignNumber", {{"telephoneNumber", alpSpare}});
    expect(incomplete, 400, "invalidRequest", "invalid-body");
    EXPECT_EQ(textAt(incomplete.value(), "/error/details/0/target"), "/assignmentTargetId");
}

TEST_P(Graph, ScimAnswersStrangersInItsOwnFormToo) {
    const std::string users = "/v1/tenants/" + world.acmeId + "/scim/v2/Users";
    for (const auto& [answer, status] :
         {std::pair(world.acme.get(users, {{"Authorization", "Bearer rubbish"}}), "401"),
          std::pair(world.alp.get(users), "403"), std::pair(world.acme.get(users + "/17"), "404"),
          std::pair(world.acme.get(users + "?filter=x"), "400")}) {
        EXPECT_EQ(textAt(answer.value(), "/status"), status);
        EXPECT_EQ(answer.headers.value("Content-Type"), "application/scim+json");
        EXPECT_FALSE(answer.code().empty());
    }
    EXPECT_EQ(textAt(world.acme.get(users + "?filter=x").value(), "/scimType"), "invalidFilter");
}

TEST_P(GraphBySwitch, ShowsWhatWaitsForTheSwitch) {
    const std::string location = pathOf(std::string(
        act(world.acme, "assignNumber",
            {{"telephoneNumber", alpSpare}, {"assignmentTargetId", world.acmeUser}, {"assignmentCategory", "private"}})
            .headers.value("Location")));
    EXPECT_EQ(textAt(world.acme.read(location), "/status"), "running");
    const std::string one = numbers + "/" + world.alpSpare;
    EXPECT_EQ(textAt(world.acme.read(one), "/activationState"), "assignmentPending");
    EXPECT_EQ(found(world.acme, "activationState eq 'assignmentPending' and isoCountryCode eq 'CH'").size(), 2u);
    const std::string operation = textAt(world.acme.read(location), "/id");
    world.platform.done("/v1/operations/" + operation + "/confirm",
                        json::object{{"status", "failed"}, {"reason", "no route"}});
    EXPECT_EQ(textAt(world.acme.read(location), "/status"), "failed");
    EXPECT_EQ(textAt(world.acme.read(location), "/numbers/0/statusDetail"), "no route");
    EXPECT_EQ(textAt(world.acme.read(one), "/activationState"), "assignmentFailed");
    EXPECT_EQ(textAt(world.acme.read(one), "/assignmentStatus"), "unassigned");
    EXPECT_EQ(textAt(world.acme.read(one), "/assignmentTargetId"), "null");
}

ON_EVERY_STORE(Graph);
ON_EVERY_STORE(GraphBySwitch);

}  // namespace
}  // namespace meetpoint::tests
