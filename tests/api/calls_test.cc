// Call records: in from the platform, out to the carrier whose they are, to nobody else.
#include "api/records.h"
#include "http/test_support.h"

namespace meetpoint::tests {
namespace {

using Words = std::vector<std::string>;

constexpr const char* ndjsonType = "application/x-ndjson";
constexpr const char* arrowType = "application/vnd.apache.arrow.stream";

class Calls : public WorldTest {
protected:
    Answer send(const json::array& calls, http::Headers headers = {}) {
        return world.platform.upload("/v1/calls", ndjson(calls), ndjsonType, std::move(headers));
    }
    json::array feedOf(Party& party) { return itemsOf(party.get("/v1/feeds/calls", {{"Accept", ndjsonType}})); }
    static Words statuses(const Answer& upload) { return column(at(upload.value(), "/results"), "status"); }
};

TEST_P(Calls, EveryFormAndEncodingIsRead) {
    int number = 0;
    struct Encoding {
        const char* name;
        std::string (*encode)(std::string_view);
    };
    const Encoding encodings[] = {{"identity", [](std::string_view text) { return std::string(text); }},
                                  {"gzip", http::gzip},
                                  {"zstd", http::zstd}};
    for (const Encoding& encoding : encodings)
        for (const std::string type : {"application/json", "application/x-ndjson"}) {
            const json::array calls{callRecord({.number = ++number}),
                                    callRecord({.number = ++number, .outbound = true})};
            const std::string body = type == ndjsonType ? ndjson(calls) : json::serialize(calls);
            const Answer answer =
                world.platform.upload("/v1/calls", encoding.encode(body), type, {{"Content-Encoding", encoding.name}});
            EXPECT_EQ(countsOf(answer), "created 2") << type << " " << encoding.name;
            EXPECT_EQ(column(at(answer.value(), "/results"), "key"), (Words{callId(number - 1), callId(number)}));
        }
    EXPECT_EQ(countsOf(world.platform.upload("/v1/calls", json::serialize(callRecord({.number = ++number})),
                                             "application/json")),
              "created 1")
        << "a single object";
    const std::string csv = "callId,version,direction,callerNumber,calleeNumber,invitedAt,endedAt,durationMs\n" +
                            callId(++number) + ",1,inbound,+41791234567," + std::string(World::alpE164) +
                            ",2026-03-09T12:00:00Z,2026-03-09T12:01:00Z,60000\n";
    EXPECT_EQ(countsOf(world.platform.upload("/v1/calls", csv, "text/csv")), "created 1");
    Words sequences, ids;
    for (int i = 1; i <= number; ++i) {
        sequences.push_back(std::to_string(i));
        ids.push_back(callId(i));
    }
    EXPECT_EQ(column(feedOf(world.alp), "sequence"), sequences);
    EXPECT_EQ(column(feedOf(world.alp), "callId"), ids) << "in the order of arrival";
}

TEST_P(Calls, EachRecordIsToldWhatBecameOfIt) {
    const json::object first = callRecord({.number = 1}), third = callRecord({.number = 1, .version = 3});
    EXPECT_EQ(statuses(send({first, callRecord({.number = 2})})), (Words{"created", "created"}));
    EXPECT_EQ(statuses(send({first})), (Words{"unchanged"}));
    EXPECT_EQ(statuses(send({third})), (Words{"updated"}));
    EXPECT_EQ(statuses(send({callRecord({.number = 1, .version = 2})})), (Words{"outdated"}));
    json::object changed = third;
    changed["trunk"] = "another.example";
    json::object broken = callRecord({.number = 3});
    broken["calleeNumber"] = "+0";
    const Answer mixed = send({third, changed, broken, callRecord({.number = 4})});
    EXPECT_EQ(countsOf(mixed), "created 1, unchanged 1, conflict 1, rejected 1");
    EXPECT_EQ(statuses(mixed), (Words{"unchanged", "conflict", "rejected", "created"}));
    const json::value results = at(mixed.value(), "/results");
    EXPECT_EQ(textAt(results, "/1/code"), "version-conflict");
    EXPECT_EQ(textAt(results, "/1/key"), callId(1));
    EXPECT_EQ(textAt(results, "/2/pointer"), "/calleeNumber");
    EXPECT_EQ(textAt(results, "/2/code"), "bad-number");
    EXPECT_EQ(textAt(results, "/2/line"), "3");
    EXPECT_EQ(textAt(results, "/2/index"), "2");
    EXPECT_EQ(column(feedOf(world.alp), "version"), (Words{"1", "1", "3", "2", "1"}))
        << "each version once, in order of arrival";
    expectNone(json::serialize(feedOf(world.alp)), {"another.example", callId(3)}, "the feed");
}

TEST_P(Calls, TheFeedIsTheSameInEveryForm) {
    send({callRecord({.number = 1}), callRecord({.number = 2, .talk = {}}),
          callRecord({.number = 3, .outbound = true})});
    const Answer page = world.alp.get("/v1/feeds/calls"),
                 lines = world.alp.get("/v1/feeds/calls", {{"Accept", ndjsonType}});
    EXPECT_EQ(page.headers.value("Content-Type"), "application/json");
    EXPECT_EQ(lines.headers.value("Content-Type"), ndjsonType);
    EXPECT_EQ(at(page.value(), "/items"), json::value(itemsOf(lines)));
    EXPECT_EQ(textAt(page.value(), "/carrierId"), world.alpId);
    EXPECT_EQ(page.headers.value("Link"), lines.headers.value("Link"));
    for (const std::string table : {"calls", "streams"}) {
        const Answer arrow = world.alp.get("/v1/feeds/calls?table=" + table, {{"Accept", arrowType}});
        EXPECT_EQ(arrow.status, 200);
        EXPECT_EQ(arrow.headers.value("Content-Type"), arrowType);
        EXPECT_TRUE(arrow.body.starts_with("\xff\xff\xff\xff")) << "an encapsulated message";
        EXPECT_TRUE(arrow.body.ends_with(std::string("\xff\xff\xff\xff\0\0\0\0", 8))) << "end of stream";
        EXPECT_NE(arrow.body.find(textAt(page.value(), "/next")), std::string::npos)
            << "the cursor in the schema's metadata";
        expectNone(arrow.body, {"userId", "endpointUserAgent"}, "the Arrow schema for a carrier");
    }
    EXPECT_EQ(world.alp.get("/v1/feeds/calls", {{"Accept", "text/html"}}).code(), "not-acceptable");
}

TEST_P(Calls, ACarrierSeesItsCallsWithQualityAndWithoutPeople) {
    send({callRecord({.number = 1})});
    const json::value call = feedOf(world.alp).at(0);
    EXPECT_EQ(textAt(call, "/carrierId"), world.alpId);
    EXPECT_EQ(textAt(call, "/tenantId"), world.acmeId);
    EXPECT_EQ(textAt(call, "/reference"), "alp-ref-1");
    EXPECT_EQ(textAt(call, "/callerNumber"), World::stranger);
    EXPECT_EQ(textAt(call, "/calleeNumber"), World::alpE164);
    EXPECT_EQ(textAt(call, "/invitedAt"), formatInstant(World::noon));
    EXPECT_EQ(textAt(call, "/storedAt"), formatInstant(exchange.clock.now()));
    EXPECT_EQ(textAt(call, "/durationMs"), "60000");
    EXPECT_EQ(textAt(call, "/sipCallId"), "sip-1@sbc.example");
    EXPECT_EQ(at(call, "/streams").as_array().size(), 2u);
    EXPECT_EQ(at(call, "/streams/0/mos").to_number<double>(), 4.25);
    EXPECT_EQ(textAt(call, "/endpoint/ipAddress"), "192.0.2.55");
    const std::vector<std::string> people{std::string(World::callUser), "userId", "userAgent", "softphone"};
    for (const char* accept : {"application/json", ndjsonType, arrowType})
        expectNone(world.alp.get("/v1/feeds/calls", {{"Accept", accept}}).whole(), people, accept);
    const Answer platform = world.platform.get("/v1/feeds/calls?carrierId=" + world.alpId);
    EXPECT_EQ(textAt(platform.value(), "/items/0/userId"), World::callUser) << "the platform sees whom it is about";
    EXPECT_EQ(textAt(platform.value(), "/items/0/endpoint/userAgent"), "softphone/7.1");
}

TEST_P(Calls, AfterThirtyDaysTheFarEndIsMaskedAndTheNetworkIsGone) {
    send({callRecord({.number = 1}), callRecord({.number = 2, .ownNumber = World::bayE164, .farEnd = "+12025550147"})});
    exchange.clock.set(World::noon + days(30));
    world.logInAll();
    EXPECT_EQ(textAt(feedOf(world.alp).at(0), "/callerNumber"), World::stranger) << "30 days are not over";
    world.advance(milliseconds(1));
    EXPECT_EQ(textAt(feedOf(world.alp).at(0), "/callerNumber"), "+4179123****") << "Switzerland hides four digits";
    EXPECT_EQ(textAt(feedOf(world.bay).at(0), "/callerNumber"), "+12025550***");
    for (Party* party : {&world.alp, &world.platform})
        for (const char* accept : {"application/json", ndjsonType})
            expectNone(party->get("/v1/feeds/calls?carrierId=" + world.alpId, {{"Accept", accept}}).whole(),
                       {"41791234567", "192.0.2.55", "Windows", "\"mos\"", "jitter"}, "an old call");
}

TEST_P(Calls, APortedNumberCutsAtTheInstant) {
    const Instant ported = exchange.clock.now();
    const auto order = [&](const std::string& kind, const std::string& tenant) {
        return json::object{{"kind", kind},
                            {"tenantId", tenant},
                            {"numbers", json::array{json::object{{"telephoneNumber", World::alpSpareE164}}}}};
    };
    EXPECT_EQ(textAt(world.alp.ordered(order("release", world.acmeId)), "/status"), "succeeded");
    EXPECT_EQ(textAt(world.bay.ordered(order("upload", world.zetaId)), "/status"), "succeeded");
    world.advance(minutes(10));
    const Answer sent =
        send({callRecord({.number = 1, .invitedAt = ported - milliseconds(1), .ownNumber = World::alpSpareE164}),
              callRecord({.number = 2, .invitedAt = ported, .ownNumber = World::alpSpareE164})});
    EXPECT_EQ(countsOf(sent), "created 2");
    EXPECT_EQ(column(feedOf(world.alp), "callId"), (Words{callId(1)}));
    EXPECT_EQ(column(feedOf(world.bay), "callId"), (Words{callId(2)}));
    EXPECT_EQ(textAt(feedOf(world.alp).at(0), "/tenantId"), world.acmeId);
    EXPECT_EQ(textAt(feedOf(world.bay).at(0), "/tenantId"), world.zetaId);
    // A later version of the old call stays with the old holder.
    EXPECT_EQ(
        countsOf(send({callRecord(
            {.number = 1, .invitedAt = ported - milliseconds(1), .ownNumber = World::alpSpareE164, .version = 2})})),
        "updated 1");
    EXPECT_EQ(column(feedOf(world.alp), "version"), (Words{"1", "2"}));
    std::vector<std::string> secrets = secretsOfAlp(world);
    std::erase(secrets, "41446681801");
    secrets.push_back(callId(1));
    expectNone(everythingSeenBy(world, world.bay), secrets, "what Bay sees");
    secrets = secretsOfBay(world);
    secrets.push_back(callId(2));
    expectNone(everythingSeenBy(world, world.alp), secrets, "what Alp sees");
}

TEST_P(Calls, WhatBelongsToNobodyReachesNoCarrier) {
    const Answer sent = send({callRecord({.number = 1, .ownNumber = World::nobodys}),
                              callRecord({.number = 2, .invitedAt = ExchangeUnderTest::firstInstant - hours(1)}),
                              callRecord({.number = 3})});
    EXPECT_EQ(countsOf(sent), "created 3") << "calls of unknown numbers are kept, unattributed";
    EXPECT_EQ(statuses(sent), (Words{"created", "created", "created"}));
    EXPECT_EQ(column(feedOf(world.alp), "callId"), (Words{callId(3)}));
    EXPECT_TRUE(feedOf(world.bay).empty());
    for (Party* party : {&world.alp, &world.bay, &world.acme, &world.zeta, &world.auditor})
        expectNone(everythingSeenBy(world, *party), {callId(1), callId(2), "41446681899"}, "a stranger");
    EXPECT_EQ(statuses(send({callRecord({.number = 1, .ownNumber = World::nobodys})})), (Words{"unchanged"}));
}

TEST_P(Calls, AfterTheConsentEndsOnlyEarlierCallsGoToTheCarrier) {
    world.acme.done("/v1/consents/" + world.alpConsent + "/state",
                    json::object{{"state", "ended"}, {"reason", "no more"}});
    const Instant ended = exchange.clock.now();
    world.advance(hours(1));
    send({callRecord({.number = 1, .invitedAt = ended - milliseconds(1)}),
          callRecord({.number = 2, .invitedAt = ended})});
    EXPECT_EQ(column(feedOf(world.alp), "callId"), (Words{callId(1)}));
    world.advance(days(91));
    send({callRecord({.number = 3, .invitedAt = ended - minutes(5)})});
    EXPECT_EQ(column(feedOf(world.alp), "callId"), (Words{callId(1)})) << "the wind-down of 90 days is over";
}

TEST_P(Calls, NothingOfOneCarriersCallsReachesTheOther) {
    send(
        {callRecord({.number = 1}), callRecord({.number = 2, .ownNumber = World::bayE164, .farEnd = "+442079460018"})});
    // A call between the two is two legs, and each side gets its own.
    send({callRecord({.number = 3, .farEnd = World::bayE164, .outbound = true}),
          callRecord({.number = 4, .ownNumber = World::bayE164, .farEnd = World::alpE164})});
    EXPECT_EQ(column(feedOf(world.alp), "callId"), (Words{callId(1), callId(3)}));
    EXPECT_EQ(column(feedOf(world.bay), "callId"), (Words{callId(2), callId(4)}));
    EXPECT_EQ(column(feedOf(world.bay), "sequence"), (Words{"1", "2"})) << "not even a gap tells of the other's calls";
    auto secrets = secretsOfAlp(world);
    std::erase(secrets, "41446681800");  // it called Bay's number
    for (const char* more : {"41791234567", "sip-1@", "sip-3@"})
        secrets.emplace_back(more);
    for (const int number : {1, 3})
        secrets.push_back(callId(number));
    for (Party* party : {&world.bay, &world.zeta})
        expectNone(everythingSeenBy(world, *party), secrets, "Bay's side");
    for (const char* path : {"/v1/feeds/calls", "/v1/feeds/calls?table=streams"})
        expectNone(world.bay.get(path, {{"Accept", arrowType}}).whole(), secrets, path);
}

TEST_P(Calls, AnIdempotencyKeyReplaysTheReceipt) {
    json::object broken = callRecord({.number = 9});
    broken["durationMs"] = -1;
    const json::array calls{callRecord({.number = 1}), broken, callRecord({.number = 2, .ownNumber = World::bayE164})};
    const http::Headers key{{"Idempotency-Key", "batch-1"}};
    const Answer sent = send(calls, key), again = send(calls, key);
    EXPECT_EQ(countsOf(sent), "created 2, rejected 1");
    EXPECT_EQ(countsOf(again), countsOf(sent)) << "what became of it then, not what would now";
    EXPECT_EQ(textAt(again.value(), "/uploadId"), textAt(sent.value(), "/uploadId"));
    EXPECT_EQ(statuses(again), statuses(sent));
    EXPECT_EQ(column(at(again.value(), "/results"), "key"), column(at(sent.value(), "/results"), "key"));
    EXPECT_EQ(feedOf(world.alp).size(), 1u);

    const Answer reused = send({callRecord({.number = 3})}, key);
    EXPECT_EQ(reused.status, 409);
    EXPECT_EQ(reused.code(), "idempotency-key-reused");
    EXPECT_EQ(feedOf(world.alp).size(), 1u) << "a refused key stores nothing";
    expectNone(reused.body, {callId(1), callId(3), "+4144"}, "the refusal");

    Party other = world.makeParty({{"name", "Second platform"}, {"role", "platform"}});
    EXPECT_EQ(countsOf(other.upload("/v1/calls", ndjson({callRecord({.number = 3})}), ndjsonType, key)), "created 1")
        << "a key belongs to its client";
    EXPECT_EQ(countsOf(send(calls)), "unchanged 2, rejected 1") << "without a key the records themselves are compared";
    EXPECT_EQ(send(calls, {{"Idempotency-Key", std::string(256, 'k')}}).status, 400);
    const json::value state = world.platform.read("/v1/uploads/" + textAt(sent.value(), "/uploadId"));
    EXPECT_EQ(textAt(state, "/counts/created"), "2");
    EXPECT_EQ(textAt(state, "/counts/rejected"), "1");
    EXPECT_EQ(textAt(state, "/problems"), "1");
}

TEST_P(Calls, ALargeUploadAnswersCountsAndPagesItsProblems) {
    json::array calls;
    for (int number = 1; number <= 1'300; ++number) {
        json::object call = callRecord({.number = number, .invitedAt = World::noon + seconds(number)});
        if (number % 10 == 0) call.erase("invitedAt");
        calls.push_back(std::move(call));
    }
    const Answer sent = send(calls);
    EXPECT_EQ(countsOf(sent), "created 1170, rejected 130");
    EXPECT_EQ(at(sent.value(), "/complete"), json::value(false));
    EXPECT_EQ(at(sent.value(), "/results").as_array().size(), 100u) << "the first problems";
    EXPECT_EQ(textAt(sent.value(), "/results/0/key"), callId(10));
    EXPECT_EQ(textAt(sent.value(), "/results/0/pointer"), "/invitedAt");
    const std::string path = "/v1/uploads/" + textAt(sent.value(), "/uploadId") + "/results";
    Words keys;
    for (std::string next = path + "?limit=60"; !next.empty() && keys.size() <= 130;) {
        const Answer page = world.platform.get(next);
        for (const std::string& key : column(at(page.value(), "/items"), "key"))
            keys.push_back(key);
        const std::string link(page.headers.value("Link"));
        next = link.empty() ? "" : link.substr(1, link.find('>') - 1);
    }
    ASSERT_EQ(keys.size(), 130u);
    EXPECT_EQ(keys.front(), callId(10));
    EXPECT_EQ(keys.back(), callId(1'300));
    // A page of the feed is as large as was asked for, and the pages together are everything.
    Words sequences;
    std::string next = "/v1/feeds/calls?limit=500";
    for (int page = 0; page < 3; ++page) {
        const json::value body = world.alp.read(next);
        EXPECT_EQ(at(body, "/items").as_array().size(), page < 2 ? 500u : 170u);
        for (const std::string& sequence : column(at(body, "/items"), "sequence"))
            sequences.push_back(sequence);
        next = "/v1/feeds/calls?limit=500&cursor=" + textAt(body, "/next");
    }
    EXPECT_EQ(sequences.size(), 1'170u);
    for (std::size_t i = 0; i < sequences.size(); ++i)
        ASSERT_EQ(sequences[i], std::to_string(i + 1));
}

ON_EVERY_STORE(Calls);

}  // namespace
}  // namespace meetpoint::tests
