// Alerts: raised and cleared exactly where the rule says, in real weeks too, and never back and forth.
#include "quality/alert.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "quality/alert_text.h"
#include "quality/testing/weeks.h"

namespace meetpoint::quality {
namespace {

using testing::Incident;
using testing::makeTraffic;
using testing::Traffic;

constexpr Instant monday{1'772'409'600'000};  // 2026-03-02T00:00:00Z
constexpr Duration silence = hours(24);

Reading ratio(std::uint64_t numerator, std::uint64_t denominator) {
    return {Ratio{numerator, denominator}.value(), numerator, denominator};
}

AlertCondition below(double raiseAt, double clearAt, std::int64_t windows = 1) {
    AlertCondition condition;
    condition.side = Side::below;
    condition.raiseAt = raiseAt;
    condition.clearAt = clearAt;
    condition.minimumDenominator = 20;
    condition.windowsToRaise = condition.windowsToClear = windows;
    return condition;
}

Verdict verdictOn(const AlertCondition& condition, const Reading& reading, const Baseline& baseline = {}) {
    return judge(condition, comparedBy(condition, reading, baseline));
}

// "r" raised, "c" cleared, "s" silent, "." nothing, window by window.
std::string course(const AlertCondition& condition, const std::string& verdicts) {
    AlertState state;
    std::string seen;
    Instant end = monday;
    for (const char verdict : verdicts) {
        end = end + minutes(15);
        const Verdict is = verdict == '!'   ? Verdict::breached
                           : verdict == '-' ? Verdict::between
                           : verdict == 'o' ? Verdict::recovered
                                            : Verdict::unknown;
        switch (advance(condition, state, is, end, hours(1))) {
            case Transition::none:
                seen += '.';
                break;
            case Transition::raised:
                seen += 'r';
                break;
            case Transition::cleared:
                seen += 'c';
                break;
            case Transition::silent:
                seen += 's';
                break;
        }
    }
    return seen;
}

TEST(AlertVerdicts, TheLimitsThemselvesRaiseNothingAndClear) {
    const AlertCondition condition = below(0.9, 0.95);
    EXPECT_EQ(verdictOn(condition, ratio(899, 1'000)), Verdict::breached);
    EXPECT_EQ(verdictOn(condition, ratio(900, 1'000)), Verdict::between) << "not below";
    EXPECT_EQ(verdictOn(condition, ratio(949, 1'000)), Verdict::between);
    EXPECT_EQ(verdictOn(condition, ratio(950, 1'000)), Verdict::recovered);
    EXPECT_EQ(verdictOn(condition, ratio(0, 19)), Verdict::unknown) << "too few calls";
    EXPECT_EQ(verdictOn(condition, ratio(0, 20)), Verdict::breached);
    EXPECT_EQ(verdictOn(condition, {}), Verdict::unknown);
    AlertCondition above = below(30, 20);
    above.side = Side::above;
    EXPECT_EQ(verdictOn(above, {30.5, {}, 20}), Verdict::breached);
    EXPECT_EQ(verdictOn(above, {30.0, {}, 20}), Verdict::between);
    EXPECT_EQ(verdictOn(above, {20.0, {}, 20}), Verdict::recovered);
}

TEST(AlertVerdicts, LimitsMustNotCross) {
    EXPECT_TRUE(below(0.9, 0.9).isOrderly());
    EXPECT_FALSE(below(0.9, 0.8).isOrderly());
    AlertCondition condition = below(0.2, 0.1);
    EXPECT_FALSE(condition.isOrderly());
    condition.change = Change{};
    EXPECT_TRUE(condition.isOrderly()) << "of changes both say how far beyond the usual";
    condition.clearAt = -0.1;
    EXPECT_FALSE(condition.isOrderly());
}

TEST(AlertVerdicts, ChangesAreHeldAgainstTheMedianOfThePastHours) {
    AlertCondition condition = below(0.2, 0.1);
    condition.change = Change{4, true};
    const auto past = [&](std::initializer_list<Reading> readings) {
        std::vector<PastHour> hours;
        for (const Reading& reading : readings)
            hours.push_back({monday, reading});
        return baselineOf(std::move(hours), condition);
    };
    const Baseline usual = past({ratio(50, 100), ratio(60, 100), ratio(2, 100), ratio(70, 100)});
    EXPECT_DOUBLE_EQ(usual.median.value_or(0), 0.55);
    EXPECT_EQ(verdictOn(condition, ratio(43, 100), usual), Verdict::breached);
    EXPECT_EQ(verdictOn(condition, ratio(45, 100), usual), Verdict::between);
    EXPECT_EQ(verdictOn(condition, ratio(50, 100), usual), Verdict::recovered);
    EXPECT_EQ(verdictOn(condition, ratio(90, 100), usual), Verdict::recovered) << "more is not below";
    condition.change->isRelative = false;
    EXPECT_EQ(verdictOn(condition, ratio(34, 100), usual), Verdict::breached);
    EXPECT_EQ(verdictOn(condition, ratio(36, 100), usual), Verdict::between);
    condition.side = Side::above;
    EXPECT_EQ(verdictOn(condition, ratio(80, 100), usual), Verdict::breached);
    const Baseline few = past({ratio(50, 100), ratio(1, 3), {}, ratio(1, 19)});
    EXPECT_FALSE(few.median) << "less than half of the hours had enough calls";
    EXPECT_EQ(verdictOn(condition, ratio(80, 100), few), Verdict::unknown);
    condition.change->isRelative = true;
    EXPECT_EQ(verdictOn(condition, ratio(80, 100), past({ratio(0, 100), ratio(0, 100), {}, {}})), Verdict::unknown)
        << "of nothing there is no share";
}

TEST(AlertCourse, TakesAsManyWindowsInARowAsTheRuleSays) {
    EXPECT_EQ(course(below(0.9, 0.95), "o!o!"), ".rcr");
    EXPECT_EQ(course(below(0.9, 0.95, 3), "!!o!!!"), ".....r");
    EXPECT_EQ(course(below(0.9, 0.95, 3), "!!-!!!"), ".....r") << "between the limits breaks a row";
    EXPECT_EQ(course(below(0.9, 0.95, 3), "!!?!!!"), ".....r") << "so does a window that says nothing";
    EXPECT_EQ(course(below(0.9, 0.95, 2), "!!!!o-o!oo"), ".r.......c") << "raised once, cleared once";
    EXPECT_EQ(course(below(0.9, 0.95, 2), "----------"), "..........");
    AlertCondition condition = below(0.9, 0.95);
    condition.windowsToClear = 4;
    EXPECT_EQ(course(condition, "!ooo!oooo"), "r.......c");
}

TEST(AlertCourse, AnAlertOfWhichNothingIsKnownAnyMoreEnds) {
    EXPECT_EQ(course(below(0.9, 0.95), "!????"), "r...s") << "an hour";
    EXPECT_EQ(course(below(0.9, 0.95), "!???-????"), "r.......s");
    EXPECT_EQ(course(below(0.9, 0.95), "??????????"), "..........");
    EXPECT_EQ(course(below(0.9, 0.95), "!???\?!"), "r...sr");
}

// Whatever comes, an alert stands and is gone for as many windows at least as the rule asks for, and each change has
// that many windows before it that all speak for it.
RC_GTEST_PROP(AlertCourse, NeverChangesFasterThanTheRuleAllows, ()) {
    AlertCondition condition = below(0.9, 0.9 + *rc::gen::inRange(0, 5) / 100.0);
    condition.windowsToRaise = *rc::gen::inRange(1, 6);
    condition.windowsToClear = *rc::gen::inRange(1, 6);
    // Calls that succeed with a probability right at the limit: noise.
    const auto successes = *rc::gen::container<std::vector<int>>(300, rc::gen::inRange(80, 101));
    AlertState state;
    std::vector<Verdict> verdicts;
    std::int64_t sinceChange = INT64_MAX / 2;
    Instant end = monday;
    for (const int success : successes) {
        end = end + minutes(5);
        verdicts.push_back(success % 7 == 0 ? Verdict::unknown
                                            : verdictOn(condition, ratio(static_cast<std::uint64_t>(success), 100)));
        const bool wasOpen = state.isOpen;
        const Transition transition = advance(condition, state, verdicts.back(), end, silence);
        ++sinceChange;
        if (transition == Transition::none) {
            RC_ASSERT(state.isOpen == wasOpen);
            continue;
        }
        RC_ASSERT(state.isOpen == !wasOpen);
        const std::int64_t asked = state.isOpen ? condition.windowsToRaise : condition.windowsToClear;
        RC_ASSERT(sinceChange >= asked);
        RC_ASSERT(static_cast<std::int64_t>(verdicts.size()) >= asked);
        const Verdict speaksForIt = state.isOpen ? Verdict::breached : Verdict::recovered;
        RC_ASSERT(std::all_of(verdicts.end() - asked, verdicts.end(), [&](Verdict v) { return v == speaksForIt; }));
        sinceChange = 0;
    }
}

struct CourseChange {
    Transition what;
    Instant at;  // the end of the window
};

// The course of NER of each trunk of some traffic, by windows of `length`.
std::map<std::string, std::vector<CourseChange>> changesIn(const IncidentData& data, const AlertCondition& condition,
                                                           Duration length) {
    const auto windowMinutes = static_cast<std::size_t>(length.ms / 60'000);
    std::map<std::string, std::vector<Ratio>> windows;
    for (const CallCell& cell : data.calls) {
        auto& of = windows[data.callPaths[cell.path].trunk];
        of.resize(data.minutes / windowMinutes);
        Ratio& window = of[cell.minute / windowMinutes];
        window.denominator += cell.calls;
        if (cell.cause == 0 || !data.causes[cell.cause - 1].isFailure) window.numerator += cell.calls;
    }
    std::map<std::string, std::vector<CourseChange>> changes;
    for (const auto& [trunk, ratios] : windows) {
        AlertState state;
        const auto hourOf = [&](std::size_t window) {
            const std::size_t inHour = 60 / windowMinutes, first = window / inHour * inHour;
            Ratio hour;
            for (std::size_t i = first; i < first + inHour; ++i)
                hour = {hour.numerator + ratios[i].numerator, hour.denominator + ratios[i].denominator};
            return ratio(hour.numerator, hour.denominator);
        };
        for (std::size_t i = 0; i < ratios.size(); ++i) {
            std::vector<PastHour> past;
            const std::size_t aDay = 1'440 / windowMinutes;
            for (std::size_t back = 1; condition.change && back <= static_cast<std::size_t>(condition.change->days);
                 ++back)
                past.push_back({{}, i >= back * aDay ? hourOf(i - back * aDay) : Reading{}});
            const Instant end = data.from + minutes(static_cast<std::int64_t>((i + 1) * windowMinutes));
            const Verdict verdict = verdictOn(condition, ratio(ratios[i].numerator, ratios[i].denominator),
                                              baselineOf(std::move(past), condition));
            const Transition what = advance(condition, state, verdict, end, silence);
            if (what != Transition::none) changes[trunk].push_back({what, end});
        }
    }
    return changes;
}

AlertCondition changeOfNer() {
    AlertCondition condition = below(0.08, 0.03, 2);
    condition.minimumDenominator = 50;
    condition.change = Change{5, false};
    return condition;
}
AlertCondition thresholdOfNer() {
    AlertCondition condition = below(0.92, 0.96, 2);
    condition.minimumDenominator = 50;
    return condition;
}

// 20 incidents on trunks that carry enough calls, each of an hour and a half, by a threshold and by a change.
TEST(AlertSimulation, PlantedIncidentsAreRaisedWithinTheWindowsAndCleared) {
    constexpr Duration length = minutes(15);
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const Traffic traffic{seed * 31, monday, 7, 60};
        Incident incident;
        incident.subject = {SubjectKind::trunk, fmt::format("sbc{}", 1 + seed % 3), std::string(testing::carrier), {}};
        incident.from = monday + days(6) + hours(9) + minutes(static_cast<std::int64_t>(seed * 17 % 240));
        incident.length = minutes(90);
        incident.share = 0.3;
        const IncidentData data = makeTraffic(traffic, {incident});
        for (const AlertCondition& condition : {thresholdOfNer(), changeOfNer()}) {
            const auto changes = changesIn(data, condition, length);
            ASSERT_EQ(changes.size(), 1u) << "seed " << seed << ": other trunks are well";
            ASSERT_EQ(changes.begin()->first, incident.subject.value);
            const auto& own = changes.begin()->second;
            ASSERT_EQ(own.size(), 2u) << "seed " << seed;
            EXPECT_EQ(own[0].what, Transition::raised);
            EXPECT_EQ(own[1].what, Transition::cleared);
            // The window in which it begins or ends may look either way.
            EXPECT_GT(own[0].at, incident.from) << "seed " << seed;
            EXPECT_LE(own[0].at, incident.from + milliseconds(3 * length.ms)) << "seed " << seed;
            EXPECT_GT(own[1].at, incident.from + incident.length) << "seed " << seed;
            EXPECT_LE(own[1].at, incident.from + incident.length + milliseconds(3 * length.ms)) << "seed " << seed;
        }
    }
}

TEST(AlertSimulation, ThirtyQuietWeeksRaiseNothing) {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        const IncidentData data = makeTraffic({seed * 7'919, monday, 7, 20}, {});
        for (const AlertCondition& condition : {thresholdOfNer(), changeOfNer()})
            EXPECT_TRUE(changesIn(data, condition, minutes(15)).empty()) << "seed " << seed;
    }
}

TEST(AlertHours, AreTheSameCivilOnesAlsoAcrossAChangeOfTheClock) {
    const TimeZone zurich = *TimeZone::load("Europe/Zurich");
    const Instant at = *parseInstant("2026-03-30T07:35:00Z");  // 09:35 in summer time, which began the day before
    std::vector<std::string> hours;
    for (const Instant hour : sameHourBefore(zurich, at, 3))
        hours.push_back(formatInstant(hour));
    EXPECT_EQ(hours, (std::vector<std::string>{"2026-03-29T07:00:00.000Z", "2026-03-28T08:00:00.000Z",
                                               "2026-03-27T08:00:00.000Z"}));
    const TimeZone kolkata = *TimeZone::load("Asia/Kolkata");
    EXPECT_EQ(formatInstant(sameHourBefore(kolkata, *parseInstant("2026-03-09T12:10:00Z"), 1).front()),
              "2026-03-08T11:30:00.000Z");
}

TEST(AlertText, SaysWhatWhereAndWhen) {
    const std::map<std::string, std::string> names{{"id-1", "Alp Telecom"}};
    const std::string group = groupText({Dimension::trunk, Dimension::carrier, Dimension::region},
                                        {std::string("sbc1"), std::string("id-1"), std::monostate()}, names);
    EXPECT_EQ(group, "Trunk sbc1, carrier Alp Telecom, region unknown");
    EXPECT_EQ(groupText({}, {}, names), "All calls");
    AlertWindow window{monday, monday + minutes(15), ratio(89, 125), {}};
    AlertCondition condition = below(0.95, 0.97);
    EXPECT_EQ(sentenceOf("Trunk sbc1", {Kpi::ner, {}}, condition, Transition::raised, window),
              "Trunk sbc1: NER 71.2 % (89 of 125) from 2026-03-02T00:00Z to 2026-03-02T00:15Z, below 95.0 %.");
    EXPECT_EQ(
        sentenceOf("Trunk sbc1", {Kpi::ner, {}}, condition, Transition::cleared, window),
        "Trunk sbc1: NER 71.2 % (89 of 125) from 2026-03-02T00:00Z to 2026-03-02T00:15Z, no longer below 97.0 %.");
    condition.side = Side::above;
    condition.raiseAt = 0.5;
    condition.change = Change{};
    window.reading = {41.3, {}, 900};
    window.baseline.median = 20.2;
    EXPECT_EQ(sentenceOf("All calls", {Figure::jitterMs, Statistic::p95}, condition, Transition::raised, window),
              "All calls: p95 of jitter 41 ms (of 900) from 2026-03-02T00:00Z to 2026-03-02T00:15Z, more than 50.0 % "
              "above the 20 ms that are usual at this hour.");
}

}  // namespace
}  // namespace meetpoint::quality
