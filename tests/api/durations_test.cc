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

TEST_P(Durations, UnitBasisAndRoundingAreDeclaredForAllOfAnUpload) {
    json::object plain = durationRecord({.recordId = "d-1"});
    plain["durationMs"] = 2;
    plain.erase("durationBasis");
    json::object own = durationRecord({.recordId = "d-2"});
    own["durationMs"] = 3;
    own["durationBasis"] = "answer";
    const Answer sent = send(world.alp, {plain, own}, {}, "?unit=min&basis=invite&rounding=up&roundingStepMs=60000");
    EXPECT_EQ(countsOf(sent), "created 2");
    const json::value upload = world.alp.read("/v1/uploads/" + textAt(sent.value(), "/uploadId"));
    EXPECT_EQ(at(upload, "/declared"),
              (json::value{{"unit", "min"}, {"basis", "invite"}, {"rounding", "up"}, {"roundingStepMs", 60'000}}));
    EXPECT_EQ(at(world.alp.read("/v1/uploads"), "/items/0/declared"), at(upload, "/declared"));
    const auto read = [&](const std::string& id) { return at(world.alp.read("/v1/durations/" + id), "/duration"); };
    EXPECT_EQ(textAt(read("d-1"), "/durationMs"), "120000");
    EXPECT_EQ(textAt(read("d-1"), "/durationBasis"), "invite");
    EXPECT_EQ(textAt(read("d-1"), "/rounding"), "up");
    EXPECT_EQ(textAt(read("d-1"), "/roundingStepMs"), "60000");
    EXPECT_EQ(textAt(read("d-2"), "/durationMs"), "180000");
    EXPECT_EQ(textAt(read("d-2"), "/durationBasis"), "answer") << "what a record says of itself stays";

    const Answer undeclared = send(world.alp, {durationRecord({.recordId = "d-3"})});
    EXPECT_FALSE(
        world.alp.read("/v1/uploads/" + textAt(undeclared.value(), "/uploadId")).as_object().contains("declared"));
    EXPECT_FALSE(read("d-3").as_object().contains("rounding"));
}

TEST_P(Durations, ADeclarationThatIsNotOneIsRefused) {
    const json::array one{durationRecord({})};
    EXPECT_EQ(send(world.alp, one, {}, "?unit=hours").code(), "bad-parameters");
    EXPECT_EQ(send(world.alp, one, {}, "?basis=hangup").code(), "bad-parameters");
    EXPECT_EQ(send(world.alp, one, {}, "?rounding=up").code(), "bad-declaration");
    EXPECT_EQ(send(world.alp, one, {}, "?roundingStepMs=6000").code(), "bad-declaration");
    EXPECT_EQ(send(world.alp, one, {}, "?rounding=up&roundingStepMs=0").code(), "bad-parameters");
    EXPECT_EQ(send(world.alp, one, {}, "?rounding=up&roundingStepMs=3600001").code(), "bad-parameters");
    EXPECT_EQ(world.alp.get("/v1/durations/r-1").status, 404) << "nothing was stored";
    EXPECT_EQ(world.platform.upload("/v1/calls?unit=s", ndjson({callRecord({})})).code(), "bad-parameters");
}

TEST_P(Durations, AnUploadIsSentAgainUnderTheSameDeclaration) {
    const json::array one{durationRecord({})};
    const http::Headers key{{"Idempotency-Key", "march"}};
    const Answer first = send(world.alp, one, key, "?basis=invite");
    EXPECT_EQ(countsOf(first), "created 1");
    EXPECT_EQ(textAt(send(world.alp, one, key, "?basis=invite").value(), "/uploadId"),
              textAt(first.value(), "/uploadId"));
    EXPECT_EQ(send(world.alp, one, key, "?basis=ring").code(), "idempotency-key-reused");
    EXPECT_EQ(send(world.alp, one, key).code(), "idempotency-key-reused");
}

TEST_P(Durations, DataThatShowSomethingElseThanDeclaredDeviate) {
    json::array calls, durations;
    for (int i = 1; i <= 20; ++i) {
        const std::string far = "+4179555" + std::to_string(1000 + i);
        const CallFacts facts{.number = i,
                              .invitedAt = World::noon + minutes(i * 7) + seconds(i),
                              .talk = seconds(40 + i),
                              .ringing = seconds(12),
                              .farEnd = far};
        calls.push_back(callRecord(facts));
        json::object duration = durationOf(facts, "r-" + std::to_string(i));
        duration.erase("durationBasis");
        duration["durationMs"] = 40 + i + 12;
        durations.push_back(std::move(duration));
    }
    world.platform.upload("/v1/calls", ndjson(calls));
    EXPECT_EQ(countsOf(send(world.alp, durations, {}, "?unit=s&basis=answer")), "created 20");
    const json::value day = world.alp.done("/v1/reconciliation/runs", json::object{{"date", World::day}});
    const json::value deviations = at(day, "/report/deviations");
    ASSERT_EQ(deviations.as_array().size(), 1u) << json::serialize(day);
    EXPECT_EQ(textAt(deviations, "/0/term"), "durationBasis");
    EXPECT_EQ(textAt(deviations, "/0/declared"), "answer");
    EXPECT_EQ(textAt(deviations, "/0/shown"), "invite");
    EXPECT_EQ(textAt(deviations, "/0/outOf"), "20");
    EXPECT_EQ(json::serialize(day).find("durationUnit"), std::string::npos) << "the declared unit is converted";
}

TEST_P(Durations, AnUndeclaredUnitIsSeenAndNamed) {
    TwoSides sides = twoSides(60, 5);
    for (json::value& duration : sides.durations)
        duration.as_object()["durationMs"] = at(duration, "/durationMs").to_number<std::int64_t>() / 1'000;
    world.platform.upload("/v1/calls", ndjson(sides.calls));
    EXPECT_EQ(countsOf(send(world.alp, sides.durations)), "created 60");
    const json::value day = world.alp.done("/v1/reconciliation/runs", json::object{{"date", World::day}});
    EXPECT_EQ(textAt(day, "/report/counts/missingAtCarrier"), "0") << json::serialize(day);
    const json::value diagnosis = at(day, "/report/diagnosis");
    bool isNamed = false;
    for (const json::value& found : diagnosis.as_array()) {
        if (textAt(found, "/cause") != "durationUnit") continue;
        isNamed = true;
        EXPECT_EQ(at(found, "/value"), (json::value{{"multiply", 1'000}, {"divide", 1}}));
    }
    EXPECT_TRUE(isNamed) << json::serialize(diagnosis);
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

TEST_P(Durations, UploadsAreListedToWhoSentThem) {
    std::vector<std::string> sent;
    for (const char* id : {"a", "b", "c"}) {
        sent.insert(sent.begin(), textAt(send(world.alp, {durationRecord({.recordId = id})}).value(), "/uploadId"));
        world.advance(seconds(1));
    }
    const std::string bays =
        textAt(send(world.bay, {durationRecord({.ownNumber = World::bayE164})}).value(), "/uploadId");
    const json::value first = world.alp.read("/v1/uploads?limit=2&kind=durations");
    EXPECT_EQ(column(at(first, "/items"), "uploadId"), (Words{sent[0], sent[1]})) << "the newest first";
    EXPECT_EQ(at(first, "/items/0/counts/created"), json::value(1));
    const json::value second = world.alp.read("/v1/uploads?limit=2&kind=durations&cursor=" + textAt(first, "/next"));
    EXPECT_EQ(column(at(second, "/items"), "uploadId"), (Words{sent[2]}));
    EXPECT_FALSE(second.as_object().contains("next"));
    EXPECT_TRUE(at(world.alp.read("/v1/uploads?kind=calls"), "/items").as_array().empty());
    expectNone(world.alp.get("/v1/uploads").whole(), {bays}, "Alp's uploads");
    EXPECT_EQ(at(world.platform.read("/v1/uploads?kind=durations"), "/items").as_array().size(), 4u);
    EXPECT_EQ(world.alp.get("/v1/uploads?kind=calls&cursor=" + textAt(first, "/next")).code(), "bad-cursor")
        << "a cursor of another list";
}

// An upload that was made by mistake is taken back as further revisions: none of its records counts any more, nothing
// is deleted, and what others have sent meanwhile stays.
class Withdrawal : public Durations {
protected:
    std::string uploadIdOf(const Answer& sent) { return textAt(sent.value(), "/uploadId"); }
    Answer withdraw(Party& party, const std::string& upload) {
        return party.post("/v1/uploads/" + upload + "/withdraw", json::object{{"reason", "the wrong file"}});
    }
    Words recordsShown(const std::string& query = {}) {
        return column(
            at(world.alp.read("/v1/durations?from=2026-03-01T00:00:00Z&to=2026-03-31T00:00:00Z" + query), "/items"),
            "recordId");
    }
    json::value runDay() { return world.alp.done("/v1/reconciliation/runs", json::object{{"date", World::day}}); }
};

TEST_P(Withdrawal, TakesEveryRecordBackAndTheDayFollows) {
    world.platform.upload("/v1/calls", ndjson({callRecord({.number = 1})}));
    const std::string upload =
        uploadIdOf(send(world.alp, {durationRecord({}), durationRecord({.recordId = "r-2", .outbound = true})}));
    EXPECT_EQ(recordsShown().size(), 2u);
    const json::value before = runDay();
    EXPECT_NE(at(before, "/report/counts/missingAtPlatform"), json::value(0));
    const Answer done = withdraw(world.alp, upload);
    ASSERT_EQ(done.status, 200) << done.whole();
    EXPECT_EQ(at(done.value(), "/withdrawn"), json::value(2));
    EXPECT_EQ(at(done.value(), "/overtaken"), json::value(0));
    EXPECT_EQ(recordsShown(), Words());
    EXPECT_EQ(textAt(world.alp.read("/v1/uploads/" + upload), "/withdrawnReason"), "the wrong file");
    EXPECT_EQ(
        column(at(world.alp.read("/v1/reconciliation/items?date=" + std::string(World::day)), "/items"), "theirRecords")
            .empty(),
        false);
    const json::value after = runDay();
    EXPECT_EQ(at(after, "/report/counts/missingAtPlatform"), json::value(0));
    EXPECT_EQ(at(after, "/report/counts/missingAtCarrier"), json::value(1));
}

TEST_P(Withdrawal, CanBeAskedForAgainAndTheRecordCanComeAgain) {
    const std::string upload = uploadIdOf(send(world.alp, {durationRecord({}), durationRecord({.recordId = "r-2"})}));
    withdraw(world.alp, upload);
    const Answer again = withdraw(world.alp, upload);
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(at(again.value(), "/withdrawn"), json::value(0)) << "done already";
    EXPECT_EQ(statuses(send(world.alp, {durationRecord({.talk = seconds(70), .revision = 2})})), (Words{"conflict"}))
        << "revision 2 says that it is withdrawn";
    EXPECT_EQ(statuses(send(world.alp, {durationRecord({.talk = seconds(70), .revision = 3})})), (Words{"updated"}));
    EXPECT_EQ(recordsShown(), (Words{"r-1"}));
}

TEST_P(Withdrawal, LeavesWhatALaterUploadHasCorrected) {
    const std::string wrong = uploadIdOf(send(world.alp, {durationRecord({}), durationRecord({.recordId = "r-2"})}));
    const std::string right = uploadIdOf(send(world.alp, {durationRecord({.talk = seconds(61), .revision = 2})}));
    const Answer done = withdraw(world.alp, wrong);
    EXPECT_EQ(at(done.value(), "/withdrawn"), json::value(1));
    EXPECT_EQ(at(done.value(), "/overtaken"), json::value(1));
    EXPECT_EQ(recordsShown(), (Words{"r-1"}));
    EXPECT_EQ(at(withdraw(world.alp, right).value(), "/withdrawn"), json::value(1));
    EXPECT_EQ(recordsShown(), Words()) << "withdrawn as a whole: the first revision was a mistake too";
}

TEST_P(Withdrawal, IsForItsSenderAndForDurationsAlone) {
    const std::string alps = uploadIdOf(send(world.alp, {durationRecord({})}));
    EXPECT_EQ(withdraw(world.bay, alps).status, 404);
    EXPECT_EQ(recordsShown(), (Words{"r-1"}));
    const Answer calls = world.platform.upload("/v1/calls", ndjson({callRecord({.number = 1})}));
    EXPECT_EQ(withdraw(world.alp, uploadIdOf(calls)).status, 404);
    EXPECT_EQ(world.alp.post("/v1/uploads/" + alps + "/withdraw", json::object{{"reason", ""}}).status, 400);
    EXPECT_EQ(withdraw(world.alp, "00000000-0000-4000-8000-000000000000").status, 404);
}

ON_EVERY_STORE(Durations);
ON_EVERY_STORE(Withdrawal);

}  // namespace
}  // namespace meetpoint::tests
