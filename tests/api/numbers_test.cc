// Numbers: consent first, orders, assignment with SIP URI, history, and the feed that tells the carrier.
#include <thread>

#include "api/world.h"

namespace meetpoint::tests {
namespace {

class Numbers : public WorldTest {
protected:
    static json::object order(const std::string& tenant, std::initializer_list<std::string_view> numbers) {
        json::array list;
        for (const std::string_view number : numbers)
            list.push_back(json::object{{"telephoneNumber", number}});
        return {{"tenantId", tenant}, {"numbers", std::move(list)}};
    }

    Answer assign(Party& party, const std::string& number, const std::string& target, http::Headers headers = {}) {
        return party.post("/v1/numbers/" + number + "/assign",
                          json::object{{"targetId", target}, {"category", "alternate"}}, std::move(headers));
    }
};

TEST_P(Numbers, ConsentIsThePreconditionOfAnOrder) {
    const json::object wanted = order(world.zetaId, {World::nobodys});
    EXPECT_EQ(world.alp.post("/v1/number-orders", wanted).code(), "consent-missing");
    const std::string consent =
        textAt(world.zeta.done("/v1/consents", json::object{{"tenantId", world.zetaId},
                                                            {"carrierId", world.alpId},
                                                            {"noticeVersion", World::noticeVersion},
                                                            {"countries", json::array{"US"}}}),
               "/id");
    EXPECT_EQ(world.alp.post("/v1/number-orders", wanted).code(), "consent-missing")
        << "accepted by the tenant, not signed by the carrier";
    EXPECT_EQ(world.zeta.post("/v1/consents/" + consent + "/state", json::object{{"state", "agreementSigned"}}).code(),
              "transition-not-allowed")
        << "the tenant signs for nobody";
    world.alp.done("/v1/consents/" + consent + "/state", json::object{{"state", "agreementSigned"}});
    EXPECT_EQ(textAt(world.alp.ordered(wanted), "/results/0/code"), "country-not-consented")
        << "a number of CH, and the consent covers US";
    world.zeta.done("/v1/consents/" + consent + "/acceptance",
                    json::object{{"noticeVersion", World::noticeVersion}, {"countries", json::array{"US", "CH"}}});
    const Answer ordered = world.alp.post("/v1/number-orders", wanted, {{"Prefer", "wait=60"}});
    EXPECT_EQ(ordered.status, 202);
    EXPECT_EQ(textAt(ordered.value(), "/status"), "succeeded");
    EXPECT_EQ(ordered.headers.value("Location"), "/v1/operations/" + textAt(ordered.value(), "/id"));
    EXPECT_EQ(world.alp.read(std::string(ordered.headers.value("Location"))), ordered.value());

    EXPECT_EQ(world.zeta.post("/v1/consents/" + consent + "/state", json::object{{"state", "ended"}}).code(),
              "reason-required");
    world.zeta.done("/v1/consents/" + consent + "/state", json::object{{"state", "ended"}, {"reason", "moved away"}});
    EXPECT_EQ(world.alp.post("/v1/number-orders", order(world.zetaId, {"+41446681898"})).code(), "consent-missing")
        << "nothing new after the end";
    expectNone(everythingSeenBy(world, world.bay), secretsOfAlp(world), "what Bay sees");
}

TEST_P(Numbers, AnOrderSucceedsNumberByNumber) {
    const std::string longReference(65, 'x');
    json::object wanted =
        order(world.acmeId, {"+41446681810", "0446681811", "+41446681810", "+4144668", World::alpE164});
    wanted["numbers"].as_array().push_back(
        json::object{{"telephoneNumber", "+41446681812"}, {"reference", longReference}});
    const json::value operation = world.alp.ordered(wanted);
    EXPECT_EQ(textAt(operation, "/status"), "partiallySucceeded");
    const json::value results = at(operation, "/results");
    EXPECT_EQ(column(results, "status"),
              (std::vector<std::string>{"succeeded", "failed", "failed", "failed", "failed", "failed"}));
    EXPECT_EQ(textAt(results, "/1/code"), "bad-number");
    EXPECT_EQ(textAt(results, "/2/code"), "duplicate-in-order");
    EXPECT_EQ(textAt(results, "/3/code"), "bad-number");
    EXPECT_EQ(textAt(results, "/4/code"), "number-already-held");
    EXPECT_EQ(textAt(results, "/5/code"), "text-too-long");
    EXPECT_EQ(textAt(results, "/1/telephoneNumber"), "0446681811") << "as it was written";
    EXPECT_EQ(
        column(at(world.alp.read("/v1/numbers"), "/items"), "telephoneNumber"),
        (std::vector<std::string>{std::string(World::alpE164), std::string(World::alpSpareE164), "+41446681810"}));
    EXPECT_EQ(world.alp.post("/v1/number-orders", json::object{{"tenantId", world.acmeId}, {"numbers", json::array()}})
                  .code(),
              "invalid-body");
}

TEST_P(Numbers, ANumberHeldElsewhereIsRefusedLikeOneThatCannotBeOrdered) {
    // Bay asks for a number of Alp's, and for one that is being ported already: they cannot be told apart.
    json::object port = order(world.zetaId, {World::nobodys});
    port["kind"] = "port";
    EXPECT_EQ(textAt(world.bay.ordered(port), "/status"), "succeeded");
    const json::value results = at(world.bay.ordered(order(world.zetaId, {World::alpE164})), "/results");
    const json::value others = at(results, "/0");
    const json::value ported = at(world.bay.ordered(port), "/results/0");
    EXPECT_EQ(textAt(others, "/code"), "numberNotAvailable");
    EXPECT_EQ(textAt(others, "/code"), textAt(ported, "/code"));
    EXPECT_EQ(textAt(others, "/message"), textAt(ported, "/message"));
    // The platform gets it to settle.
    const json::value conflicts = at(world.platform.read("/v1/number-conflicts?state=open"), "/items");
    EXPECT_EQ(textAt(conflicts, "/0/telephoneNumber"), World::alpE164);
    EXPECT_EQ(textAt(conflicts, "/0/orderingCarrierId"), world.bayId);
    EXPECT_EQ(textAt(conflicts, "/0/holdingCarrierId"), world.alpId);
    std::vector<std::string> secrets = secretsOfAlp(world);
    std::erase(secrets, "41446681800");  // Bay said it itself
    expectNone(json::serialize(others), secrets, "the refusal");
    EXPECT_EQ(world.alp.read("/v1/numbers/" + world.alpNumber).at("telephoneNumber").as_string(), World::alpE164)
        << "Alp still has it";
    expectNone(json::serialize(at(world.bay.read("/v1/feeds/assignments"), "/items")), secretsOfAlp(world),
               "Bay's feed");

    json::object release = order(world.zetaId, {World::alpE164, World::nobodys});
    release["kind"] = "release";
    const json::value released = at(world.bay.ordered(release), "/results");
    EXPECT_EQ(textAt(released, "/0/code"), textAt(released, "/1/code"));
    EXPECT_EQ(textAt(released, "/0/message"), textAt(released, "/1/message"));
}

TEST_P(Numbers, AssigningSetsTheSipUri) {
    const json::value targets = at(world.acme.read("/v1/tenants/" + world.acmeId + "/targets"), "/items");
    EXPECT_EQ(column(targets, "displayName"), (std::vector<std::string>{"Anna Aare", "Acme Bridge"}));
    EXPECT_EQ(textAt(world.acme.read("/v1/numbers/" + world.alpNumber), "/sipUri"), "sip:anna.aare@acme.example")
        << "the target's own";
    EXPECT_EQ(textAt(world.zeta.read("/v1/numbers/" + world.bayNumber), "/sipUri"), "sip:+12015550123@zeta.example")
        << "made of number and domain";

    const Answer named = world.acme.post(
        "/v1/numbers/" + world.alpSpare + "/assign",
        json::object{{"targetId", world.acmeUser}, {"category", "alternate"}, {"sipUri", "sip:second@acme.example"}});
    EXPECT_EQ(named.status, 202) << named.body;
    EXPECT_EQ(textAt(named.value(), "/state"), "assigned");
    EXPECT_EQ(textAt(named.value(), "/sipUri"), "sip:second@acme.example");
    EXPECT_EQ(textAt(named.value(), "/targetId"), world.acmeUser);
    const Answer seen = world.alp.get("/v1/numbers/" + world.alpSpare);
    EXPECT_EQ(textAt(seen.value(), "/sipUri"), "sip:second@acme.example") << "the carrier gets the SIP URI";
    EXPECT_EQ(textAt(seen.value(), "/targetType"), "user");
    expectNone(seen.whole(), {world.acmeUser, "Anna"}, "the number as its carrier sees it");

    EXPECT_EQ(assign(world.acme, world.alpSpare, world.acmeUser).code(), "transition-not-allowed")
        << "it is assigned already";
    const json::value unassigned =
        world.acme.done("/v1/numbers/" + world.alpSpare + "/unassign", json::object{{"reason", "left the company"}});
    EXPECT_EQ(textAt(unassigned, "/state"), "available");
    expectNone(json::serialize(unassigned), {"sip:", world.acmeUser}, "an unassigned number");
    EXPECT_EQ(world.acme.post("/v1/numbers/" + world.alpSpare + "/unassign", json::object()).code(),
              "transition-not-allowed");
}

TEST_P(Numbers, AssignmentIsRefusedWithItsReason) {
    const auto before = world.acme.read("/v1/numbers/" + world.alpSpare);
    EXPECT_EQ(assign(world.acme, world.alpSpare, world.zetaUser).code(), "unknown-target") << "another tenant's target";
    EXPECT_EQ(assign(world.acme, world.alpSpare, "0197c000-0000-7000-8000-0000000000ff").code(), "unknown-target");
    EXPECT_EQ(assign(world.acme, world.alpSpare, world.acmeBridge).code(), "usage-mismatch")
        << "a number for users, a bridge";
    EXPECT_EQ(world.acme
                  .post("/v1/numbers/" + world.alpSpare + "/assign",
                        json::object{{"targetId", world.acmeUser}, {"category", "alternate"}, {"sipUri", "mailto:x"}})
                  .code(),
              "bad-sip-uri");
    EXPECT_EQ(world.acme.read("/v1/numbers/" + world.alpSpare), before) << "nothing of that changed it";
    EXPECT_EQ(at(world.acme.read("/v1/numbers/" + world.alpSpare + "/history"), "/items").as_array().size(), 1u);
}

TEST_P(Numbers, IfMatchKeepsTwoPeopleFromOverwritingEachOther) {
    const Answer read = world.acme.get("/v1/numbers/" + world.alpSpare);
    EXPECT_EQ(read.headers.value("ETag"), "\"1\"");
    EXPECT_EQ(assign(world.acme, world.alpSpare, world.acmeUser, {{"If-Match", "W/\"1\""}}).code(), "bad-if-match");
    EXPECT_EQ(assign(world.acme, world.alpSpare, world.acmeUser, {{"If-Match", "\"7\""}}).status, 412);
    const Answer assigned = assign(world.acme, world.alpSpare, world.acmeUser, {{"If-Match", "\"1\""}});
    EXPECT_EQ(assigned.status, 202) << assigned.body;
    EXPECT_EQ(assigned.headers.value("ETag"), "\"3\"") << "assign and its confirmation are a step each";
    const Answer late =
        world.acme.post("/v1/numbers/" + world.alpSpare + "/unassign", json::object(), {{"If-Match", "\"1\""}});
    EXPECT_EQ(late.status, 412);
    EXPECT_EQ(late.code(), "version-mismatch");
    EXPECT_EQ(textAt(world.acme.read("/v1/numbers/" + world.alpSpare), "/state"), "assigned");
    EXPECT_EQ(
        world.acme.post("/v1/numbers/" + world.alpSpare + "/unassign", json::object(), {{"If-Match", "*"}}).status,
        202);
}

TEST_P(Numbers, HistoryHasEveryStepAndHidesPeopleFromTheCarrier) {
    world.acme.done("/v1/numbers/" + world.alpNumber + "/unassign", json::object{{"reason", "left"}});
    const json::value steps = at(world.acme.read("/v1/numbers/" + world.alpNumber + "/history"), "/items");
    EXPECT_EQ(column(steps, "action"),
              (std::vector<std::string>{"upload", "assign", "confirmAssignment", "unassign", "confirmUnassignment"}));
    EXPECT_EQ(column(steps, "state"),
              (std::vector<std::string>{"available", "assignmentPending", "assigned", "unassignPending", "available"}));
    EXPECT_EQ(column(steps, "version"), (std::vector<std::string>{"1", "2", "3", "4", "5"}));
    EXPECT_EQ(textAt(steps, "/1/targetId"), world.acmeUser);
    EXPECT_EQ(textAt(steps, "/1/actor"), world.acme.clientId());
    EXPECT_EQ(textAt(steps, "/4/reason"), "left");
    EXPECT_EQ(textAt(steps, "/4/at"), formatInstant(exchange.clock.now()));
    const Answer ofCarrier = world.alp.get("/v1/numbers/" + world.alpNumber + "/history");
    EXPECT_EQ(column(at(ofCarrier.value(), "/items"), "action"), column(steps, "action"));
    expectNone(ofCarrier.whole(), {world.acmeUser, world.acme.clientId(), "Anna Aare"},
               "the history that the carrier reads");
}

TEST_P(Numbers, TheFeedTellsEveryStepInOrderWithoutAGap) {
    std::vector<std::string> states, sequences;
    std::string path = "/v1/feeds/assignments?limit=1";
    for (int page = 0; page < 10; ++page) {
        const Answer answer = world.alp.get(path);
        const json::value body = answer.value();
        for (const std::string& state : column(at(body, "/items"), "state"))
            states.push_back(state);
        for (const std::string& sequence : column(at(body, "/items"), "sequence"))
            sequences.push_back(sequence);
        EXPECT_LE(at(body, "/items").as_array().size(), 1u);
        const std::string link(answer.headers.value("Link"));
        path = link.substr(1, link.find('>') - 1);
        EXPECT_EQ(link, "</v1/feeds/assignments?limit=1&from=first&wait=0&cursor=" + textAt(body, "/next") +
                            ">; rel=\"next\"");
        if (at(body, "/hasMore") == json::value(false)) break;
    }
    EXPECT_EQ(states, (std::vector<std::string>{"available", "available", "assignmentPending", "assigned"}));
    EXPECT_EQ(sequences, (std::vector<std::string>{"1", "2", "3", "4"}));
    const json::value after = world.alp.read(path);
    EXPECT_TRUE(at(after, "/items").as_array().empty());
    world.acme.done("/v1/numbers/" + world.alpNumber + "/unassign", json::object());
    EXPECT_EQ(
        column(at(world.alp.read("/v1/feeds/assignments?cursor=" + textAt(after, "/next")), "/items"), "sequence"),
        (std::vector<std::string>{"5", "6"}));
}

TEST_P(Numbers, AnEventSaysWhatTheCarrierNeedsAndNoMore) {
    const json::value events = at(world.alp.read("/v1/feeds/assignments"), "/items");
    const json::value assigned = at(events, "/3");
    EXPECT_EQ(textAt(assigned, "/number"), World::alpE164);
    EXPECT_EQ(textAt(assigned, "/numberId"), world.alpNumber);
    EXPECT_EQ(textAt(assigned, "/sipUri"), "sip:anna.aare@acme.example");
    EXPECT_EQ(textAt(assigned, "/targetType"), "user");
    EXPECT_EQ(textAt(assigned, "/usage"), "callingUserAssignment");
    EXPECT_EQ(textAt(assigned, "/tenantId"), world.acmeId);
    EXPECT_EQ(textAt(assigned, "/carrierId"), world.alpId);
    EXPECT_EQ(textAt(assigned, "/reference"), "alp-ref-1");
    EXPECT_EQ(textAt(assigned, "/previousState"), "assignmentPending");
    expectNone(json::serialize(events), {world.acmeUser, "Anna Aare", world.acme.clientId()}, "Alp's assignment feed");
    const Answer lines = world.alp.get("/v1/feeds/assignments", {{"Accept", "application/x-ndjson"}});
    EXPECT_EQ(lines.headers.value("Content-Type"), "application/x-ndjson");
    EXPECT_EQ(std::ranges::count(lines.body, '\n'), 4);
}

TEST_P(Numbers, NothingOfOneCarrierReachesTheOther) {
    world.acme.done("/v1/numbers/" + world.alpSpare + "/assign",
                    json::object{{"targetId", world.acmeUser}, {"category", "alternate"}});
    expectNone(everythingSeenBy(world, world.bay), secretsOfAlp(world), "what Bay sees");
    expectNone(everythingSeenBy(world, world.zeta), secretsOfAlp(world), "what Zeta sees");
    expectNone(everythingSeenBy(world, world.alp), secretsOfBay(world), "what Alp sees");
    expectNone(everythingSeenBy(world, world.acme), secretsOfBay(world), "what Acme sees");
    const std::string platform = everythingSeenBy(world, world.platform);
    EXPECT_NE(platform.find("Alp Telecom"), std::string::npos);
    EXPECT_NE(platform.find("Bay Networks"), std::string::npos);
}

TEST_P(Numbers, ALongPollWakesOnAnAssignment) {
    const std::string cursor = textAt(world.alp.read("/v1/feeds/assignments"), "/next");
    Party reader =
        world.makeParty({{"name", "Alp's reader"}, {"role", "carrier"}, {"carriers", json::array{world.alpId}}});
    const std::string own = textAt(reader.read("/v1/feeds/assignments"), "/next");
    EXPECT_EQ(reader.get("/v1/feeds/assignments?cursor=" + cursor).code(), "bad-cursor")
        << "a cursor belongs to the client that got it";
    Answer woken;
    // The manual clock stands still, so that only a ring can end the wait within the client's patience.
    std::thread waiting([&] { woken = reader.get("/v1/feeds/assignments?wait=60&cursor=" + own); });
    world.acme.done("/v1/numbers/" + world.alpSpare + "/assign",
                    json::object{{"targetId", world.acmeUser}, {"category", "alternate"}});
    waiting.join();
    ASSERT_EQ(woken.status, 200) << woken.body;
    const std::vector<std::string> sequences = column(at(woken.value(), "/items"), "sequence");
    ASSERT_FALSE(sequences.empty()) << "the poll ended without the event that it waited for";
    EXPECT_EQ(sequences.front(), "5");
    // What happens to others wakes nobody: Bay's assignment leaves Alp's feed as it is.
    const std::string next = textAt(woken.value(), "/next");
    world.zeta.done("/v1/numbers/" + world.bayNumber + "/unassign", json::object());
    EXPECT_LE(at(reader.read("/v1/feeds/assignments?cursor=" + next), "/items").as_array().size(), 1u);
    expectNone(everythingSeenBy(world, reader), secretsOfBay(world), "Alp's reader");
}

TEST_P(Numbers, AReleasedNumberCanGoToAnotherCarrierAndItsHistoryStays) {
    json::object release = order(world.acmeId, {World::alpSpareE164, World::alpE164});
    release["kind"] = "release";
    const json::value released = world.alp.ordered(release);
    EXPECT_EQ(textAt(released, "/results/0/status"), "succeeded");
    EXPECT_EQ(textAt(released, "/results/1/code"), "transition-not-allowed") << "it is assigned";
    const json::value taken = world.bay.ordered(order(world.zetaId, {World::alpSpareE164}));
    EXPECT_EQ(textAt(taken, "/status"), "succeeded");
    const std::string newId = textAt(taken, "/results/0/numberId");
    EXPECT_NE(newId, world.alpSpare) << "a new holding is a new number";
    EXPECT_EQ(at(world.bay.read("/v1/numbers/" + newId + "/history"), "/items").as_array().size(), 1u)
        << "the new holder sees nothing of before";
    EXPECT_EQ(world.alp.get("/v1/numbers/" + newId).status, 404);
    EXPECT_EQ(world.bay.get("/v1/numbers/" + world.alpSpare).status, 404);
    EXPECT_EQ(column(at(world.alp.read("/v1/numbers/" + world.alpSpare + "/history"), "/items"), "state"),
              (std::vector<std::string>{"available", "releaseRequested", "removed"}));
    auto secrets = secretsOfAlp(world);
    std::erase(secrets, "41446681801");
    expectNone(everythingSeenBy(world, world.bay), secrets, "what Bay sees");
    expectNone(everythingSeenBy(world, world.alp), secretsOfBay(world), "what Alp sees");
}

TEST_P(Numbers, PagesOfTargetsFollowTheirLink) {
    const Answer first = world.acme.get("/v1/tenants/" + world.acmeId + "/targets?limit=1");
    EXPECT_EQ(column(at(first.value(), "/items"), "displayName"), (std::vector<std::string>{"Anna Aare"}));
    const std::string link(first.headers.value("Link"));
    ASSERT_FALSE(link.empty());
    const Answer second = world.acme.get(link.substr(1, link.find('>') - 1));
    EXPECT_EQ(column(at(second.value(), "/items"), "displayName"), (std::vector<std::string>{"Acme Bridge"}));
    EXPECT_FALSE(second.headers.has("Link")) << "it is the last page";
    const std::string cursor = textAt(first.value(), "/next");
    EXPECT_EQ(world.platform.get("/v1/tenants/" + world.acmeId + "/targets?cursor=" + cursor).code(), "bad-cursor")
        << "another client's";
    EXPECT_EQ(world.zeta.get("/v1/tenants/" + world.zetaId + "/targets?cursor=" + cursor).code(), "bad-cursor")
        << "of another list";
}

TEST_P(Numbers, PagesOfTheInventoryFollowTheirLink) {
    std::vector<std::string> seen;
    std::string path = "/v1/numbers?limit=1";
    while (!path.empty()) {
        const Answer page = world.platform.get(path);
        for (const std::string& number : column(at(page.value(), "/items"), "telephoneNumber"))
            seen.push_back(number);
        const std::string link(page.headers.value("Link"));
        path = link.empty() ? "" : link.substr(1, link.find('>') - 1);
        ASSERT_LE(seen.size(), 3u);
    }
    EXPECT_EQ(seen, (std::vector<std::string>{std::string(World::bayE164), std::string(World::alpE164),
                                              std::string(World::alpSpareE164)}));
    EXPECT_EQ(column(at(world.platform.read("/v1/numbers?state=assigned&carrierId=" + world.alpId), "/items"),
                     "telephoneNumber"),
              (std::vector<std::string>{std::string(World::alpE164)}));
}

ON_EVERY_STORE(Numbers);

}  // namespace
}  // namespace meetpoint::tests
