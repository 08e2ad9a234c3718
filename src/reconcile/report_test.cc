// What a report adds up and how it is written.
#include <sstream>

#include <gtest/gtest.h>

#include "reconcile/reconcile.h"
#include "reconcile/report_csv.h"
#include "reconcile/report_html.h"
#include "reconcile/report_sums.h"
#include "reconcile/testing/generator.h"

namespace meetpoint::reconcile {
namespace {

Outcome everythingMixed(std::uint64_t seed) {
    testing::Scenario scenario;
    scenario.seed = seed;
    scenario.offsetMs = 37'000;
    scenario.rounding = "up";
    scenario.missingAtCarrier = scenario.missingAtPlatform = 0.05;
    scenario.duplicatesAtCarrier = scenario.forksAtPlatform = scenario.partialsAtCarrier = 0.1;
    scenario.presented = scenario.reversed = scenario.answeredDiffers = 0.03;
    scenario.hung = 0.01;
    scenario.maskedDigits = 4;
    const testing::World world = testing::generate(scenario);
    return reconcile(world.calls, world.durations, {});
}

ItemFacts difference(std::int64_t ourMs, std::int64_t theirMs, std::int64_t atMs = 0) {
    ItemFacts facts;
    facts.state = State::durationMismatch;
    facts.isDifference = true;
    facts.at = {atMs};
    facts.ourRecords = facts.theirRecords = 1;
    facts.ourMs = ourMs;
    facts.theirMs = theirMs;
    facts.durationDeltaMs = theirMs - ourMs;
    return facts;
}

std::string page(const Report& report, Language language = Language::english) {
    std::ostringstream out;
    writeHtml(report, language, out);
    return out.str();
}

std::size_t countOf(const std::string& text, std::string_view part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++count;
    return count;
}

Report somethingOfEverything() {
    Report report;
    ReportSums sums{ReportLimits{}};
    ItemFacts facts = difference(60'000, 72'000, parseInstant("2026-11-15T10:00:00Z")->ms);
    facts.ownNumber = 41446681800;
    facts.startDeltaMs = 37'000;
    facts.causes.add(Cause::rounding);
    sums.add(facts);
    sums.addTrunk("<sbc> & \"co\"", facts);
    sums.addWorst(facts, {"<ours>"}, {"r-'1'"});
    sums.fill(report);
    report.ours = "Platform";
    report.theirs = "=cmd|'/C calc'!A0 <b>";
    report.period = ReportPeriod{PeriodKind::month, *parseInstant("2026-11-01T00:00:00Z"),
                                 *parseInstant("2026-12-01T00:00:00Z"), "UTC", *parseInstant("2026-11-20T08:00:00Z")};
    Diagnosis rounding;
    rounding.cause = Cause::rounding;
    rounding.rounding = Rounding{RoundingMode::up, seconds(6)};
    rounding.at = Party::carrier;
    rounding.count = rounding.outOf = 1;
    report.findings.push_back({*parseDay("2026-11-15"), rounding});
    report.deviations.push_back({*parseDay("2026-11-15"), "increments", "<agreed>", "<shown>", 1, 1, "<evidence>"});
    DayLine never{.day = *parseDay("2026-11-14")}, closed{.day = *parseDay("2026-11-15"), .status = DayStatus::closed};
    closed.run = 3;
    closed.closedAt = *parseInstant("2026-11-19T00:00:00Z");
    closed.isStale = true;
    closed.adjustments = 2;
    closed.items = closed.differences = 1;
    closed.ours = {1, 60'000};
    closed.theirs = {1, 72'000};
    report.days = {never, closed};
    return report;
}

TEST(Report, ItemsAddUpToWhatTheRunSays) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        SCOPED_TRACE(seed);
        const Outcome outcome = everythingMixed(seed);
        ReportSums sums{ReportLimits{}};
        for (const Item& item : outcome.items)
            sums.add(factsOf(item));
        Report report;
        sums.fill(report);
        const auto expectSame = [](const SideTotals& summed, const SideTotals& said) {
            EXPECT_EQ(summed.records, said.records);
            EXPECT_EQ(summed.calls, said.calls);
            EXPECT_EQ(summed.answered, said.answered);
            EXPECT_EQ(summed.connectedMs, said.connectedMs);
        };
        expectSame(report.totals.ours, outcome.totals.ours);
        expectSame(report.totals.theirs, outcome.totals.theirs);
        EXPECT_EQ(report.totals.pairs, outcome.totals.pairs);
        for (std::size_t s = 0; s < stateCount; ++s) {
            EXPECT_EQ(report.totals.states[s].items, outcome.totals.states[s].items) << name(static_cast<State>(s));
            EXPECT_EQ(report.totals.states[s].theirMs, outcome.totals.states[s].theirMs);
        }
        std::size_t compared = 0;
        for (const Diagnosis& found : outcome.diagnosis) {
            if (found.cause == Cause::clockOffset) continue;  // counts the pairs that agree once the clocks are set
            const CauseTotals& cause = report.causes[static_cast<std::size_t>(found.cause)];
            EXPECT_EQ(cause.items, found.count) << name(found.cause);
            EXPECT_EQ(cause.ms, found.explainedMs) << name(found.cause);
            ++compared;
        }
        EXPECT_GE(compared, 6u);
    }
}

TEST(Report, TheLargestComeFirstAndAreCutWhereTheyAreMany) {
    ReportSums sums({.groups = 1'000, .groupsShown = 2, .worstShown = 2});
    for (const std::int64_t theirs : {61'000, 90'000, 65'000}) {
        const ItemFacts facts = difference(60'000, theirs);
        sums.addTrunk(theirs == 65'000 ? "a" : theirs == 90'000 ? "b" : "c", facts);
        if (sums.isAmongWorst(facts)) sums.addWorst(facts, {std::to_string(theirs)}, {});
    }
    const ItemFacts shorter = difference(60'000, 50'000);
    sums.addTrunk("b", shorter);
    EXPECT_TRUE(sums.isAmongWorst(shorter));
    EXPECT_FALSE(sums.isAmongWorst(difference(60'000, 61'000)));
    Report report;
    sums.fill(report);
    ASSERT_EQ(report.trunks.size(), 2u);
    EXPECT_EQ(report.trunks[0].name, "b");
    EXPECT_EQ(report.trunks[0].atStakeMs, 40'000) << "a difference each way does not cancel out";
    EXPECT_EQ(report.trunks[0].theirMs - report.trunks[0].ourMs, 20'000);
    EXPECT_EQ(report.trunks[1].name, "a");
    EXPECT_TRUE(report.hasAllGroups);
    ASSERT_EQ(report.worst.size(), 2u);
    EXPECT_EQ(report.worst[0].ours, std::vector<std::string>{"90000"});
    EXPECT_EQ(report.worst[0].text, "ours 1 min, theirs 90 s (30 s longer)");
    EXPECT_EQ(report.worst[1].ours, std::vector<std::string>{"65000"});
}

TEST(Report, MoreGroupsThanTheLimitLoseThoseWithTheLeastAtStakeAndItIsSaid) {
    GroupSums groups(10);
    for (int i = 1; i <= 100; ++i)
        groups.add("trunk-" + std::to_string(i), difference(0, i == 1 ? 1'000'000 : i * 1'000));
    EXPECT_FALSE(groups.hasAll());
    const auto top = groups.top(2);
    EXPECT_EQ(top[0].name, "trunk-1");
    EXPECT_EQ(top[1].name, "trunk-100");
}

TEST(Report, StartDifferencesKeepTheirShapeWithoutTheOutermost) {
    StartDeltas deltas;
    EXPECT_TRUE(deltas.bars().empty());
    for (int i = 0; i < 100; ++i)
        deltas.add(37'000 + i % 3 * 100);
    deltas.add(-50'000'000);
    const auto bars = deltas.bars();
    ASSERT_EQ(bars.size(), 3u);
    EXPECT_EQ(bars[0].label, "37 s");
    EXPECT_EQ(bars[0].ours, 34u);
    EXPECT_EQ(bars[2].label, "37.2 s");
}

TEST(Report, CallsInTimeAreByHourOrByDay) {
    CallsInTime hours, days;
    const std::int64_t start = parseInstant("2026-11-15T10:30:00Z")->ms;
    for (int hour = 0; hour < 3; ++hour)
        hours.add(difference(1, 1, start + hour * 3'600'000));
    ASSERT_EQ(hours.bars().size(), 3u);
    EXPECT_EQ(hours.bars()[0].label, "11-15 10h");
    for (int day = 0; day < 20; ++day)
        days.add(difference(1, 1, start + day * 86'400'000LL));
    ASSERT_EQ(days.bars().size(), 20u);
    EXPECT_EQ(days.bars()[1].label, "11-16");
    EXPECT_EQ(days.bars()[1].theirs, 1u);
}

TEST(Report, ThePageStandsAloneEscapesEverythingAndCanBeReadWithoutSeeing) {
    for (const Language language : {Language::english, Language::traditionalChinese, Language::japanese}) {
        const std::string html = page(somethingOfEverything(), language);
        SCOPED_TRACE(tagOf(language));
        EXPECT_NE(html.find("<html lang=\"" + std::string(tagOf(language)) + "\">"), std::string::npos);
        for (const char* outside : {"<script", "http://", "https://", "src=", "@import", "url("})
            EXPECT_EQ(html.find(outside), std::string::npos) << outside;
        for (const char* raw : {"<sbc>", "\"co\"", "<ours>", "<b>", "'1'", "<agreed>", "<shown>", "<evidence>"})
            EXPECT_EQ(html.find(raw), std::string::npos) << raw;
        EXPECT_NE(html.find("&lt;sbc&gt; &amp; &quot;co&quot;"), std::string::npos);
        EXPECT_EQ(countOf(html, "<svg"), countOf(html, "role=img aria-label=\""));
        EXPECT_EQ(countOf(html, "<table"), countOf(html, "<div class=wide role=region tabindex=0 aria-labelledby="));
        EXPECT_EQ(countOf(html, "<a href=\"#"), countOf(html, "<h2 id="));
        EXPECT_EQ(countOf(html, "{}"), 0u) << "a number that was not put in";
        EXPECT_NE(html.find("+41446681800"), std::string::npos);
        EXPECT_NE(html.find("↑ 6 s"), std::string::npos);
    }
    const std::string english = page(somethingOfEverything());
    EXPECT_NE(english.find("Days of this period that have never been reconciled: 1. The sums leave them out."),
              std::string::npos);
    EXPECT_NE(english.find("<td class=n>+0.20</td><td class=n>+20.00 %</td>"), std::string::npos);
    EXPECT_NE(page(somethingOfEverything(), Language::traditionalChinese).find("從未對帳"), std::string::npos);
    EXPECT_NE(page(somethingOfEverything(), Language::japanese).find("未照合"), std::string::npos);
}

TEST(Report, LanguagesAreReadBackAndNoWordIsMissing) {
    for (const Language language : {Language::english, Language::traditionalChinese, Language::japanese}) {
        EXPECT_EQ(languageOf(tagOf(language)), language);
        const ReportWords& words = wordsOf(language);
        for (const std::string_view meaning : words.stateMeanings)
            EXPECT_FALSE(meaning.empty());
        for (const std::string_view meaning : words.causeMeanings)
            EXPECT_FALSE(meaning.empty());
    }
    EXPECT_FALSE(languageOf("fr"));
}

TEST(Report, AsCsvEveryFigureIsALineAndNothingIsAFormula) {
    const std::string csv = reportCsv(somethingOfEverything());
    EXPECT_TRUE(
        csv.starts_with("section,date,name,items,ourCalls,theirCalls,ourSeconds,theirSeconds,"
                        "differenceSeconds,differencePercent,note\r\n"));
    for (const char* line :
         {"\r\nperiod,,theirs,,,,,,,,'=cmd|'/C calc'!A0 <b>\r\n",
          "\r\nperiod,,month,,,,,,,,2026-11-01T00:00:00.000Z/2026-12-01T00:00:00.000Z UTC\r\n",
          "\r\ntotal,,calls,,1,1,60,72,12,20.000,\r\n", "\r\nstate,,durationMismatch,1,,,60,72,12,20.000,\r\n",
          "\r\ncause,,rounding,1,,,,,,,explains 12 s\r\n", "\r\nday,2026-11-14,neverReconciled,,,,,,,,\r\n",
          "\r\nday,2026-11-15,closed,1,1,1,60,72,12,20.000,\"stale, 2 adjustments\"\r\n",
          "\r\nnumber,,+41446681800,1,,,60,72,12,20.000,\r\n",
          "\r\ntrunk,,\"<sbc> & \"\"co\"\"\",1,,,60,72,12,20.000,\r\n",
          "\r\nfinding,2026-11-15,rounding,1,,,,,,,The carrier rounds durations up to 6 s: 1 of 1 pairs.\r\n",
          "\r\ndeviation,2026-11-15,increments,1,,,,,,,<evidence>\r\n"})
        EXPECT_NE(csv.find(line), std::string::npos) << line << "is not in\n" << csv;
}

}  // namespace
}  // namespace meetpoint::reconcile
