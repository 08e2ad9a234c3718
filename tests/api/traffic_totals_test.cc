// Traffic totals over HTTP: posted by either side, read by both beside what is stored, named by the day's report.
#include "api/records.h"

namespace meetpoint::tests {
namespace {

using Words = std::vector<std::string>;

class TrafficTotals : public WorldTest {
protected:
    TrafficTotals()
        : WorldTest([](server::Configuration& configuration) {
              configuration.limits.totalsHours = 48;
              configuration.limits.totalsVersions = 3;
          }) {}

    static json::object cell(int hour, std::int64_t calls, std::int64_t seconds, bool answered = true,
                             const char* direction = "inbound") {
        return {{"hour", formatInstant(World::noon + hours(hour - 12))},
                {"direction", direction},
                {"answered", answered},
                {"calls", calls},
                {"seconds", seconds}};
    }
    Answer post(Party& party, json::array totals) {
        const std::string query = &party == &world.platform ? "?carrierId=" + world.alpId : "";
        return party.post("/v1/traffic-totals" + query, json::object{{"totals", std::move(totals)}});
    }
    static std::string read(int from, int to) {
        return "/v1/traffic-totals?from=" + formatInstant(World::noon + hours(from - 12)) +
               "&to=" + formatInstant(World::noon + hours(to - 12));
    }
    json::array cells(Party& party, int from = 0, int to = 24) {
        const std::string query = &party == &world.alp ? "" : "&carrierId=" + world.alpId;
        return at(party.read(read(from, to) + query), "/items").as_array();
    }
    json::value run() { return world.alp.done("/v1/reconciliation/runs", json::object{{"date", World::day}}); }
};

TEST_P(TrafficTotals, BothSidesFiguresStandBesideWhatIsStored) {
    const CallFacts first{.number = 1},
        second{.number = 2, .invitedAt = World::noon + minutes(30), .talk = seconds(90)},
        missed{.number = 3, .invitedAt = World::noon + minutes(40), .talk = {}};
    world.platform.upload("/v1/calls", ndjson({callRecord(first), callRecord(second), callRecord(missed)}));
    world.alp.upload("/v1/durations", ndjson({durationOf(first, "r-1")}));
    const Answer posted = post(world.alp, {cell(12, 2, 151), cell(12, 1, 0, false)});
    ASSERT_EQ(posted.status, 200) << posted.body;
    EXPECT_EQ(
        posted.value(),
        (json::value{{"carrierId", world.alpId},
                     {"side", "carrier"},
                     {"hours", json::array{json::object{
                                   {"hour", formatInstant(World::noon)}, {"version", 1}, {"outcome", "created"}}}}}));
    EXPECT_EQ(textAt(post(world.platform, {cell(12, 2, 150)}).value(), "/side"), "platform");

    const json::array all = cells(world.alp);
    EXPECT_EQ(cells(world.platform), json::value(all)) << "both see the same";
    EXPECT_EQ(cells(world.auditor), json::value(all));
    ASSERT_EQ(all.size(), 4u) << "whoever posts an hour says of every kind how many there were";
    const json::value& answered = all[1];
    EXPECT_EQ(textAt(answered, "/direction"), "inbound");
    EXPECT_EQ(textAt(answered, "/answered"), "true");
    EXPECT_EQ(textAt(answered, "/platform/calls"), "2");
    EXPECT_EQ(at(answered, "/carrier/seconds").to_number<double>(), 151);
    EXPECT_EQ(textAt(answered, "/platformRecords/calls"), "2");
    EXPECT_EQ(at(answered, "/platformRecords/seconds").to_number<double>(), 150);
    EXPECT_EQ(textAt(answered, "/carrierRecords/calls"), "1");
    EXPECT_EQ(column(at(answered, "/differences"), "between"), (Words{"sides", "platform", "carrier"}));
    EXPECT_EQ(at(answered, "/differences/0/seconds").to_number<double>(), 1);
    EXPECT_EQ(at(answered, "/differences/0/percent").to_number<double>(), 0.667);
    EXPECT_EQ(textAt(answered, "/differences/2/calls"), "-1");
    EXPECT_EQ(at(answered, "/differences/2/seconds").to_number<double>(), -91);
    const json::value& unanswered = all[0];
    EXPECT_EQ(textAt(unanswered, "/platform/calls"), "0");
    EXPECT_EQ(textAt(unanswered, "/carrier/calls"), "1");
    EXPECT_EQ(textAt(unanswered, "/platformRecords/calls"), "1");
    EXPECT_FALSE(at(unanswered, "/differences/0").as_object().contains("percent"));
    EXPECT_EQ(cells(world.alp, 13, 24).size(), 0u);
}

TEST_P(TrafficTotals, PostingAnHourAgainReplacesItAndNothingIsLost) {
    post(world.alp, {cell(12, 5, 500), cell(12, 2, 0, false), cell(13, 1, 10)});
    world.advance(hours(1));
    const Answer again = post(world.alp, {cell(12, 6, 600), cell(13, 1, 10), cell(14, 1, 20)});
    EXPECT_EQ(column(at(again.value(), "/hours"), "outcome"), (Words{"replaced", "unchanged", "created"}));
    EXPECT_EQ(column(at(again.value(), "/hours"), "version"), (Words{"2", "1", "1"}));
    const json::array now = cells(world.alp, 12, 13);
    EXPECT_EQ(textAt(now[0], "/carrier/calls"), "0") << "what the hour leaves out had no calls";
    EXPECT_EQ(textAt(now[1], "/carrier/calls"), "6");
    const std::string query = "/v1/traffic-totals/history?hour=" + formatInstant(World::noon);
    const json::value history = world.alp.read(query);
    EXPECT_EQ(column(at(history, "/items"), "version"), (Words{"1", "2"}));
    EXPECT_EQ(textAt(history, "/items/0/postedBy"), world.alp.clientId());
    EXPECT_EQ(textAt(history, "/items/0/totals/1/calls"), "5");
    EXPECT_LT(textAt(history, "/items/0/postedAt"), textAt(history, "/items/1/postedAt"));
    EXPECT_EQ(world.platform.read(query + "&carrierId=" + world.alpId), history);
    post(world.alp, {cell(12, 7, 700)});
    EXPECT_EQ(post(world.alp, {cell(12, 8, 800), cell(15, 1, 1)}).code(), "too-many-versions");
    EXPECT_EQ(cells(world.alp, 15, 16).size(), 0u) << "all or nothing";
    EXPECT_EQ(textAt(post(world.alp, {cell(12, 7, 700)}).value(), "/hours/0/outcome"), "unchanged");
}

TEST_P(TrafficTotals, CsvIsReadToo) {
    const std::string csv =
        "answered,hour,calls,direction,seconds\r\n"
        "true,2026-03-09T12:00:00Z,4,outbound,240\n"
        "false,2026-03-09T14:00:00+01:00,2,inbound,0\n";
    const Answer posted = world.alp.upload("/v1/traffic-totals", csv, "text/csv");
    ASSERT_EQ(posted.status, 200) << posted.body;
    EXPECT_EQ(column(at(posted.value(), "/hours"), "hour"),
              (Words{"2026-03-09T12:00:00.000Z", "2026-03-09T13:00:00.000Z"}));
    EXPECT_EQ(textAt(cells(world.alp, 12, 13)[3], "/carrier/calls"), "4");
    const auto lineOf = [&](const std::string& body) {
        const Answer refused = world.alp.upload("/v1/traffic-totals", body, "text/csv");
        EXPECT_EQ(refused.code(), "bad-csv") << refused.body;
        return textAt(refused.value(), "/errors/0/line");
    };
    const std::string header = "hour,direction,answered,calls,seconds\n";
    EXPECT_EQ(lineOf("\n"), "1");
    EXPECT_EQ(lineOf("hour,direction,answered,calls\n"), "1");
    EXPECT_EQ(lineOf("hour,hour,direction,answered,calls,seconds\n"), "1");
    EXPECT_EQ(lineOf(header + "2026-03-09T12:00:00Z,inbound,true,4,4.5\n"), "2");
    EXPECT_EQ(lineOf(header + "2026-03-09T12:00:00Z,inbound,true,4,4\n2026-03-09T12:30:00Z,inbound,true,4,4\n"), "3");
    EXPECT_EQ(lineOf(header + "2026-03-09T12:00:00Z,inbound,true,4\n"), "2");
    EXPECT_EQ(lineOf(header + "2026-03-09T12:00:00Z,sideways,maybe,4,4\n"), "2");
}

TEST_P(TrafficTotals, WhatCannotBeIsRefusedWithItsPlace) {
    const auto pointer = [&](json::array totals) {
        const Answer refused = post(world.alp, std::move(totals));
        EXPECT_EQ(refused.code(), "bad-totals") << refused.body;
        return textAt(refused.value(), "/errors/0/pointer");
    };
    EXPECT_EQ(pointer({cell(12, 1, 1), cell(12, 2, 30, false)}), "/totals/1/seconds") << "ringing is no talk";
    EXPECT_EQ(pointer({cell(12, 0, 30)}), "/totals/0/seconds");
    EXPECT_EQ(pointer({cell(12, 1, 90 * 86'400)}), "/totals/0/seconds");
    EXPECT_EQ(pointer({cell(12, 1, 1), cell(12, 1, 1)}), "/totals/1/hour");
    EXPECT_EQ(pointer({cell(48, 1, 1)}), "/totals/0/hour") << "not begun";
    json::object within = cell(12, 1, 1);
    within["hour"] = "2026-03-09T12:20:00Z";
    EXPECT_EQ(pointer({within}), "/totals/0/hour");
    json::array many;
    for (int hour = -40; hour < 10; ++hour)
        many.push_back(cell(hour, 1, 1));
    EXPECT_EQ(post(world.alp, many).code(), "too-many-hours");
    EXPECT_EQ(post(world.alp, {}).code(), "invalid-body");
    EXPECT_EQ(world.alp.get(read(0, 49)).code(), "range-too-long");
    EXPECT_EQ(world.alp.get(read(12, 12)).code(), "bad-range");
    EXPECT_EQ(world.alp.get("/v1/traffic-totals?from=2026-03-09T12:20:00Z&to=2026-03-09T13:00:00Z").code(),
              "bad-range");
    EXPECT_EQ(world.platform.get(read(0, 24)).code(), "carrier-required");
}

TEST_P(TrafficTotals, TheDaysReportNamesWhereTheyDiffer) {
    const CallFacts first{.number = 1},
        second{.number = 2, .invitedAt = World::noon + minutes(90), .talk = seconds(90)};
    world.platform.upload("/v1/calls", ndjson({callRecord(first), callRecord(second)}));
    world.alp.upload("/v1/durations", ndjson({durationOf(first, "r-1"), durationOf(second, "r-2")}));
    EXPECT_EQ(at(run(), "/report/trafficTotals"), json::value(json::array())) << "nothing was posted";
    // Within 2 s a call at noon; a call too many at one o'clock.
    post(world.alp, {cell(12, 1, 61), cell(13, 2, 200)});
    post(world.platform, {cell(12, 1, 60), cell(13, 1, 90)});
    EXPECT_EQ(textAt(world.alp.read("/v1/reconciliation/days/" + std::string(World::day)), "/stale"), "true");
    const json::value named = at(run(), "/report/trafficTotals");
    EXPECT_EQ(column(named, "between"), (Words{"sides", "carrier"}));
    EXPECT_EQ(at(named, "/0"), (json::value{{"hour", "2026-03-09T13:00:00.000Z"},
                                            {"direction", "inbound"},
                                            {"answered", true},
                                            {"between", "sides"},
                                            {"calls", 1},
                                            {"seconds", 110.0},
                                            {"percent", 122.222}}));
    EXPECT_EQ(textAt(named, "/1/calls"), "-1") << "its records less what it posted";
    EXPECT_EQ(textAt(run(), "/report/counts/matched"), "2") << "totals replace no matching";
}

TEST_P(TrafficTotals, NobodyElseLearnsAnything) {
    post(world.alp, {cell(12, 4'711, 999'983)});
    const std::string hour = "&hour=" + formatInstant(World::noon);
    EXPECT_EQ(world.bay.get(read(0, 24) + "&carrierId=" + world.alpId).status, 404);
    EXPECT_EQ(world.bay.get("/v1/traffic-totals/history?carrierId=" + world.alpId + hour).status, 404);
    EXPECT_EQ(at(world.bay.read(read(0, 24)), "/items"), json::value(json::array()));
    EXPECT_EQ(world.acme.get(read(0, 24)).status, 403);
    EXPECT_EQ(
        world.bay
            .post("/v1/traffic-totals?carrierId=" + world.alpId, json::object{{"totals", json::array{cell(12, 1, 1)}}})
            .status,
        404);
    EXPECT_EQ(
        world.auditor
            .post("/v1/traffic-totals?carrierId=" + world.alpId, json::object{{"totals", json::array{cell(12, 1, 1)}}})
            .status,
        403);
    expectNone(everythingSeenBy(world, world.bay), {"4711", "999983"}, "what Bay sees");
    EXPECT_EQ(cells(world.alp).size(), 4u);
}

ON_EVERY_STORE(TrafficTotals);

}  // namespace
}  // namespace meetpoint::tests
