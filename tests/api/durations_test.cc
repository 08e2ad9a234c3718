// Call durations: in from the carrier, judged by who held the number.
#include "api/records.h"

namespace meetpoint::tests {
namespace {

using Words = std::vector<std::string>;

class Durations : public WorldTest {
protected:
    Answer send(Party& party, const json::array& durations, http::Headers headers = {}, const std::string& query = {}) {
        return party.upload("/v1/durations" + query, ndjson(durations), "application/x-ndjson", std::move(headers));
    }
    static Words statuses(const Answer& upload) { return column(at(upload.value(), "/results"), "status"); }
};

TEST_P(Durations, EachRecordIsToldWhatBecameOfIt) {
    const json::object first = durationRecord({});
    EXPECT_EQ(countsOf(send(world.alp, {first, durationRecord({.recordId = "r-2", .outbound = true})})), "created 2");
    EXPECT_EQ(statuses(send(world.alp, {first})), (Words{"unchanged"}));
    json::object withoutRevision = first;
    withoutRevision.erase("revision");
    EXPECT_EQ(statuses(send(world.alp, {withoutRevision})), (Words{"unchanged"})) << "revision 1 if left out";
    EXPECT_EQ(statuses(send(world.alp, {durationRecord({.talk = seconds(61), .revision = 3})})), (Words{"updated"}));
    EXPECT_EQ(statuses(send(world.alp, {durationRecord({.talk = seconds(62), .revision = 2})})), (Words{"outdated"}));
    const Answer conflict = send(world.alp, {durationRecord({.talk = seconds(99), .revision = 3})});
    EXPECT_EQ(statuses(conflict), (Words{"conflict"}));
    EXPECT_EQ(textAt(conflict.value(), "/results/0/code"), "version-conflict");
    EXPECT_EQ(textAt(conflict.value(), "/results/0/key"), "r-1");
    EXPECT_EQ(countsOf(send(world.bay, {durationRecord({.ownNumber = World::bayE164})})), "created 1")
        << "the same recordId of another carrier is another record";
}

TEST_P(Durations, SecondsAreTakenToo) {
    json::object inSeconds = durationRecord({.recordId = "s-1"});
    inSeconds.erase("durationMs");
    inSeconds["durationSeconds"] = 60;
    json::object both = durationRecord({.recordId = "s-2"});
    both["durationSeconds"] = 75;
    json::object neither = durationRecord({.recordId = "s-3"});
    neither.erase("durationMs");
    const Answer sent = send(world.alp, {inSeconds, both, neither});
    EXPECT_EQ(statuses(sent), (Words{"created", "rejected", "rejected"}));
    EXPECT_EQ(textAt(sent.value(), "/results/1/code"), "duration-disagrees");
    EXPECT_EQ(textAt(sent.value(), "/results/2/code"), "missing-field");
    inSeconds.erase("durationSeconds");
    inSeconds["durationMs"] = 60'000;
    EXPECT_EQ(statuses(send(world.alp, {inSeconds})), (Words{"unchanged"})) << "the same duration in another unit";
}

TEST_P(Durations, AnothersNumberIsRefusedWithoutSayingWhose) {
    const Answer sent = send(world.bay, {durationRecord({.recordId = "of-alp"}),
                                         durationRecord({.recordId = "own", .ownNumber = World::bayE164}),
                                         durationRecord({.recordId = "nobody's", .ownNumber = World::nobodys})});
    EXPECT_EQ(statuses(sent), (Words{"rejected", "created", "created"}))
        << "a number that nobody holds is accepted, flagged";
    EXPECT_EQ(textAt(sent.value(), "/results/0/code"), "number-not-yours");
    EXPECT_EQ(textAt(sent.value(), "/results/0/pointer"), "/ownNumber");
    auto secrets = secretsOfAlp(world);
    expectNone(sent.whole(), secrets, "the refusal");
    const std::string upload = "/v1/uploads/" + textAt(sent.value(), "/uploadId");
    expectNone(world.bay.get(upload + "/results").whole(), secrets, "the receipt");
    // Its content is not kept: Alp's day knows nothing of it.
    world.platform.upload("/v1/calls", ndjson({callRecord({.number = 1})}));
    const json::value day = world.alp.done("/v1/reconciliation/runs", json::object{{"date", World::day}});
    expectNone(json::serialize(day), {"of-alp", "nobody's"}, "Alp's report");
    EXPECT_EQ(column(at(world.alp.read("/v1/reconciliation/items?date=" + std::string(World::day)), "/items"),
                     "theirRecords"),
              (Words{"[]"}));
    EXPECT_EQ(countsOf(send(world.bay, {durationRecord({.recordId = "of-alp", .ownNumber = World::bayE164})})),
              "created 1")
        << "no trace of the refused one";
}

TEST_P(Durations, ANumberHeldWithinADayAndTwoHoursCounts) {
    const Instant held = ExchangeUnderTest::firstInstant;  // since then
    const Answer sent =
        send(world.alp, {durationRecord({.recordId = "a", .startedAt = held - hours(26)}),
                         durationRecord({.recordId = "b", .startedAt = held - hours(26) - milliseconds(1)})});
    EXPECT_EQ(countsOf(sent), "created 2") << "its clock or zone may be wrong; before that nobody held the number";

    // From here on the spare number is Bay's.
    const Instant ported = exchange.clock.now();
    const auto order = [&](const std::string& kind, const std::string& tenant) {
        return json::object{{"kind", kind},
                            {"tenantId", tenant},
                            {"numbers", json::array{json::object{{"telephoneNumber", World::alpSpareE164}}}}};
    };
    world.alp.ordered(order("release", world.acmeId));
    world.bay.ordered(order("upload", world.zetaId));
    world.advance(days(3));
    const auto spare = [&](const char* id, Instant at) {
        return durationRecord({.recordId = id, .startedAt = at, .ownNumber = World::alpSpareE164});
    };
    EXPECT_EQ(statuses(send(world.alp, {spare("c", ported + hours(25)), spare("d", ported + hours(27))})),
              (Words{"created", "rejected"}));
    EXPECT_EQ(statuses(send(world.bay, {spare("e", ported - hours(25)), spare("f", ported - hours(27))})),
              (Words{"created", "rejected"}));
}

TEST_P(Durations, WithoutConsentNothingIsTaken) {
    world.acme.done("/v1/consents/" + world.alpConsent + "/state",
                    json::object{{"state", "ended"}, {"reason", "no more"}});
    const Instant ended = exchange.clock.now();
    world.advance(days(3));
    const Answer sent = send(world.alp, {durationRecord({.recordId = "before", .startedAt = ended - hours(1)}),
                                         durationRecord({.recordId = "after", .startedAt = ended + hours(1)})});
    EXPECT_EQ(statuses(sent), (Words{"created", "rejected"}));
    EXPECT_EQ(textAt(sent.value(), "/results/1/code"), "consent-missing");
    world.advance(days(90));
    EXPECT_EQ(statuses(send(world.alp, {durationRecord({.recordId = "late", .startedAt = ended - hours(1)})})),
              (Words{"rejected"}))
        << "the wind-down is over";
}

TEST_P(Durations, AnAggregatorNamesTheCarrierInEachRequest) {
    Party both = world.makeParty(
        {{"name", "Aggregator"}, {"role", "carrier"}, {"carriers", json::array{world.alpId, world.bayId}}});
    EXPECT_EQ(send(both, {durationRecord({})}).code(), "carrier-required");
    EXPECT_EQ(countsOf(send(both, {durationRecord({})}, {}, "?carrierId=" + world.alpId)), "created 1");
    EXPECT_EQ(statuses(send(both, {durationRecord({})}, {}, "?carrierId=" + world.bayId)), (Words{"rejected"}))
        << "as Bay it does not hold Alp's number";
    EXPECT_EQ(countsOf(send(world.alp, {durationRecord({})})), "unchanged 1") << "it is Alp's record, whoever sent it";
    EXPECT_EQ(send(world.alp, {durationRecord({})}, {}, "?carrierId=" + world.bayId).status, 404);
}

TEST_P(Durations, AnIdempotencyKeyReplaysTheReceipt) {
    const json::array durations{durationRecord({}), durationRecord({.recordId = "x", .ownNumber = World::bayE164})};
    const http::Headers key{{"Idempotency-Key", "day-1"}};
    const Answer sent = send(world.alp, durations, key), again = send(world.alp, durations, key);
    EXPECT_EQ(countsOf(sent), "created 1, rejected 1");
    EXPECT_EQ(countsOf(again), countsOf(sent));
    EXPECT_EQ(statuses(again), statuses(sent));
    EXPECT_EQ(textAt(again.value(), "/uploadId"), textAt(sent.value(), "/uploadId"));
    EXPECT_EQ(send(world.alp, {durationRecord({.recordId = "other"})}, key).code(), "idempotency-key-reused");
    EXPECT_EQ(countsOf(send(world.bay, {durationRecord({.ownNumber = World::bayE164})}, key)), "created 1")
        << "another client's key is another key";
}

ON_EVERY_STORE(Durations);

}  // namespace
}  // namespace meetpoint::tests
