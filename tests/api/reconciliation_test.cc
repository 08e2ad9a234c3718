// A day of both sides, reconciled: items, diagnosis, and what a further run changes.
#include "api/records.h"

namespace meetpoint::tests {
namespace {

using Words = std::vector<std::string>;

class Reconciliation : public WorldTest {
protected:
    explicit Reconciliation(const std::function<void(server::Configuration&)>& configure =
                                [](server::Configuration&) {})
        : WorldTest(configure) {}

    static constexpr std::uint64_t seed = 7;
    static constexpr int pairs = 60;

    // 60 pairs; the last call misses at the platform and the one before it at the carrier.
    void uploadBothSides() {
        sides_ = twoSides(pairs, seed);
        lateCall_ = sides_.calls.back();
        lateDuration_ = sides_.durations[pairs - 2];
        sides_.calls.pop_back();
        sides_.durations.erase(sides_.durations.begin() + (pairs - 2));
        EXPECT_EQ(countsOf(world.platform.upload("/v1/calls", ndjson(sides_.calls))), "created 59");
        EXPECT_EQ(countsOf(world.alp.upload("/v1/durations", ndjson(sides_.durations))), "created 59");
    }
    json::value run(Party& party, const std::string& query = {}) {
        return party.done("/v1/reconciliation/runs" + query, json::object{{"date", World::day}});
    }
    json::array items(Party& party, const std::string& query = {}) {
        return at(party.read("/v1/reconciliation/items?limit=1000&date=" + std::string(World::day) + query), "/items")
            .as_array();
    }
    json::array feed() { return at(world.alp.read("/v1/feeds/items"), "/items").as_array(); }
    // The state that a reader of the feed has: the newest of each item, without those that are gone.
    std::map<std::string, json::value> stateFromFeed() {
        std::map<std::string, json::value> state;
        for (const json::value& item : feed()) {
            state[textAt(item, "/itemId")] = item;
            if (textAt(item, "/changed") == "gone") state.erase(textAt(item, "/itemId"));
        }
        return state;
    }
    void expectFeedAddsUp() {
        std::map<std::string, json::value> listed;
        for (const json::value& item : items(world.alp))
            listed[textAt(item, "/itemId")] = item;
        EXPECT_EQ(stateFromFeed(), listed) << "who follows the feed has the same items as who asks for the day";
    }

