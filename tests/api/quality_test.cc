// Key figures of calls: what is counted, how it is grouped, and who sees which of it.
#include <set>

#include <fmt/format.h>

#include "api/records.h"

namespace meetpoint::tests {
namespace {

const std::string march9 = "/v1/quality?from=2026-03-09&to=2026-03-10";

json::array itemsOf(const json::value& answer) {
    return at(answer, "/items").as_array();
}

// The only group of a question that groups by nothing.
json::value only(const json::value& answer) {
    const json::value items = at(answer, "/items");
    EXPECT_TRUE(items.is_array() && items.get_array().size() == 1) << json::serialize(answer);
    return items.is_array() && !items.get_array().empty() ? items.get_array()[0] : json::value();
}

// "asr 2/3" of a group.
std::string ratio(const json::value& group, const std::string& kpi, const std::string& period = "current") {
    const json::value found = at(group, "/" + period + "/kpis/" + kpi);
    return kpi + " " + textAt(found, "/numerator") + "/" + textAt(found, "/denominator");
}

class QualityFigures : public WorldTest {
protected:
    using WorldTest::WorldTest;
    void send(const json::array& calls) {
        const Answer answer = world.platform.upload("/v1/calls", ndjson(calls));
        ASSERT_EQ(answer.status, 200) << answer.body;
    }
    static json::object call(const CallFacts& facts, const json::object& more = {}) {
        json::object call = callRecord(facts);
        for (const auto& [name, value] : more)
            call[name] = value;
        return call;
    }
    // Answered by Alp's and Bay's numbers, busy, and refused by the network.
    void sendSome() {
        const Instant noon = World::noon;
        send({call({.number = 1}, {{"trunk", "sbc1"}, {"region", "EUNO"}}),
              call({.number = 2, .invitedAt = noon + minutes(61)}, {{"trunk", "sbc2"}, {"region", "EUNO"}}),
              call({.number = 3, .invitedAt = noon + minutes(5), .talk = {}},
                   {{"trunk", "sbc1"}, {"finalSipCode", 486}, {"streams", json::array()}}),
              call({.number = 4, .invitedAt = noon + minutes(6), .talk = {}, .outbound = true},
                   {{"trunk", "sbc2"}, {"finalSipCode", 503}, {"q850Cause", 41}, {"streams", json::array()}}),
              call({.number = 5, .ownNumber = World::bayE164}, {{"trunk", "bay-sbc"}}),
              call({.number = 6, .ownNumber = World::nobodys}, {{"trunk", "lost-sbc"}})});
    }
    std::set<std::string> trunks(Party& party, const std::string& more = "") {
        std::set<std::string> seen;
        for (const json::value& item : itemsOf(party.read(march9 + "&groupBy=trunk" + more)))
            seen.insert(textAt(item, "/key/trunk"));
        return seen;
    }
};

TEST_P(QualityFigures, AreCountedWithWhatTheyAreMadeOf) {
    sendSome();
    const json::value group = only(world.alp.read(march9));
    EXPECT_EQ(json::serialize(at(group, "/key")), "{}");
    EXPECT_EQ(ratio(group, "asr"), "asr 2/4");
    EXPECT_EQ(textAt(group, "/current/kpis/asr/value"), "5E-1");
    EXPECT_EQ(ratio(group, "ner"), "ner 3/4");
    EXPECT_EQ(ratio(group, "abr"), "abr 2/4");
    EXPECT_EQ(ratio(group, "acdMs"), "acdMs 120000/2");
    EXPECT_EQ(ratio(group, "ser"), "ser 2/4");
    EXPECT_EQ(ratio(group, "seer"), "seer 3/4");
    EXPECT_EQ(ratio(group, "pddMs"), "pddMs 0/0") << "no ringing was reported";
    EXPECT_TRUE(at(group, "/current/kpis/pddMs/value").is_null());
    EXPECT_EQ(ratio(group, "poorStreams"), "poorStreams 0/4");
    EXPECT_EQ(textAt(group, "/current/figures/jitterMs/p95"), "4.5E0");
    EXPECT_EQ(textAt(group, "/current/figures/jitterMs/exact"), "true");
    EXPECT_EQ(textAt(group, "/current/figures/lossRatio/average"), "1.25E-2");
    EXPECT_TRUE(at(group, "/current/figures/roundTripMs/p50").is_null());
    EXPECT_FALSE(group.at("current").at("figures").as_object().contains("rating"));
    EXPECT_FALSE(group.as_object().contains("previous"));
}

TEST_P(QualityFigures, GroupsByAnyCombination) {
    sendSome();
    const json::value answer = world.alp.read(march9 + "&groupBy=hour&groupBy=trunk&groupBy=direction&groupBy=sipCode");
    std::vector<std::string> keys;
    for (const json::value& item : itemsOf(answer))
        keys.push_back(textAt(item, "/key/hour").substr(11, 5) + " " + textAt(item, "/key/trunk") + " " +
                       textAt(item, "/key/direction") + " " + textAt(item, "/key/sipCode"));
    EXPECT_EQ(keys, (std::vector<std::string>{"12:00 sbc1 inbound 200", "12:00 sbc1 inbound 486",
                                              "12:00 sbc2 outbound 503", "13:00 sbc2 inbound 200"}));
    EXPECT_EQ(column(at(world.alp.read(march9 + "&groupBy=day&timeZone=Asia/Tokyo"), "/items"), "key"),
              (std::vector<std::string>{R"({"day":"2026-03-09"})"}));
    EXPECT_EQ(column(at(world.alp.read(march9 + "&groupBy=codec"), "/items"), "key"),
              (std::vector<std::string>{R"({"codec":null})", R"({"codec":"silk"})"}));
    EXPECT_EQ(column(at(world.alp.read(march9 + "&groupBy=ownCountry&groupBy=farEndCountry"), "/items"), "key"),
              (std::vector<std::string>{R"({"ownCountry":"CH","farEndCountry":"CH"})"}));
    EXPECT_EQ(column(at(world.alp.read(march9 + "&groupBy=carrier&groupBy=tenant"), "/items"), "key"),
              (std::vector<std::string>{R"({"carrier":")" + world.alpId + R"(","tenant":")" + world.acmeId + R"("})"}));
    EXPECT_EQ(world.alp.get(march9 + "&groupBy=colour").code(), "bad-parameters");
}

TEST_P(QualityFigures, AreFilteredBeforeTheyAreCounted) {
    sendSome();
    const auto bids = [&](const std::string& filter) {
        return textAt(only(world.alp.read(march9 + filter)), "/current/calls/bids");
    };
    EXPECT_EQ(bids("&trunk=sbc1"), "2");
    EXPECT_EQ(bids("&trunk=sbc1&trunk=sbc2"), "4");
    EXPECT_EQ(bids("&region=EUNO"), "2");
    EXPECT_EQ(bids("&direction=outbound"), "1");
    EXPECT_EQ(bids("&sipCode=486&sipCode=503"), "2");
    EXPECT_EQ(bids("&q850Cause=41"), "1");
    EXPECT_EQ(bids("&codec=silk"), "2");
    EXPECT_EQ(bids("&farEndCountry=CH"), "4");
    EXPECT_EQ(bids("&tenantId=" + world.acmeId), "4");
    EXPECT_EQ(itemsOf(world.alp.read(march9 + "&farEndCountry=US")).size(), 0u);
    EXPECT_EQ(world.alp.get(march9 + "&farEndCountry=usa").code(), "bad-country");
}

TEST_P(QualityFigures, EachSeesItsOwnAlone) {
    sendSome();
    EXPECT_EQ(trunks(world.alp), (std::set<std::string>{"sbc1", "sbc2"}));
    EXPECT_EQ(trunks(world.bay), (std::set<std::string>{"bay-sbc"}));
    EXPECT_EQ(trunks(world.acme), (std::set<std::string>{"sbc1", "sbc2"}));
    EXPECT_EQ(trunks(world.zeta), (std::set<std::string>{"bay-sbc"}));
    EXPECT_EQ(trunks(world.platform), (std::set<std::string>{"bay-sbc", "lost-sbc", "sbc1", "sbc2"}));
    EXPECT_EQ(trunks(world.auditor), (std::set<std::string>{"bay-sbc", "sbc1", "sbc2"}))
        << "nobody's calls are the platform's";
    EXPECT_EQ(trunks(world.platform, "&carrierId=" + world.bayId), (std::set<std::string>{"bay-sbc"}));
    EXPECT_EQ(trunks(world.platform, "&tenantId=" + world.acmeId), (std::set<std::string>{"sbc1", "sbc2"}));
    EXPECT_EQ(trunks(world.platform, "&tenantId=" + world.acmeId + "&carrierId=" + world.bayId),
              std::set<std::string>());
    const std::string everything = "&groupBy=carrier&groupBy=tenant&groupBy=trunk&groupBy=region&groupBy=codec";
    expectNone(world.bay.get(march9 + everything).whole(), secretsOfAlp(world), "Bay's quality");
    expectNone(world.zeta.get(march9 + everything).whole(), secretsOfAlp(world), "Zeta's quality");
    expectNone(world.alp.get(march9 + everything).whole(), secretsOfBay(world), "Alp's quality");
}

TEST_P(QualityFigures, NobodySeesNetworkFiguresForEverAndTheAuditorNever) {
    sendSome();
    const auto streams = [&](Party& party) { return textAt(only(party.read(march9)), "/current/streams/streams"); };
    EXPECT_EQ(streams(world.alp), "4");
    EXPECT_EQ(streams(world.acme), "4");
    EXPECT_EQ(streams(world.auditor), "0");
    world.advance(days(30));
    EXPECT_EQ(streams(world.alp), "0");
    EXPECT_EQ(streams(world.platform), "0");
    EXPECT_EQ(column(at(world.alp.read(march9 + "&groupBy=codec"), "/items"), "key"),
              (std::vector<std::string>{R"({"codec":null})"}));
    EXPECT_EQ(ratio(only(world.alp.read(march9)), "asr"), "asr 2/4");
}

TEST_P(QualityFigures, NewestVersionsCountAndTestCallsDoNot) {
    send({call({.number = 1}), call({.number = 1, .talk = {}, .version = 2}, {{"finalSipCode", 486}}),
          call({.number = 2}, {{"isTest", true}})});
    EXPECT_EQ(ratio(only(world.alp.read(march9)), "asr"), "asr 0/1");
    EXPECT_EQ(ratio(only(world.alp.read(march9 + "&isTest=true")), "asr"), "asr 1/1");
    EXPECT_EQ(ratio(only(world.alp.read(march9 + "&isTest=any")), "asr"), "asr 1/2");
}

TEST_P(QualityFigures, ThePeriodBeforeStandsBeside) {
    send({call({.number = 1}), call({.number = 2, .invitedAt = World::noon - days(1), .talk = {}}, {{"trunk", "gone"}}),
          call({.number = 3, .invitedAt = World::noon - days(2)})});
    const json::value group = only(world.alp.read(march9 + "&compare=previous"));
    EXPECT_EQ(ratio(group, "asr"), "asr 1/1");
    EXPECT_EQ(ratio(group, "asr", "previous"), "asr 0/1");
    const json::value grouped = world.alp.read(march9 + "&compare=previous&groupBy=hour&groupBy=trunk");
    EXPECT_EQ(column(at(grouped, "/items"), "key"),
              (std::vector<std::string>{R"({"hour":"2026-03-09T12:00:00.000Z","trunk":"gone"})",
                                        R"({"hour":"2026-03-09T12:00:00.000Z","trunk":"sbc1.example"})"}));
}

TEST_P(QualityFigures, PagesHoldAllGroupsAndNoneTwice) {
    json::array calls;
    for (int n = 0; n < 25; ++n)
        calls.push_back(call({.number = n + 1}, {{"trunk", fmt::format("sbc{:02}", n)}}));
    send(calls);
    std::vector<std::string> seen;
    std::string cursor;
    int pages = 0;
    do {
        const Answer answer =
            world.alp.get(march9 + "&groupBy=trunk&limit=10" + (cursor.empty() ? "" : "&cursor=" + cursor));
        ASSERT_EQ(answer.status, 200) << answer.body;
        const json::value page = answer.value();
        EXPECT_EQ(textAt(page, "/groupCount"), "25");
        for (const json::value& item : itemsOf(page))
            seen.push_back(textAt(item, "/key/trunk"));
        cursor = page.as_object().contains("next") ? textAt(page, "/next") : "";
        EXPECT_EQ(answer.headers.value("Link").empty(), cursor.empty());
        ++pages;
    } while (!cursor.empty());
    EXPECT_EQ(pages, 3);
    EXPECT_EQ(seen.size(), 25u);
    EXPECT_TRUE(std::ranges::is_sorted(seen));
    EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 25u);
    const std::string first = textAt(world.alp.read(march9 + "&groupBy=trunk&limit=10"), "/next");
    EXPECT_EQ(world.alp.get(march9 + "&groupBy=region&limit=10&cursor=" + first).code(), "bad-cursor")
        << "another question";
    EXPECT_EQ(world.bay.get(march9 + "&groupBy=trunk&limit=10&cursor=" + first).code(), "bad-cursor")
        << "another reader";
    json::object moved = call({.number = 10, .version = 2}, {{"trunk", "elsewhere"}});
    send({moved});
    EXPECT_EQ(world.alp.get(march9 + "&groupBy=trunk&limit=10&cursor=" + first).code(), "cursor-expired");
}

TEST_P(QualityFigures, EstimatesAreMadeOnRequest) {
    send({call({.number = 1})});
    const json::value group = only(world.alp.read(march9 + "&figures=rating&figures=jitterMs"));
    EXPECT_EQ(textAt(group, "/current/figures/rating/count"), "2");
    EXPECT_EQ(textAt(group, "/current/measurement/guessedEstimates"), "2") << "silk is wideband";
    EXPECT_EQ(group.at("current").at("figures").as_object().size(), 2u);
}

TEST_P(QualityFigures, WhatIsNotWantedIsNotGiven) {
    sendSome();
    const json::value group = only(world.alp.read(march9 + "&kpis=asr&kpis=pddMs&figures=none"));
    EXPECT_EQ(ratio(group, "asr"), "asr 2/4");
    EXPECT_EQ(group.at("current").at("kpis").as_object().size(), 2u);
    EXPECT_EQ(group.at("current").at("figures").as_object().size(), 0u);
    EXPECT_FALSE(group.at("current").as_object().contains("streams"));
    EXPECT_FALSE(group.at("current").as_object().contains("measurement"));
    EXPECT_EQ(ratio(only(world.alp.read(march9 + "&kpis=poorCalls&figures=none")), "poorCalls"), "poorCalls 0/2");
}

TEST_P(QualityFigures, RefuseWhatCannotBeAnswered) {
    EXPECT_EQ(world.alp.get("/v1/quality").code(), "bad-parameters");
    EXPECT_EQ(world.alp.get("/v1/quality?from=2026-03-09&to=2026-03-09").code(), "range-too-long");
    EXPECT_EQ(world.alp.get("/v1/quality?from=2020-03-09&to=2026-03-09").code(), "range-too-long");
    EXPECT_EQ(world.alp.get("/v1/quality?from=2026-13-09&to=2026-03-09").code(), "bad-date");
    EXPECT_EQ(world.alp.get("/v1/quality?from=2026-03-09T10:00:00&to=2026-03-09T11:00:00Z").code(),
              "time-without-zone");
    EXPECT_EQ(world.alp.get(march9 + "&timeZone=Mars/Olympus").code(), "unknown-time-zone");
    EXPECT_EQ(world.alp.get(march9 + "&compare=next").code(), "bad-parameters");
    EXPECT_EQ(world.alp.get(march9 + "&limit=0").code(), "bad-parameters");
    EXPECT_EQ(world.alp.get(march9 + "&cursor=nonsense").code(), "bad-cursor");
    EXPECT_EQ(world.alp.read("/v1/quality?from=2026-03-09T13:00:00%2B02:00&to=2026-03-09T15:00:00%2B02:00").at("from"),
              "2026-03-09T11:00:00.000Z");
    Party both =
        world.makeParty({{"name", "Both"}, {"role", "carrier"}, {"carriers", json::array{world.alpId, world.bayId}}});
    EXPECT_EQ(both.get(march9).code(), "carrier-required");
    EXPECT_EQ(both.get(march9 + "&carrierId=" + world.alpId).status, 200);
}

ON_EVERY_STORE(QualityFigures);

class StrictQuality : public QualityFigures {
protected:
    StrictQuality()
        : QualityFigures([](server::Configuration& configuration) {
              configuration.quality.stream.jitterMs = 4;
              configuration.quality.groups = 3;
              configuration.quality.threads = 3;
          }) {}
};

TEST_P(StrictQuality, GoesByItsSettings) {
    json::array calls;
    for (int n = 0; n < 4; ++n)
        calls.push_back(call({.number = n + 1}, {{"trunk", fmt::format("sbc{}", n)}}));
    send(calls);
    EXPECT_EQ(ratio(only(world.alp.read(march9)), "poorStreams"), "poorStreams 8/8");
    EXPECT_EQ(ratio(only(world.alp.read(march9)), "poorCalls"), "poorCalls 4/4");
    const Answer refused = world.alp.get(march9 + "&groupBy=trunk");
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(refused.code(), "too-many-groups");
    EXPECT_EQ(trunks(world.alp, "&trunk=sbc1&trunk=sbc2&trunk=sbc3").size(), 3u);
}

ON_EVERY_STORE(StrictQuality);

}  // namespace
}  // namespace meetpoint::tests
