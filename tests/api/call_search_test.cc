// Searching calls and listing durations: what is found by whom, page by page, and what must never be.
#include "api/records.h"
#include "http/parameters.h"

namespace meetpoint::tests {
namespace {

using Words = std::vector<std::string>;

class CallSearch : public WorldTest {
protected:
    void send(const json::array& calls) {
        const Answer sent = world.platform.upload("/v1/calls", ndjson(calls));
        EXPECT_EQ(at(sent.value(), "/counts/rejected"), json::value(0)) << sent.body;
    }
    static json::object call(int number, const json::object& changes = {}) {
        json::object record = callRecord({.number = number, .invitedAt = World::noon + minutes(number)});
        for (const auto& [name, value] : changes)
            record[name] = value;
        return record;
    }
    static Words idsOf(const json::value& page) { return column(at(page, "/items"), "callId"); }
    Words byQuery(Party& party, const std::string& query) { return idsOf(party.read("/v1/calls?" + query)); }
    Words byBody(Party& party, const json::object& body) { return idsOf(party.done("/v1/calls/search", body)); }
    // The same asked both ways; both must find the same.
    template <class Wanted>
    Words find(Party& party, const std::string& name, const Wanted& wanted) {
        json::value value;
        if constexpr (std::is_convertible_v<Wanted, std::string_view>)
            value = json::string(std::string_view(wanted));
        else
            value = wanted;
        const std::string text = value.is_string() ? std::string(value.get_string()) : json::serialize(value);
        const Words found = byBody(party, {{name, value}, {"order", "ascending"}});
        EXPECT_EQ(byQuery(party, name + "=" + http::percentEncode(text) + "&order=ascending"), found)
            << name << "=" << text;
        return found;
    }
    static Words ids(const std::vector<int>& numbers) {
        Words words;
        for (const int number : numbers)
            words.push_back(callId(number));
        return words;
    }
    std::string codeOf(const std::string& query) { return world.alp.get("/v1/calls?" + query).code(); }
    // The codes of the faults of one parameter or body.
    static Words faultsOf(const Answer& answer) { return column(at(answer.value(), "/errors"), "code"); }
};

TEST_P(CallSearch, FindsByEachThingThatCanBeAsked) {
    send({call(1, {{"correlationId", "leg-1"}, {"trunk", "other.example"}, {"finalSipCode", 503}, {"q850Cause", 38}}),
          call(2, {{"callType", "conf_in"}, {"emergency", true}, {"callerNumber", "112"}}),
          call(3, {{"isTest", true}, {"emergency", false}, {"userId", "dddddddd-0000-4000-8000-000000000003"}}),
          callRecord({.number = 4,
                      .invitedAt = World::noon + minutes(4),
                      .talk = {},
                      .ownNumber = World::alpSpareE164,
                      .outbound = true}),
          call(5, {{"streams", json::array{json::object{{"jitterMsAvg", 3}}, json::object{{"lossRatioAvg", 0.2}}}}}),
          call(6, {{"streams", json::array{json::object{{"mos", 4}}}}})});
    Party& alp = world.alp;
    EXPECT_EQ(find(alp, "callId", callId(3)), ids({3}));
    EXPECT_EQ(find(alp, "sipCallId", "sip-2@sbc.example"), ids({2}));
    EXPECT_EQ(find(alp, "correlationId", "leg-1"), ids({1}));
    EXPECT_EQ(find(alp, "trunk", "other.example"), ids({1}));
    EXPECT_EQ(find(alp, "finalSipCode", 503), ids({1}));
    EXPECT_EQ(find(alp, "q850Cause", 38), ids({1}));
    EXPECT_EQ(find(alp, "callType", "conf_in"), ids({2}));
    EXPECT_EQ(find(alp, "emergency", true), ids({2}));
    EXPECT_EQ(find(alp, "emergency", false), ids({1, 3, 4, 5, 6})) << "what does not say so is none";
    EXPECT_EQ(find(alp, "isTest", true), ids({3}));
    EXPECT_EQ(find(alp, "answered", false), ids({4}));
    EXPECT_EQ(find(alp, "direction", "outbound"), ids({4}));
    EXPECT_EQ(find(alp, "maxDurationMs", 59'999), ids({4}));
    EXPECT_EQ(find(alp, "minDurationMs", 60'000), ids({1, 2, 3, 5, 6}));
    EXPECT_EQ(find(alp, "ownNumber", World::alpSpareE164), ids({4}));
    EXPECT_EQ(find(alp, "ownNumberStartsWith", "4144668180"), ids({1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(find(alp, "ownNumberStartsWith", "+41446681801"), ids({4}));
    EXPECT_EQ(find(alp, "farEndNumber", World::stranger), ids({1, 3, 4, 5, 6}));
    EXPECT_EQ(find(alp, "farEndNumber", "112"), ids({2}));
    EXPECT_EQ(find(alp, "farEndNumberStartsWith", "11"), ids({2}));
    EXPECT_EQ(find(alp, "farEndNumberStartsWith", "+4179"), ids({1, 3, 4, 5, 6}));
    EXPECT_EQ(find(alp, "quality", "poor"), ids({5})) << "of the worst stream";
    EXPECT_EQ(find(alp, "quality", "good"), ids({1, 2, 3, 4}));
    EXPECT_EQ(find(alp, "quality", "unclassified"), ids({6}));
    EXPECT_EQ(find(alp, "tenantId", world.acmeId), ids({1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(find(world.platform, "userId", "dddddddd-0000-4000-8000-000000000003"), ids({3}));
    EXPECT_EQ(find(alp, "from", formatInstant(World::noon + minutes(5))), ids({5, 6}));
    EXPECT_EQ(find(alp, "to", formatInstant(World::noon + minutes(2))), ids({1}));
    EXPECT_EQ(byBody(alp, {{"direction", "inbound"}, {"quality", "good"}, {"answered", true}, {"isTest", false}}),
              ids({2, 1}))
        << "all must hold; the latest first";
    EXPECT_EQ(byQuery(alp, "finalSipCode=503&emergency=true"), Words());
}

TEST_P(CallSearch, PagesHaveEverythingOnceInOrder) {
    json::array calls;
    for (int number = 1; number <= 25; ++number)
        calls.push_back(callRecord({.number = number, .invitedAt = World::noon + seconds(number / 4)}));
    send(calls);
    for (const std::string order : {"ascending", "descending"}) {
        Words found;
        std::string path = "/v1/calls?limit=4&order=" + order;
        for (int pages = 1; !path.empty(); ++pages) {
            ASSERT_LE(pages, 7);
            const Answer page = world.alp.get(path);
            const json::value body = page.value();
            for (const std::string& id : idsOf(body))
                found.push_back(id);
            const bool isLast = pages == 7;
            EXPECT_EQ(at(body, "/hasMore"), json::value(!isLast));
            EXPECT_EQ(body.as_object().contains("next"), !isLast);
            EXPECT_EQ(body.as_object().contains("searchedUpTo"), !isLast);
            const std::string link(page.headers.value("Link"));
            path = isLast ? "" : link.substr(1, link.find('>') - 1);
            EXPECT_EQ(link.empty(), isLast);
        }
        Words expected;
        for (int number = 1; number <= 25; ++number)
            expected.push_back(callId(number));
        if (order == "descending") std::ranges::reverse(expected);
        EXPECT_EQ(found, expected) << "calls of one instant by their id, in the same direction";
    }
    json::object body{{"limit", 10}};
    Words found;
    do {
        const json::value page = world.alp.done("/v1/calls/search", body);
        for (const std::string& id : idsOf(page))
            found.push_back(id);
        if (!at(page, "/hasMore").as_bool()) break;
        body["cursor"] = at(page, "/next");
    } while (true);
    EXPECT_EQ(found.size(), 25u);
    EXPECT_EQ(world.alp.post("/v1/calls/search", json::object{}).headers.value("Link"), "")
        << "nothing of a search goes into an address";
}

TEST_P(CallSearch, TheNewestVersionsAnswerUnlessAllAreWanted) {
    send({callRecord({.number = 1, .talk = seconds(1)}), callRecord({.number = 2})});
    send({callRecord({.number = 1, .talk = seconds(3), .version = 3})});
    send({callRecord({.number = 1, .talk = seconds(2), .version = 2})});
    const auto versions = [&](const std::string& query) {
        return column(at(world.alp.read("/v1/calls?order=ascending&" + query), "/items"), "version");
    };
    EXPECT_EQ(versions("callId=" + callId(1)), (Words{"3"}));
    EXPECT_EQ(versions("versions=all&callId=" + callId(1)), (Words{"1", "2", "3"}));
    EXPECT_EQ(versions("versions=all"), (Words{"1", "2", "3", "1"}));
    EXPECT_EQ(versions("versions=newest"), (Words{"3", "1"}));
    EXPECT_EQ(versions("maxDurationMs=1000"), Words()) << "what a later version changed is not found as it was";
}

TEST_P(CallSearch, AVersionThatArrivesBetweenPagesComesAtMostOnce) {
    for (int number = 1; number <= 4; ++number)
        send({call(number)});
    const json::value first = world.alp.read("/v1/calls?limit=2&order=ascending");
    EXPECT_EQ(idsOf(first), ids({1, 2}));
    send({call(1, {{"version", 2}}), call(2, {{"version", 2}}), call(3, {{"version", 2}}), call(9)});
    const json::value second = world.alp.read("/v1/calls?limit=9&order=ascending&cursor=" + textAt(first, "/next"));
    EXPECT_EQ(idsOf(second), ids({3, 4, 9})) << "not again what was given out";
    EXPECT_EQ(column(at(second, "/items"), "version"), (Words{"2", "1", "1"})) << "and what is new is new";
}

TEST_P(CallSearch, MaskedDigitsCannotBeSearchedOut) {
    send({call(1), call(2, {{"callerNumber", "+4179123****"}})});
    Party &acme = world.acme, &alp = world.alp, &auditor = world.auditor;
    for (Party* party : {&acme, &auditor}) {
        EXPECT_EQ(find(*party, "farEndNumberStartsWith", "+4179123"), ids({1, 2})) << "what is shown is found";
        EXPECT_EQ(find(*party, "farEndNumber", "+4179123****"), ids({1, 2}));
        for (const char* hidden : {"+41791234", "417912345", "+41791234567"})
            EXPECT_EQ(find(*party, "farEndNumberStartsWith", hidden), Words()) << hidden;
        EXPECT_EQ(find(*party, "farEndNumber", World::stranger), Words());
    }
    EXPECT_EQ(find(alp, "farEndNumberStartsWith", "+41791234"), ids({1})) << "a carrier is shown the number";
    EXPECT_EQ(find(alp, "farEndNumber", World::stranger), ids({1}));
    EXPECT_EQ(find(alp, "farEndNumber", "+4179123****"), ids({2}));
    for (const char* query : {"", "farEndNumber=%2B41791234567", "farEndNumberStartsWith=41791234567"})
        expectNone(acme.get("/v1/calls?" + std::string(query)).body, {"41791234567"}, "what Acme finds");
    // After thirty days nobody is shown it any more.
    exchange.clock.set(World::noon + days(31));
    world.logInAll();
    for (Party* party : {&alp, &acme, &world.platform}) {
        EXPECT_EQ(find(*party, "farEndNumberStartsWith", "+41791234"), Words());
        EXPECT_EQ(find(*party, "farEndNumber", World::stranger), Words());
        EXPECT_EQ(find(*party, "farEndNumber", "+4179123****"), ids({1, 2}));
        EXPECT_EQ(find(*party, "quality", "good"), Words()) << "their streams are not shown any more";
        EXPECT_EQ(find(*party, "quality", "unclassified"), ids({1, 2}));
    }
}

TEST_P(CallSearch, WhatIsHiddenFindsNothing) {
    send({call(1), call(2, {{"calleeNumber", World::nobodys}})});
    const std::string user(World::callUser);
    EXPECT_EQ(find(world.alp, "userId", user), Words()) << "user ids are not a carrier's to know";
    EXPECT_EQ(find(world.acme, "userId", user), ids({1}));
    EXPECT_EQ(find(world.platform, "userId", user), ids({1, 2}));
    EXPECT_EQ(find(world.auditor, "userId", user), Words());
    EXPECT_EQ(find(world.auditor, "sipCallId", "sip-1@sbc.example"), Words());
    EXPECT_EQ(find(world.auditor, "quality", "good"), Words());
    EXPECT_EQ(find(world.auditor, "callId", callId(1)), ids({1}));
    for (Party* party : {&world.alp, &world.bay, &world.acme, &world.zeta, &world.auditor}) {
        EXPECT_EQ(find(*party, "callId", callId(2)), Words()) << "what belongs to nobody is the platform's alone";
        EXPECT_EQ(find(*party, "ownNumber", World::nobodys), Words());
    }
    EXPECT_EQ(find(world.platform, "ownNumber", World::nobodys), ids({2}));
}

TEST_P(CallSearch, NothingOfOneSideIsFoundByTheOther) {
    send({call(1), callRecord({.number = 2, .ownNumber = World::bayE164, .farEnd = "+442079460018"})});
    for (Party* party : {&world.bay, &world.zeta}) {
        EXPECT_EQ(find(*party, "callId", callId(1)), Words());
        EXPECT_EQ(find(*party, "ownNumber", World::alpE164), Words());
        EXPECT_EQ(find(*party, "farEndNumber", World::stranger), Words());
        EXPECT_EQ(find(*party, "sipCallId", "sip-1@sbc.example"), Words());
        EXPECT_EQ(find(*party, "tenantId", world.acmeId), Words());
        EXPECT_EQ(byQuery(*party, ""), ids({2}));
    }
    for (const char* carrier : {"alp", "bay"}) {
        const bool isAlp = carrier == std::string("alp");
        Party& party = isAlp ? world.alp : world.bay;
        expectNone(party.get("/v1/calls").whole(), isAlp ? secretsOfBay(world) : secretsOfAlp(world), carrier);
    }
    EXPECT_EQ(byQuery(world.acme, "carrierId=" + world.bayId), Words()) << "none of its calls were with that carrier";
    EXPECT_EQ(byQuery(world.acme, "carrierId=" + world.alpId), ids({1}));
    EXPECT_EQ(byQuery(world.platform, "order=ascending&carrierId=" + world.bayId), ids({2}));
    EXPECT_EQ(byQuery(world.platform, ""), ids({1, 2})) << "of all carriers, in order of time";
    Party both = world.makeParty(
        {{"name", "Aggregator"}, {"role", "carrier"}, {"carriers", json::array{world.alpId, world.bayId}}});
    EXPECT_EQ(both.get("/v1/calls").code(), "carrier-required");
    EXPECT_EQ(byQuery(both, "carrierId=" + world.bayId), ids({2}));
}

TEST_P(CallSearch, WhatIsWrongIsSaid) {
    send({call(1), call(2), call(3)});
    EXPECT_EQ(faultsOf(world.alp.get("/v1/calls?colour=red&limit=0&from=2026-03-09T12:00:00&direction=up")),
              (Words{"unknown-parameter", "parameter-out-of-range", "bad-parameter", "bad-parameter"}));
    EXPECT_EQ(codeOf("limit=1001"), "bad-parameters");
    EXPECT_EQ(codeOf("finalSipCode=-1"), "bad-parameters");
    EXPECT_EQ(codeOf("from=2026-03-10T00:00:00Z&to=2026-03-09T00:00:00Z"), "bad-range");
    EXPECT_EQ(codeOf("from=2026-03-09T00:00:00Z&to=2026-03-09T00:00:00Z"), "bad-range");
    EXPECT_EQ(codeOf("minDurationMs=2&maxDurationMs=1"), "bad-range");
    EXPECT_EQ(codeOf("ownNumber=044"), "bad-number");
    EXPECT_EQ(codeOf("ownNumberStartsWith=0x"), "bad-number-part");
    EXPECT_EQ(codeOf("farEndNumberStartsWith=%2B"), "bad-number-part");
    EXPECT_EQ(codeOf("carrierId=" + world.bayId), "not-found");
    EXPECT_EQ(codeOf("cursor=AAAA"), "bad-cursor");
    const auto bodyFault = [&](const json::object& body) {
        const Answer answer = world.alp.post("/v1/calls/search", body);
        EXPECT_EQ(answer.status, 400);
        EXPECT_EQ(answer.code(), "invalid-body");
        return textAt(answer.value(), "/errors/0/pointer") + " " + textAt(answer.value(), "/errors/0/code");
    };
    EXPECT_EQ(bodyFault({{"colour", "red"}}), "/colour unknown-field");
    EXPECT_EQ(bodyFault({{"from", "2026-03-09T12:00:00"}}), "/from time-without-zone");
    EXPECT_EQ(bodyFault({{"limit", 1'001}}), "/limit out-of-range");
    EXPECT_EQ(bodyFault({{"quality", "bad"}}), "/quality unknown-value");
    EXPECT_EQ(bodyFault({{"ownNumber", "+41446681800000000000"}}), "/ownNumber too-long");
    EXPECT_EQ(bodyFault({{"emergency", "yes"}}), "/emergency wrong-type");

    const std::string cursor = textAt(world.alp.read("/v1/calls?limit=1"), "/next");
    EXPECT_EQ(codeOf("limit=2&cursor=" + cursor), "") << "another limit is the same search";
    EXPECT_EQ(codeOf("order=ascending&cursor=" + cursor), "bad-cursor");
    EXPECT_EQ(codeOf("trunk=x&cursor=" + cursor), "bad-cursor");
    std::string turned = cursor;
    turned[10] = turned[10] == 'A' ? 'B' : 'A';
    EXPECT_EQ(codeOf("cursor=" + turned), "bad-cursor");
    for (Party* party : {&world.bay, &world.acme, &world.platform})
        EXPECT_EQ(party->get("/v1/calls?cursor=" + cursor).code(), "bad-cursor") << "another's cursor";
    EXPECT_EQ(world.alp.get("/v1/feeds/calls?cursor=" + cursor).code(), "bad-cursor");
    const std::string feed = textAt(world.alp.read("/v1/feeds/calls?limit=1"), "/next");
    EXPECT_EQ(codeOf("cursor=" + feed), "bad-cursor") << "that of a feed";
}

TEST_P(CallSearch, TenYearsAreSearchedLikeADay) {
    json::array calls;
    for (int number = 1; number <= 30; ++number)
        calls.push_back(callRecord({.number = number, .invitedAt = World::noon - hours(6 * number)}));
    send(calls);
    const std::string years = "from=2016-03-10T00:00:00Z&to=2026-03-10T00:00:00%2B01:00";
    EXPECT_EQ(byQuery(world.alp, years + "&limit=1000").size(), 30u);
    EXPECT_EQ(byQuery(world.alp, years + "&sipCallId=sip-7%40sbc.example"), ids({7}));
    EXPECT_EQ(byQuery(world.alp, "from=2016-03-10T00:00:00Z&to=2016-03-11T00:00:00Z"), Words());
    EXPECT_EQ(byQuery(world.alp, "from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59Z&limit=1000").size(), 30u);
}

class StoredDurations : public CallSearch {
protected:
    void upload(Party& party, const json::array& durations) { party.upload("/v1/durations", ndjson(durations)); }
    static Words recordsOf(const json::value& page) { return column(at(page, "/items"), "recordId"); }
};

TEST_P(StoredDurations, AreListedInOrderOfTimePageByPage) {
    json::array durations;
    for (int number = 1; number <= 7; ++number)
        durations.push_back(durationRecord(
            {.recordId = "r-" + std::to_string(number), .startedAt = World::noon + seconds(number / 2)}));
    upload(world.alp, durations);
    upload(world.bay, {durationRecord({.recordId = "b-1", .ownNumber = World::bayE164})});
    const json::value all = world.alp.read("/v1/durations?order=ascending");
    EXPECT_EQ(recordsOf(all), (Words{"r-1", "r-2", "r-3", "r-4", "r-5", "r-6", "r-7"}));
    EXPECT_EQ(at(all, "/hasMore"), json::value(false));
    Words paged;
    std::string cursor;
    do {
        const json::value page = world.alp.read("/v1/durations?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
        for (const std::string& record : recordsOf(page))
            paged.push_back(record);
        cursor = at(page, "/hasMore").as_bool() ? textAt(page, "/next") : "";
    } while (!cursor.empty());
    EXPECT_EQ(paged, (Words{"r-7", "r-6", "r-5", "r-4", "r-3", "r-2", "r-1"}));
    EXPECT_EQ(recordsOf(world.alp.read("/v1/durations?from=" + formatInstant(World::noon + seconds(3)))),
              (Words{"r-7", "r-6"}));
    EXPECT_EQ(recordsOf(world.platform.read("/v1/durations?carrierId=" + world.bayId)), (Words{"b-1"}));
    EXPECT_EQ(recordsOf(world.platform.read("/v1/durations")).size(), 8u);
    EXPECT_EQ(recordsOf(world.alp.read("/v1/durations?tenantId=" + world.zetaId)), Words());
    expectNone(world.bay.get("/v1/durations").whole(), secretsOfAlp(world), "Bay's durations");
    EXPECT_EQ(world.alp.get("/v1/durations?carrierId=" + world.bayId).code(), "not-found");
    EXPECT_EQ(world.acme.get("/v1/durations").code(), "scope-missing");
    EXPECT_EQ(world.alp.get("/v1/durations?cursor=AAAA").code(), "bad-cursor");
    EXPECT_EQ(world.alp.get("/v1/durations?to=2026-03-01T00:00:00Z&from=2026-03-02T00:00:00Z").code(), "bad-range");
}

TEST_P(StoredDurations, AreReadWithTheirRevisions) {
    json::object record = durationRecord({.recordId = "a/b 1"});
    upload(world.alp, {record});
    record["revision"] = 4;
    record["durationMs"] = 61'000;
    upload(world.alp, {record});
    record["revision"] = 2;
    record["durationMs"] = 60'500;
    upload(world.alp, {record});
    const std::string path = "/v1/durations/a%2Fb%201";
    const json::value found = world.alp.read(path);
    EXPECT_EQ(textAt(found, "/duration/durationMs"), "61000");
    EXPECT_EQ(textAt(found, "/duration/carrierId"), world.alpId);
    EXPECT_EQ(column(at(found, "/revisions"), "revision"), (Words{"1", "2", "4"}));
    EXPECT_EQ(at(found, "/revisions/2"), at(found, "/duration"));
    EXPECT_EQ(column(at(world.alp.read("/v1/durations"), "/items"), "revision"), (Words{"4"}));
    EXPECT_EQ(column(at(world.alp.read("/v1/durations?versions=all&order=ascending"), "/items"), "revision"),
              (Words{"1", "2", "4"}));
    EXPECT_EQ(world.bay.get(path).code(), "not-found");
    EXPECT_EQ(world.alp.get("/v1/durations/another").code(), "not-found");
    EXPECT_EQ(world.platform.get(path).code(), "carrier-required");
    EXPECT_EQ(textAt(world.platform.read(path + "?carrierId=" + world.alpId), "/duration/revision"), "4");
}

ON_EVERY_STORE(CallSearch);
ON_EVERY_STORE(StoredDurations);

}  // namespace
}  // namespace meetpoint::tests