    TwoSides sides_;
    json::value lateCall_, lateDuration_;
};

TEST_P(Reconciliation, ADayIsReconciledCallByCallAndItsDifferencesExplained) {
    uploadBothSides();
    const json::value day = run(world.alp);
    EXPECT_EQ(textAt(day, "/carrierId"), world.alpId);
    EXPECT_EQ(textAt(day, "/date"), World::day);
    EXPECT_EQ(textAt(day, "/run"), "1");
    EXPECT_EQ(textAt(day, "/items"), "60");
    EXPECT_EQ(textAt(day, "/changed"), "60");
    EXPECT_EQ(textAt(day, "/rules/toleranceMs"), "2000");
    const json::value counts = at(day, "/report/counts");
    EXPECT_EQ(textAt(counts, "/missingAtPlatform"), "1");
    EXPECT_EQ(textAt(counts, "/missingAtCarrier"), "1");
    EXPECT_EQ(at(counts, "/matched").as_int64() + at(counts, "/matchedWithinTolerance").as_int64() +
                  at(counts, "/durationMismatch").as_int64(),
              58);
    EXPECT_EQ(textAt(counts, "/timeMismatch"), "0")
        << "a clock that is off is no reason to say that every call is at another time";
    EXPECT_EQ(textAt(day, "/report/totals/pairs"), "58");
    EXPECT_EQ(textAt(day, "/report/totals/ours/calls"), "59");
    EXPECT_EQ(textAt(day, "/report/totals/theirs/calls"), "59");

    const json::value diagnosis = at(day, "/report/diagnosis");
    EXPECT_EQ(column(diagnosis, "cause"), (Words{"clockOffset", "rounding"}))
        << "every cause that is there, and none that is made up";
    EXPECT_EQ(textAt(diagnosis, "/0/value"), "37000");
    EXPECT_EQ(textAt(diagnosis, "/0/evidence"), "The carrier's clock is 37 s ahead: 58 of 58 pairs.");
    EXPECT_EQ(at(diagnosis, "/1/value"), (json::value{{"mode", "up"}, {"stepMs", 6000}}));
    EXPECT_EQ(textAt(diagnosis, "/1/count"), "58");
}

TEST_P(Reconciliation, AnItemShowsBothSides) {
    uploadBothSides();
    run(world.alp);
    const json::array all = items(world.alp);
    ASSERT_EQ(all.size(), 60u);
    const auto itemOf = [&](const std::string& record) {
        for (const json::value& item : all)
            if (json::serialize(item).find('"' + record + '"') != std::string::npos) return item;
        return json::value();
    };
    const json::value pair = itemOf("r-1");
    EXPECT_EQ(at(pair, "/ourCalls"), (json::value{callId(1)}));
    EXPECT_EQ(at(pair, "/theirRecords"), (json::value{"r-1"}));
    EXPECT_EQ(textAt(pair, "/oursMs"), "27321");
    EXPECT_EQ(textAt(pair, "/theirsMs"), "30000");
    EXPECT_EQ(textAt(pair, "/durationDeltaMs"), "2679") << "theirs minus ours";
    EXPECT_EQ(textAt(pair, "/startDeltaMs"), "37000");
    EXPECT_EQ(textAt(pair, "/state"), "durationMismatch");
    EXPECT_EQ(at(pair, "/causes"), (json::value{"clockOffset", "rounding"}));
    EXPECT_EQ(textAt(pair, "/ownNumber"), World::alpE164);
    EXPECT_EQ(textAt(itemOf("r-60"), "/state"), "missingAtPlatform");
    EXPECT_EQ(at(itemOf("r-60"), "/ourCalls"), json::value(json::array()));
    EXPECT_EQ(textAt(itemOf(callId(59)), "/state"), "missingAtCarrier");
    EXPECT_EQ(at(itemOf(callId(59)), "/theirRecords"), json::value(json::array()));

    EXPECT_EQ(items(world.alp, "&state=missingAtCarrier").size(), 1u);
    EXPECT_EQ(world.alp.get("/v1/reconciliation/items?state=lost&date=" + std::string(World::day)).code(), "bad-value");
    Words paged;
    std::string path = "/v1/reconciliation/items?limit=25&date=" + std::string(World::day);
    while (!path.empty()) {
        const Answer page = world.alp.get(path);
        for (const std::string& id : column(at(page.value(), "/items"), "itemId"))
            paged.push_back(id);
        const std::string link(page.headers.value("Link"));
        path = link.empty() ? "" : link.substr(1, link.find('>') - 1);
        ASSERT_LE(paged.size(), 60u);
    }
    EXPECT_EQ(paged, column(all, "itemId"));
}

TEST_P(Reconciliation, ASecondRunChangesNothing) {
    uploadBothSides();
    run(world.alp);
    const json::array before = items(world.alp), fed = feed();
    EXPECT_EQ(fed.size(), 60u);
    world.advance(hours(1));
    const json::value again = run(world.alp);
    EXPECT_EQ(textAt(again, "/run"), "2");
    EXPECT_EQ(textAt(again, "/items"), "60");
    EXPECT_EQ(textAt(again, "/changed"), "0");
    EXPECT_EQ(items(world.alp), before);
    EXPECT_EQ(feed(), fed) << "the feed tells changes alone";
    expectFeedAddsUp();
}

TEST_P(Reconciliation, WhatComesLateChangesOnlyItsItems) {
    uploadBothSides();
    run(world.alp);
    world.advance(hours(1));
    EXPECT_EQ(countsOf(world.alp.upload("/v1/durations", ndjson({lateDuration_}))), "created 1");
    EXPECT_EQ(countsOf(world.platform.upload("/v1/calls", ndjson({lateCall_}))), "created 1");
    const json::value second = run(world.alp);
    EXPECT_EQ(textAt(second, "/items"), "60");
    EXPECT_EQ(textAt(second, "/report/counts/missingAtCarrier"), "0");
    EXPECT_EQ(textAt(second, "/report/counts/missingAtPlatform"), "0");
    EXPECT_LE(at(second, "/changed").as_int64(), 4) << "two items, each perhaps under a new id";
    EXPECT_GE(at(second, "/changed").as_int64(), 2);
    expectFeedAddsUp();
    const json::array fed = feed();
    for (std::size_t i = 0; i < fed.size(); ++i)
        EXPECT_EQ(textAt(fed[i], "/sequence"), std::to_string(i + 1));
    for (std::size_t i = 60; i < fed.size(); ++i)
        EXPECT_EQ(textAt(fed[i], "/run"), "2");
}

TEST_P(Reconciliation, RecordsThatComeAfterTheyWereDueAreNamed) {
    uploadBothSides();
    const auto late = [](const json::value& report) {
        const json::value diagnosis = at(report, "/report/diagnosis");
        for (const json::value& found : diagnosis.as_array())
            if (textAt(found, "/cause") == "lateRecord") return found;
        return json::value();
    };
    EXPECT_TRUE(late(run(world.alp)).is_null());
    // Due ten days after the day's end where nothing else is agreed.
    const Instant due = *parseInstant(std::string(World::day) + "T00:00:00Z") + days(11);
    world.advance(due - exchange.clock.now());
    EXPECT_EQ(countsOf(world.alp.upload("/v1/durations", ndjson({lateDuration_}))), "created 1");
    EXPECT_TRUE(late(run(world.alp)).is_null()) << "at the very last moment";
    world.advance(milliseconds(1));
    EXPECT_EQ(countsOf(world.platform.upload("/v1/calls", ndjson({lateCall_}))), "created 1");
    const json::value found = late(run(world.alp));
    EXPECT_EQ(textAt(found, "/at"), "platform") << json::serialize(found);
    EXPECT_EQ(textAt(found, "/count"), "1");
    EXPECT_EQ(textAt(found, "/outOf"), "60");
    EXPECT_EQ(textAt(found, "/value"), formatInstant(due));
    EXPECT_GT(at(found, "/secondsExplained").to_number<double>(), 0);
    std::size_t lateItems = 0;
    for (const json::value& item : items(world.alp))
        lateItems += textAt(item, "/causes").find("lateRecord") != std::string::npos ? 1 : 0;
    EXPECT_EQ(lateItems, 1u);
    expectFeedAddsUp();
}

TEST_P(Reconciliation, ACorrectedRecordChangesItsItem) {
    uploadBothSides();
    run(world.alp);
    json::object corrected = sides_.durations[9].as_object();
    corrected["revision"] = 2;
    corrected["durationMs"] = 3'600'000;
    EXPECT_EQ(countsOf(world.alp.upload("/v1/durations", ndjson({corrected}))), "updated 1");
    EXPECT_EQ(textAt(run(world.alp), "/changed"), "1");
    const json::value newest = feed().back();
    EXPECT_EQ(at(newest, "/theirRecords"), (json::value{"r-10"}));
    EXPECT_EQ(textAt(newest, "/theirsMs"), "3600000");
    EXPECT_EQ(textAt(newest, "/state"), "durationMismatch");
    expectFeedAddsUp();
}

TEST_P(Reconciliation, BothSidesReadTheSameReportAndNobodyElseAnything) {
    uploadBothSides();
    const json::value made = run(world.platform, "?carrierId=" + world.alpId);
    const std::string day = "/v1/reconciliation/days/" + std::string(World::day);
    EXPECT_EQ(world.alp.read(day), made);
    EXPECT_EQ(world.platform.read(day + "?carrierId=" + world.alpId), made);
    EXPECT_EQ(world.auditor.read(day + "?carrierId=" + world.alpId), made);
    EXPECT_EQ(items(world.alp), items(world.platform, "&carrierId=" + world.alpId));
    EXPECT_EQ(at(world.alp.read("/v1/reconciliation/days?from=2026-03-01&to=2026-03-31"), "/items"),
              (json::value{made}));
    EXPECT_EQ(world.platform.get(day).code(), "carrier-required");

    EXPECT_EQ(world.bay.get(day).code(), "not-found");
    const json::value bays = run(world.bay);
    EXPECT_EQ(textAt(bays, "/items"), "0");
    EXPECT_EQ(textAt(bays, "/run"), "1") << "not even the number of runs tells of the other's";
    auto secrets = secretsOfAlp(world);
    for (const char* more : {"r-1\"", "clockOffset", "4179555"})
        secrets.emplace_back(more);
    secrets.push_back(callId(1));
    expectNone(everythingSeenBy(world, world.bay), secrets, "what Bay sees");
    expectNone(everythingSeenBy(world, world.zeta), secrets, "what Zeta sees");
}

TEST_P(Reconciliation, OnlyDaysThatHaveBegunAreRun) {
    EXPECT_EQ(world.alp.post("/v1/reconciliation/runs", json::object{{"date", "2026-03-11"}}).code(), "bad-date");
    EXPECT_EQ(textAt(world.alp.done("/v1/reconciliation/runs", json::object{{"date", "2026-03-10"}}), "/items"), "0")
        << "today has begun";
    EXPECT_EQ(world.alp.get("/v1/reconciliation/days/2026-03-08").code(), "not-found") << "never run";
    const Answer misspelt = world.alp.post("/v1/reconciliation/runs", json::object{{"date", "09.03.2026"}});
    EXPECT_EQ(misspelt.code(), "invalid-body");
    EXPECT_EQ(textAt(misspelt.value(), "/errors/0/pointer"), "/date");
}

TEST_P(Reconciliation, ADayIsReadAsAnOldRunLeftIt) {
    uploadBothSides();
    const json::value first = run(world.alp);
    const json::array before = items(world.alp);
    EXPECT_EQ(countsOf(world.alp.upload("/v1/durations", ndjson({lateDuration_}))), "created 1");
    const json::value second = run(world.alp);
    ASSERT_NE(items(world.alp), before);
    EXPECT_EQ(items(world.alp, "&asOf=1"), before);
    EXPECT_EQ(items(world.alp, "&asOf=2"), items(world.alp));
    EXPECT_EQ(items(world.alp, "&asOf=1&state=missingAtCarrier").size(), 1u);
    const std::string day = "/v1/reconciliation/days/" + std::string(World::day);
    EXPECT_EQ(at(world.alp.read(day + "?asOf=1"), "/report"), at(first, "/report"));
    const json::value runs = at(world.alp.read("/v1/reconciliation/runs?date=" + std::string(World::day)), "/items");
    EXPECT_EQ(column(runs, "run"), (Words{"2", "1"}));
    EXPECT_EQ(at(runs, "/0/rules"), at(second, "/rules"));
    EXPECT_EQ(at(world.bay.read("/v1/reconciliation/runs?date=" + std::string(World::day)), "/items"),
              json::value(json::array()));
}

TEST_P(Reconciliation, ADryRunTriesOtherRulesAndKeepsNothing) {
    uploadBothSides();
    const json::value made = run(world.alp);
    const json::array fed = feed();
    const json::object wide{{"date", World::day}, {"dryRun", true}, {"toleranceMs", 10'000}};
    const json::value tried = world.alp.done("/v1/reconciliation/runs", wide);
    EXPECT_EQ(textAt(tried, "/run"), "0");
    EXPECT_EQ(textAt(tried, "/rules/toleranceMs"), "10000");
    EXPECT_NE(textAt(made, "/report/counts/durationMismatch"), "0");
    EXPECT_EQ(textAt(tried, "/report/counts/durationMismatch"), "0") << "rounding up to 6 s lies within it";
    EXPECT_EQ(world.alp.read("/v1/reconciliation/days/" + std::string(World::day)), made);
    EXPECT_EQ(feed(), fed);
    EXPECT_EQ(
        world.alp.post("/v1/reconciliation/runs", json::object{{"date", World::day}, {"toleranceMs", 10'000}}).code(),
        "dry-run-required");
}

ON_EVERY_STORE(Reconciliation);

// The exchange runs days by itself.
class DaysByThemselves : public Reconciliation {
protected:
    DaysByThemselves()
        : Reconciliation([](server::Configuration& configuration) {
              configuration.reconciliation = {};
              configuration.reconciliation.pause = milliseconds(5);
              configuration.reconciliation.closeAfter = days(3);
          }) {}

    // The day's report, once it says what is wanted.
    json::value dayWhere(const std::function<bool(const json::value&)>& isWanted) {
        for (;;) {
            const Answer answer = world.alp.get("/v1/reconciliation/days/" + std::string(World::day));
            if (answer.status == 200 && isWanted(answer.value())) return answer.value();
            std::this_thread::yield();
        }
    }
    json::value dayOfRun(std::int64_t run) {
        return dayWhere([&](const json::value& day) { return at(day, "/run").as_int64() >= run; });
    }
};

TEST_P(DaysByThemselves, ADayIsRunAgainWhenRecordsComeAndWhatComesAfterItsCloseIsAnAdjustment) {
    uploadBothSides();
    world.advance(hours(1));
    const json::value first = dayWhere([](const json::value& day) { return textAt(day, "/items") == "60"; });
    EXPECT_FALSE(at(first, "/stale").as_bool());
    EXPECT_EQ(items(world.alp, "&adjustments=true").size(), 0u);

    EXPECT_EQ(countsOf(world.platform.upload("/v1/calls", ndjson({lateCall_}))), "created 1");
    world.advance(hours(1));
    const json::value second = dayOfRun(at(first, "/run").as_int64() + 1);
    EXPECT_EQ(textAt(second, "/report/counts/missingAtPlatform"), "0");

    world.advance(days(3));
    const json::value closed = dayWhere([](const json::value& day) { return day.as_object().contains("closedAt"); });
    EXPECT_EQ(at(closed, "/closedRun"), at(closed, "/run"));
    EXPECT_EQ(items(world.alp, "&adjustments=true").size(), 0u);

    EXPECT_EQ(countsOf(world.alp.upload("/v1/durations", ndjson({lateDuration_}))), "created 1");
    world.advance(hours(1));
    const json::value adjusted = dayOfRun(at(closed, "/run").as_int64() + 1);
    EXPECT_EQ(at(adjusted, "/closedRun"), at(closed, "/run"));
    EXPECT_EQ(items(world.alp, "&adjustments=true").size(),
              static_cast<std::size_t>(at(adjusted, "/changed").as_int64()));
    const json::value report = world.alp.read("/v1/reconciliation/report?date=" + std::string(World::day));
    EXPECT_EQ(textAt(report, "/days/0/status"), "closed");
    EXPECT_EQ(at(report, "/days/0/closedAt"), at(closed, "/closedAt"));
    EXPECT_EQ(at(report, "/days/0/adjustments"), at(adjusted, "/changed"));
    expectFeedAddsUp();
}

ON_EVERY_STORE(DaysByThemselves);

}  // namespace
}  // namespace meetpoint::tests
