// One call by its id: who sees what of it, its versions, and the carrier's records beside it.
#include "api/records.h"

namespace meetpoint::tests {
namespace {

using Words = std::vector<std::string>;

class OneCall : public WorldTest {
protected:
    void send(const json::array& calls) { world.platform.upload("/v1/calls", ndjson(calls)); }
    static std::string pathOf(int number) { return "/v1/calls/" + callId(number); }
};

TEST_P(OneCall, IsTheSameRecordAsInTheFeed) {
    send({callRecord({.number = 1}), callRecord({.number = 2, .outbound = true})});
    const json::value feed = at(world.alp.read("/v1/feeds/calls"), "/items");
    for (const int number : {1, 2}) {
        const json::value answer = world.alp.read(pathOf(number));
        EXPECT_EQ(at(answer, "/call"), feed.at(static_cast<std::size_t>(number - 1)));
        EXPECT_EQ(at(answer, "/durations"), json::value(json::array()));
    }
    EXPECT_EQ(world.alp.get(pathOf(3)).code(), "not-found");
    EXPECT_EQ(world.alp.get("/v1/calls/17").status, 404) << "what is no id names nothing";
}

TEST_P(OneCall, IsShownToEachAsTheyMaySeeIt) {
    send({callRecord({.number = 1})});
    const std::string path = pathOf(1);
    const json::value platform = world.platform.read(path), carrier = world.alp.read(path),
                      tenant = world.acme.read(path), auditor = world.auditor.read(path);
    for (const json::value& answer : {platform, carrier, tenant, auditor}) {
        EXPECT_EQ(textAt(answer, "/call/callId"), callId(1));
        EXPECT_EQ(textAt(answer, "/call/carrierId"), world.alpId);
        EXPECT_EQ(textAt(answer, "/call/durationMs"), "60000");
    }
    EXPECT_EQ(textAt(platform, "/call/callerNumber"), World::stranger);
    EXPECT_EQ(textAt(platform, "/call/userId"), World::callUser);
    EXPECT_EQ(textAt(carrier, "/call/callerNumber"), World::stranger);
    EXPECT_EQ(textAt(carrier, "/call/streams/1/mos"), "3.5E0");
    EXPECT_EQ(textAt(tenant, "/call/callerNumber"), "+4179123****") << "Switzerland hides four digits";
    EXPECT_EQ(textAt(tenant, "/call/endpoint/userAgent"), "softphone/7.1");
    EXPECT_EQ(textAt(auditor, "/call/callerNumber"), "+4179123****");
    expectNone(world.alp.get(path).whole(), {std::string(World::callUser), "softphone", "userId"}, "a carrier's call");
    expectNone(world.acme.get(path).whole(), {"41791234567"}, "a Swiss tenant's call");
    expectNone(world.auditor.get(path).whole(),
               {"41791234567", "192.0.2.55", "mos", "sip-1@", std::string(World::callUser), "softphone", "streams"},
               "an auditor's call");
}

TEST_P(OneCall, TheNewestAnswersAndEveryVersionCanBeRead) {
    send({callRecord({.number = 1, .talk = seconds(10)})});
    world.advance(minutes(1));
    send({callRecord({.number = 1, .talk = seconds(12), .version = 3})});
    send({callRecord({.number = 1, .talk = seconds(11), .version = 2})});
    EXPECT_EQ(textAt(world.alp.read(pathOf(1)), "/call/version"), "3");
    for (const int version : {1, 2, 3}) {
        const json::value answer = world.alp.read(pathOf(1) + "?version=" + std::to_string(version));
        EXPECT_EQ(textAt(answer, "/call/version"), std::to_string(version));
        EXPECT_EQ(textAt(answer, "/call/durationMs"), std::to_string(9'000 + 1'000 * version));
    }
    EXPECT_EQ(world.alp.get(pathOf(1) + "?version=4").code(), "not-found");
    const json::value versions = at(world.alp.read(pathOf(1) + "/versions"), "/items");
    EXPECT_EQ(column(versions, "version"), (Words{"1", "2", "3"})) << "the lowest first, however they came";
    EXPECT_EQ(column(versions, "sequence"), (Words{"1", "3", "2"}));
    EXPECT_NE(textAt(versions, "/0/storedAt"), textAt(versions, "/2/storedAt"));
    for (Party* party : {&world.acme, &world.platform, &world.auditor})
        EXPECT_EQ(column(at(party->read(pathOf(1) + "/versions"), "/items"), "version"), (Words{"1", "2", "3"}));
}

TEST_P(OneCall, ThatBelongsToNobodyIsThePlatformsAlone) {
    send({callRecord({.number = 1, .ownNumber = World::nobodys})});
    const json::value answer = world.platform.read(pathOf(1));
    EXPECT_EQ(textAt(answer, "/call/calleeNumber"), World::nobodys);
    EXPECT_FALSE(at(answer, "/call").as_object().contains("carrierId"));
    for (Party* party : {&world.alp, &world.bay, &world.acme, &world.auditor})
        EXPECT_EQ(party->get(pathOf(1)).code(), "not-found");
    EXPECT_EQ(world.platform.get(pathOf(1) + "?carrierId=" + world.alpId).code(), "not-found");
    // A later version whose number is held goes to its holder; what came before stays with nobody.
    send({callRecord({.number = 1, .version = 2})});
    EXPECT_EQ(textAt(world.platform.read(pathOf(1)), "/call/version"), "2");
    EXPECT_EQ(column(at(world.platform.read(pathOf(1) + "/versions"), "/items"), "version"), (Words{"1", "2"}));
    EXPECT_EQ(column(at(world.alp.read(pathOf(1) + "/versions"), "/items"), "version"), (Words{"2"}));
}

TEST_P(OneCall, AnAggregatorNamesTheCarrier) {
    send({callRecord({.number = 1}), callRecord({.number = 2, .ownNumber = World::bayE164})});
    Party both = world.makeParty(
        {{"name", "Aggregator"}, {"role", "carrier"}, {"carriers", json::array{world.alpId, world.bayId}}});
    EXPECT_EQ(both.get(pathOf(1)).code(), "carrier-required");
    EXPECT_EQ(textAt(both.read(pathOf(1) + "?carrierId=" + world.alpId), "/call/callId"), callId(1));
    EXPECT_EQ(both.get(pathOf(1) + "?carrierId=" + world.bayId).code(), "not-found");
    EXPECT_EQ(textAt(world.platform.read(pathOf(2) + "?carrierId=" + world.bayId), "/call/callId"), callId(2));
}

class CallWithDurations : public OneCall {
protected:
    Words durationsOf(Party& party, int number) {
        return column(at(party.read(pathOf(number)), "/durations"), "recordId");
    }
    void upload(const json::array& durations) { world.alp.upload("/v1/durations", ndjson(durations)); }
};

TEST_P(CallWithDurations, ThatNameItStandBesideIt) {
    const CallFacts call{.number = 1}, other{.number = 2, .invitedAt = World::noon + minutes(10)};
    send({callRecord(call), callRecord(other)});
    json::object naming = durationOf(call, "r-1"), shouting = durationOf(call, "r-2");
    naming["callId"] = callId(1);
    shouting["callId"] = "no id at all";
    upload({naming, shouting, durationOf(other, "r-3")});
    EXPECT_EQ(durationsOf(world.alp, 1), (Words{"r-1"}));
    EXPECT_EQ(durationsOf(world.alp, 2), (Words{})) << "nothing has been reconciled yet";
    naming["revision"] = 2;
    naming["durationMs"] = 59'000;
    upload({naming});
    for (Party* party : {&world.alp, &world.platform, &world.acme, &world.auditor}) {
        const json::value durations = at(party->read(pathOf(1)), "/durations");
        EXPECT_EQ(column(durations, "revision"), (Words{"2"})) << "only the newest revision";
        EXPECT_EQ(textAt(durations, "/0/durationMs"), "59000");
    }
    expectNone(world.acme.get(pathOf(1)).whole(), {"41791234567"}, "a Swiss tenant's call with its durations");
}

TEST_P(CallWithDurations, ThatReconciliationPairedStandBesideIt) {
    const TwoSides sides = twoSides(40, 7);
    send(sides.calls);
    upload(sides.durations);
    EXPECT_EQ(durationsOf(world.alp, 5), (Words{}));
    world.alp.done("/v1/reconciliation/runs", json::object{{"date", World::day}});
    for (const int number : {1, 5, 17, 40})
        EXPECT_EQ(durationsOf(world.alp, number), (Words{"r-" + std::to_string(number)})) << number;
    for (Party* party : {&world.platform, &world.acme, &world.auditor})
        EXPECT_EQ(durationsOf(*party, 17), (Words{"r-17"}));
}

ON_EVERY_STORE(OneCall);
ON_EVERY_STORE(CallWithDurations);

}  // namespace
}  // namespace meetpoint::tests
