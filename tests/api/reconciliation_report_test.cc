// The report of a day, a month or a billing cycle over HTTP: what it adds up, in which form, and who sees it.
#include "api/records.h"

namespace meetpoint::tests {
namespace {

using Words = std::vector<std::string>;

class ReconciliationReport : public WorldTest {
protected:
    static constexpr std::uint64_t seed = 7;
    static constexpr int pairs = 60;

    // 60 pairs on one day; the last call misses at the platform and the one before it at the carrier. The carrier's
    // clock is 37 s ahead, and it rounds up to 6 s.
    void uploadBothSides() {
        TwoSides sides = twoSides(pairs, seed);
        sides.calls.pop_back();
        sides.durations.erase(sides.durations.begin() + (pairs - 2));
        EXPECT_EQ(countsOf(world.platform.upload("/v1/calls", ndjson(sides.calls))), "created 59");
        EXPECT_EQ(countsOf(world.alp.upload("/v1/durations", ndjson(sides.durations))), "created 59");
    }
    json::value run(std::string_view date = World::day) {
        return world.alp.done("/v1/reconciliation/runs", json::object{{"date", date}});
    }
    static std::string path(const std::string& query) { return "/v1/reconciliation/report?" + query; }
    Answer as(Party& party, std::string_view type, const std::string& query, std::string_view language = {}) {
        http::ClientRequest request{.method = "GET", .url = path(query), .body = {}};
        request.headers.set("Accept", std::string(type));
        if (!language.empty()) request.headers.set("Accept-Language", std::string(language));
        return party.send(std::move(request));
    }
    void agree(json::object terms, std::string_view validFrom) {
        terms["toleranceMs"] = 2'000;
        const std::string id = textAt(
            world.alp.done("/v1/agreements", json::object{{"validFrom", validFrom}, {"terms", std::move(terms)}}),
            "/id");
        http::Headers headers;
        headers.set("If-Match", "*");
        EXPECT_EQ(
            world.platform.post("/v1/agreements/" + id + "/state", json::object{{"state", "signed"}}, headers).status,
            200);
    }
    std::string cycle(std::string_view date) {
        const json::value period = at(world.alp.read(path("period=billingCycle&date=" + std::string(date))), "/period");
        return textAt(period, "/from") + " " + textAt(period, "/to") + " " + textAt(period, "/timeZone");
    }
};

TEST_P(ReconciliationReport, ADaysReportSaysWhatItsRunSays) {
    uploadBothSides();
    const json::value day = run();
    const json::value report = world.alp.read(path("date=" + std::string(World::day)));
    EXPECT_EQ(textAt(report, "/carrierId"), world.alpId);
    EXPECT_EQ(at(report, "/period"), (json::value{{"kind", "day"},
                                                  {"from", "2026-03-09T00:00:00.000Z"},
                                                  {"to", "2026-03-10T00:00:00.000Z"},
                                                  {"timeZone", "UTC"}}));
    for (const char* side : {"/ours", "/theirs"})
        for (const char* figure : {"/records", "/calls", "/answered", "/seconds"})
            EXPECT_DOUBLE_EQ(at(report, std::string(side) + figure).to_number<double>(),
                             at(day, std::string("/report/totals") + side + figure).to_number<double>())
                << side << figure;
    EXPECT_EQ(textAt(report, "/difference/calls"), "0");
    EXPECT_DOUBLE_EQ(at(report, "/difference/seconds").to_number<double>(),
                     at(day, "/report/totals/differenceSeconds").to_number<double>());
    EXPECT_NEAR(at(report, "/difference/secondsPercent").to_number<double>(),
                at(day, "/report/totals/differencePercent").to_number<double>(), 0.001);
    const json::array states = at(report, "/states").as_array();
    EXPECT_FALSE(states.empty());
    for (const json::value& state : states)
        EXPECT_EQ(textAt(state, "/items"), textAt(day, "/report/counts/" + textAt(state, "/state")));
    EXPECT_EQ(column(at(report, "/findings"), "cause"), column(at(day, "/report/diagnosis"), "cause"));
    EXPECT_EQ(column(at(report, "/findings"), "evidence"), column(at(day, "/report/diagnosis"), "evidence"));
    EXPECT_EQ(at(report, "/findings/1/value"), at(day, "/report/diagnosis/1/value"));
    EXPECT_EQ(textAt(report, "/causes/1/cause"), "rounding");
    EXPECT_EQ(textAt(report, "/causes/1/items"), textAt(day, "/report/diagnosis/1/count"));
    EXPECT_DOUBLE_EQ(at(report, "/causes/1/secondsExplained").to_number<double>(),
                     at(day, "/report/diagnosis/1/secondsExplained").to_number<double>());
}

// What a cause explains may be less than an item's whole difference: the report goes by the stored part.
TEST_P(ReconciliationReport, UnitsAndLateRecordsExplainWhatTheirRunSaysTheyDo) {
    agree({{"dueAfterHours", 1}}, World::day);
    TwoSides sides = twoSides(pairs, seed);
    for (json::value& duration : sides.durations)
        duration.as_object()["durationMs"] = at(duration, "/durationMs").to_number<std::int64_t>() / 1'000;
    world.platform.upload("/v1/calls", ndjson(sides.calls));
    world.alp.upload("/v1/durations", ndjson(sides.durations));
    world.advance(days(2));
    const json::object late = durationOf({.number = 999, .invitedAt = World::noon}, "late");
    EXPECT_EQ(countsOf(world.alp.upload("/v1/durations", ndjson(json::array{late}))), "created 1");
    const json::value day = run();
    const json::value report = world.alp.read(path("date=" + std::string(World::day)));
    std::map<std::string, json::value> summed;
    for (const json::array causes = at(report, "/causes").as_array(); const json::value& cause : causes)
        summed[textAt(cause, "/cause")] = cause;
    std::size_t compared = 0;
    for (const json::array said = at(day, "/report/diagnosis").as_array(); const json::value& one : said) {
        const std::string cause = textAt(one, "/cause");
        if (cause != "durationUnit" && cause != "lateRecord" && cause != "rounding") continue;
        ASSERT_TRUE(summed.contains(cause)) << json::serialize(report);
        EXPECT_EQ(textAt(summed[cause], "/items"), textAt(one, "/count")) << cause;
        EXPECT_DOUBLE_EQ(at(summed[cause], "/secondsExplained").to_number<double>(),
                         at(one, "/secondsExplained").to_number<double>())
            << cause;
        ++compared;
    }
    EXPECT_EQ(compared, 3u) << json::serialize(at(day, "/report/diagnosis"));
    EXPECT_EQ(column(at(report, "/findings"), "value"), column(at(day, "/report/diagnosis"), "value"));
    for (const char* language : {"en", "zh-Hant", "ja"})
        EXPECT_NE(as(world.alp, "text/html", "date=" + std::string(World::day), language).body.find("× 1000 / 1"),
                  std::string::npos)
            << language << ": what sets the figures right";
}

TEST_P(ReconciliationReport, NumbersTrunksAndCallsWithTheLargestDifferencesAreNamed) {
    uploadBothSides();
    run();
    const json::value report = world.alp.read(path("date=" + std::string(World::day)));
    EXPECT_EQ(column(at(report, "/numbers"), "name"), (Words{std::string(World::alpE164)}));
    EXPECT_EQ(textAt(report, "/numbers/0/items"), textAt(report, "/days/0/differences"));
    // What only the carrier has names no trunk of the platform.
    std::int64_t items = 0;
    Words names;
    const json::array trunks = at(report, "/trunks").as_array();
    for (const json::value& trunk : trunks) {
        items += at(trunk, "/items").as_int64();
        names.push_back(trunk.as_object().contains("name") ? textAt(trunk, "/name") : "");
    }
    std::ranges::sort(names);
    EXPECT_EQ(names, (Words{"", "sbc1.example"}));
    EXPECT_EQ(items, at(report, "/numbers/0/items").as_int64());
    EXPECT_EQ(at(report, "/groupsComplete"), true);
    const json::array largest = at(report, "/largest").as_array();
    ASSERT_EQ(static_cast<std::int64_t>(largest.size()), std::min<std::int64_t>(50, items));
    EXPECT_TRUE(textAt(largest[0], "/state").starts_with("missing")) << "a whole call is more than a rounding";
    Words records;
    for (const json::value& item : largest)
        for (const json::value& record : item.at("theirRecords").as_array())
            records.emplace_back(record.as_string());
    EXPECT_NE(std::ranges::find(records, "r-60"), records.end()) << "the one that the platform lacks";
}

TEST_P(ReconciliationReport, AMonthSaysOfEveryDayHowFarItIs) {
    uploadBothSides();
    run();
    const json::value before = world.alp.read(path("month=2026-03"));
    ASSERT_EQ(at(before, "/days").as_array().size(), 31u);
    const auto day = [](const json::value& report, int number) {
        return at(report, "/days/" + std::to_string(number - 1));
    };
    EXPECT_EQ(textAt(day(before, 8), "/status"), "neverReconciled");
    EXPECT_EQ(textAt(day(before, 9), "/status"), "open");
    EXPECT_EQ(at(day(before, 9), "/stale"), false);
    EXPECT_EQ(textAt(day(before, 9), "/items"), "60");
    EXPECT_EQ(textAt(day(before, 31), "/status"), "notBegun");
    EXPECT_EQ(at(before, "/ours"), at(world.alp.read(path("date=2026-03-09")), "/ours"));
    EXPECT_EQ(at(before, "/ours"), at(world.alp.read(path("date=2026-03-20&period=month")), "/ours"));
    EXPECT_EQ(textAt(world.alp.read(path("month=2026-02")), "/ours/calls"), "0");
}

TEST_P(ReconciliationReport, ItemsAreCutByTheInstantOfTheCall) {
    const Instant late{World::noon.ms + hours(11).ms + minutes(30).ms};  // 23:30 UTC: past midnight in Zurich
    world.platform.upload("/v1/calls",
                          ndjson(json::array{callRecord({.number = 1}), callRecord({.number = 2, .invitedAt = late})}));
    run();
    const auto calls = [&](const std::string& query) { return textAt(world.alp.read(path(query)), "/ours/calls"); };
    EXPECT_EQ(calls("date=2026-03-09"), "2");
    EXPECT_EQ(calls("date=2026-03-09&timeZone=Europe/Zurich"), "1");
    EXPECT_EQ(calls("date=2026-03-10&timeZone=Europe/Zurich"), "1");
    const json::value next = world.alp.read(path("date=2026-03-10&timeZone=Europe/Zurich"));
    EXPECT_EQ(column(at(next, "/days"), "date"), (Words{"2026-03-09", "2026-03-10"}));
    EXPECT_EQ(column(at(next, "/days"), "status"), (Words{"open", "neverReconciled"}));
}

TEST_P(ReconciliationReport, BillingCyclesFollowTheAgreementInForceWithoutAGap) {
    EXPECT_EQ(cycle("2026-03-09"), "2026-03-01T00:00:00.000Z 2026-04-01T00:00:00.000Z UTC") << "nothing is agreed";
    agree({{"billingCycleStartDay", 15}, {"timeZone", "Europe/Zurich"}}, "2026-03-20");
    EXPECT_EQ(cycle("2026-03-09"), "2026-03-01T00:00:00.000Z 2026-03-19T23:00:00.000Z UTC")
        << "cut where other cycles begin";
    EXPECT_EQ(cycle("2026-03-20"), "2026-03-19T23:00:00.000Z 2026-04-14T22:00:00.000Z Europe/Zurich");
    EXPECT_EQ(cycle("2026-04-14"), cycle("2026-03-20"));
    EXPECT_EQ(cycle("2026-04-15"), "2026-04-14T22:00:00.000Z 2026-05-14T22:00:00.000Z Europe/Zurich");
    agree({{"billingCycleStartDay", 15}, {"timeZone", "Europe/Zurich"}, {"tolerancePerMille", 5}}, "2026-05-01");
    EXPECT_EQ(cycle("2026-05-02"), cycle("2026-04-15")) << "another agreement with the same cycle cuts nothing";
    EXPECT_EQ(world.alp.get(path("period=billingCycle&date=2026-03-09&timeZone=UTC")).code(), "bad-period");
}

TEST_P(ReconciliationReport, UsageOfABillingCycleIsThatOfItsTime) {
    const auto callOn = [](int number, std::string_view at) {
        return callRecord({.number = number, .invitedAt = *parseInstant(at)});
    };
    agree({{"billingCycleStartDay", 6}, {"timeZone", "Europe/Zurich"}}, "2026-03-01");
    world.platform.upload("/v1/calls",
                          ndjson(json::array{callOn(1, "2026-03-05T22:59:59Z"), callOn(2, "2026-03-05T23:00:00Z"),
                                             callOn(3, "2026-03-09T12:00:00Z")}));
    const json::value usage = world.acme.read("/v1/usage?period=billingCycle&date=2026-03-09");
    EXPECT_EQ(textAt(usage, "/from"), "2026-03-05T23:00:00.000Z");
    EXPECT_EQ(textAt(usage, "/to"), "2026-04-05T22:00:00.000Z");
    EXPECT_EQ(textAt(usage, "/timeZone"), "Europe/Zurich");
    EXPECT_EQ(textAt(usage, "/period"), "billingCycle");
    EXPECT_EQ(column(at(usage, "/items"), "date"), (Words{"2026-03-06", "2026-03-09"}));
    EXPECT_EQ(
        at(usage, "/totals"),
        (json::value{json::object{{"direction", "inbound"}, {"calls", 2}, {"answered", 2}, {"durationMs", 120'000}}}));
    const json::value before = world.acme.read("/v1/usage?period=billingCycle&date=2026-03-05");
    EXPECT_EQ(textAt(before, "/totals/0/calls"), "1");
    EXPECT_EQ(textAt(before, "/to"), textAt(usage, "/from"));
    const json::value month = world.acme.read("/v1/usage?month=2026-03&carrierId=" + world.alpId);
    EXPECT_EQ(textAt(month, "/totals/0/calls"), "3");
    EXPECT_EQ(textAt(month, "/period"), "month");
    EXPECT_EQ(world.acme.get("/v1/usage?month=2026-03&carrierId=" + world.bayId).code(), "not-found");
    EXPECT_EQ(textAt(world.zeta.read("/v1/usage?period=billingCycle&date=2026-03-09"), "/from"),
              "2026-03-01T00:00:00.000Z")
        << "nothing is agreed with its carrier";
}

TEST_P(ReconciliationReport, IsAPageOrCsvWhereThatIsWanted) {
    uploadBothSides();
    run();
    const Answer csv = as(world.alp, "text/csv", "month=2026-03");
    EXPECT_EQ(csv.status, 200);
    EXPECT_EQ(csv.headers.value("Content-Type"), "text/csv; charset=utf-8");
    EXPECT_NE(csv.body.find("\r\nday,2026-03-09,open,60,59,59,"), std::string::npos) << csv.body;
    EXPECT_NE(csv.body.find("\r\nday,2026-03-08,neverReconciled,,"), std::string::npos);
    const Answer html = as(world.alp, "text/html,application/xhtml+xml,*/*;q=0.8", "month=2026-03", "ja-JP,en;q=0.5");
    EXPECT_EQ(html.headers.value("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(html.headers.value("Content-Language"), "ja");
    EXPECT_EQ(html.headers.value("Vary"), "Accept, Accept-Language");
    EXPECT_NE(html.body.find("<html lang=\"ja\">"), std::string::npos);
    EXPECT_NE(html.body.find("照合レポート"), std::string::npos);
    EXPECT_NE(as(world.alp, "text/html", "month=2026-03&language=zh-Hant", "ja").body.find("對帳報告"),
              std::string::npos);
    EXPECT_NE(as(world.alp, "text/html", "month=2026-03").body.find("have never been reconciled"), std::string::npos);
    EXPECT_EQ(as(world.alp, "image/png", "month=2026-03").status, 406);
    EXPECT_EQ(world.alp.get(path("month=2026-03&language=fr")).code(), "bad-parameters");
}

TEST_P(ReconciliationReport, SaysNothingOfOthersAndSaysWhichPeriodIsWrong) {
    uploadBothSides();
    run();
    for (const char* type : {"application/json", "text/csv", "text/html"}) {
        expectNone(as(world.bay, type, "month=2026-03").whole(), secretsOfAlp(world), "Bay's report");
        EXPECT_EQ(as(world.bay, type, "month=2026-03&carrierId=" + world.alpId).code(), "not-found");
        EXPECT_EQ(as(world.acme, type, "month=2026-03").status, 403) << "tenants have usage";
        EXPECT_EQ(as(world.platform, type, "month=2026-03").code(), "carrier-required");
    }
    EXPECT_EQ(at(world.platform.read(path("month=2026-03&carrierId=" + world.alpId)), "/ours"),
              at(world.alp.read(path("month=2026-03")), "/ours"))
        << "both sides read the same";
    for (const char* query : {"", "month=2026-13", "month=03-2026", "period=month", "month=2026-03&date=2026-03-09"})
        EXPECT_EQ(world.alp.get(path(query)).code(), "bad-period") << query;
    EXPECT_EQ(world.alp.get(path("month=2026-03&timeZone=Mars/Olympus")).code(), "unknown-time-zone");
    EXPECT_EQ(world.alp.get(path("date=2026-03-09&period=week")).code(), "bad-parameters");
}

ON_EVERY_STORE(ReconciliationReport);

}  // namespace
}  // namespace meetpoint::tests
