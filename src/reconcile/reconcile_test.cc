#include "reconcile/reconcile.h"

#include <cmath>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "reconcile/testing/generator.h"
#include "reconcile/testing/rows.h"

namespace meetpoint::reconcile {
namespace {

using testing::append;
using testing::CallRow;
using testing::DurationRow;
using testing::generate;
using testing::Scenario;
using testing::World;

constexpr double enough = 0.9999;

const Diagnosis* find(const Outcome& outcome, Cause cause) {
    for (const Diagnosis& found : outcome.diagnosis)
        if (found.cause == cause) return &found;
    return nullptr;
}

std::size_t count(const Outcome& outcome, State state) {
    return outcome.totals.states[static_cast<std::size_t>(state)].items;
}

std::set<Cause> causesOf(const Outcome& outcome) {
    std::set<Cause> out;
    for (const Diagnosis& found : outcome.diagnosis)
        out.insert(found.cause);
    return out;
}

std::string describe(const Outcome& outcome) {
    std::string out;
    for (const Diagnosis& found : outcome.diagnosis)
        out += fmt::format("{} {}/{} number={} rate={} word={}\n", name(found.cause), found.count, found.outOf,
                           found.number.value_or(0), found.rate.value_or(0), found.word);
    for (std::size_t s = 0; s < stateCount; ++s)
        if (outcome.totals.states[s].items > 0)
            out += fmt::format("{}={} ", name(static_cast<State>(s)), outcome.totals.states[s].items);
    return out;
}

// Runs a scenario and expects the true pairs to be found, and no other.
Outcome expectFound(const World& world, const char* what, Options options = {}) {
    Outcome outcome = reconcile(world.calls, world.durations, options);
    const auto score = testing::score(world, outcome);
    std::printf("%-28s precision %.6f recall %.6f of %zu pairs\n", what, score.precision(), score.recall(),
                score.truePairs);
    EXPECT_GE(score.precision(), enough) << what << "\n" << describe(outcome);
    EXPECT_GE(score.recall(), enough) << what << "\n" << describe(outcome);
    return outcome;
}

TEST(Reconcile, EqualSidesMatchAndNothingIsNamed) {
    const World world = generate({.seed = 11, .jitterMs = 0});
    const Outcome outcome = expectFound(world, "equal");
    EXPECT_EQ(count(outcome, State::matched), world.truths.size());
    EXPECT_TRUE(outcome.diagnosis.empty()) << describe(outcome);
    EXPECT_FALSE(outcome.hasDifferences());
    EXPECT_EQ(outcome.totals.differenceMs(), 0);
}

TEST(Reconcile, FindsAClockOffsetWithoutAnySharedIdAndWithHalfOfOneSideMissing) {
    for (const std::int64_t offset : {37'000, -5'400, 200'000}) {
        const World world = generate({.seed = 12, .offsetMs = offset, .missingAtCarrier = 0.5});
        const Outcome outcome = expectFound(world, "offset, half missing");
        const Diagnosis* found = find(outcome, Cause::clockOffset);
        ASSERT_TRUE(found) << describe(outcome);
        EXPECT_NEAR(static_cast<double>(*found->number), static_cast<double>(offset), 100) << describe(outcome);
        EXPECT_EQ(causesOf(outcome), std::set{Cause::clockOffset}) << describe(outcome);
    }
}

TEST(Reconcile, NamesAZoneAndTheOffsetThatComesOnTop) {
    const World world = generate({.seed = 13, .offsetMs = 12'000, .zoneMinutes = -330, .missingAtPlatform = 0.1});
    const Outcome outcome = expectFound(world, "zone and offset");
    ASSERT_TRUE(find(outcome, Cause::timeZone)) << describe(outcome);
    EXPECT_EQ(*find(outcome, Cause::timeZone)->number, -330);
    ASSERT_TRUE(find(outcome, Cause::clockOffset)) << describe(outcome);
    EXPECT_NEAR(static_cast<double>(*find(outcome, Cause::clockOffset)->number), 12'000, 100);
}

TEST(Reconcile, AShiftBeyondFourteenHoursIsAClockAndNoZone) {
    const World world = generate({.seed = 14, .offsetMs = -86'400'000});
    const Outcome outcome = expectFound(world, "a day");
    EXPECT_FALSE(find(outcome, Cause::timeZone));
    ASSERT_TRUE(find(outcome, Cause::clockOffset));
    EXPECT_NEAR(static_cast<double>(*find(outcome, Cause::clockOffset)->number), -86'400'000, 100);
}

TEST(Reconcile, AClockOfWholeSecondsIsSetToTheSecond) {
    const World world = generate({.seed = 31, .offsetMs = 37'000, .carrierInSeconds = true, .missingAtCarrier = 0.1});
    const Outcome outcome = expectFound(world, "whole seconds");
    ASSERT_TRUE(find(outcome, Cause::clockOffset)) << describe(outcome);
    EXPECT_EQ(*find(outcome, Cause::clockOffset)->number, 37'000);
    EXPECT_EQ(count(outcome, State::timeMismatch), 0u) << describe(outcome);
    // Cut to seconds without any offset: nothing about the clock is named.
    const Outcome level = expectFound(generate({.seed = 32, .carrierInSeconds = true}), "whole seconds, no offset");
    EXPECT_FALSE(find(level, Cause::clockOffset)) << describe(level);
}

// The scenarios on consecutive days: the same numbers, a day later each.
World consecutive(const std::vector<Scenario>& scenarios) {
    World world;
    for (std::size_t day = 0; day < scenarios.size(); ++day) {
        World next = generate(scenarios[day]);
        for (auto* records : {&next.calls.part(columns::Part::core), &next.durations.part(columns::Part::core)})
            for (std::size_t c = 0; c < records->columnCount(); ++c)
                for (std::size_t row = 0;
                     (*records)[c].type() == columns::ColumnType::timestamp && row < records->rows(); ++row)
                    if (!(*records)[c].isNull(row))
                        (*records)[c].set<std::int64_t>(
                            row, (*records)[c].instant(row).ms + static_cast<std::int64_t>(day) * 86'400'000);
        const auto calls = static_cast<std::uint32_t>(world.calls.rows());
        const auto durations = static_cast<std::uint32_t>(world.durations.rows());
        for (auto& truth : next.truths) {
            for (auto& row : truth.ours)
                row += calls;
            for (auto& row : truth.theirs)
                row += durations;
            world.truths.push_back(truth);
        }
        world.calls.append(next.calls);
        world.durations.append(next.durations);
    }
    return world;
}

std::set<std::int64_t> zonesIn(const Outcome& outcome) {
    std::set<std::int64_t> zones;
    for (const Diagnosis& found : outcome.diagnosis)
        if (found.cause == Cause::timeZone) zones.insert(*found.number);
    return zones;
}

TEST(Reconcile, AZoneThatJumpsWithDaylightSavingIsNamedOnBothSidesOfTheJump) {
    const World world = consecutive(
        {{.seed = 33, .calls = 1'500, .zoneMinutes = 60}, {.seed = 34, .calls = 1'500, .zoneMinutes = 120}});
    const Outcome outcome = expectFound(world, "daylight saving");
    EXPECT_EQ(zonesIn(outcome), (std::set<std::int64_t>{60, 120})) << describe(outcome);
}

// A file in local time among files in UTC: the clock jumps there and back. Nobody calls in the last hour, which the
// carrier's clock shows twice.
TEST(Reconcile, AZoneOfOneDayAmongOthersIsNamedOnThatDayAlone) {
    constexpr std::int64_t spanMs = 23 * 3'600'000;
    const World world = consecutive({{.seed = 41, .calls = 600, .spanMs = spanMs},
                                     {.seed = 42, .calls = 400, .spanMs = spanMs, .zoneMinutes = 60},
                                     {.seed = 43, .calls = 600, .spanMs = spanMs}});
    const Day first = dayOf(world.calls.part(columns::Part::core)[columns::CallCore::invitedAt].instant(0));
    for (int day = 0; day < 3; ++day) {
        Options options;
        options.from = startOf(Day{first.number + day});
        options.to = startOf(Day{first.number + day + 1});
        const Outcome outcome = reconcile(world.calls, world.durations, options);
        EXPECT_EQ(zonesIn(outcome), day == 1 ? std::set<std::int64_t>{60} : std::set<std::int64_t>{})
            << "day " << day << "\n"
            << describe(outcome);
        const std::size_t alone = count(outcome, State::missingAtCarrier) + count(outcome, State::missingAtPlatform) +
                                  count(outcome, State::timeMismatch);
        EXPECT_LE(alone, 4u) << "day " << day << "\n" << describe(outcome);
    }
}

// One gateway of several counts the ringing, and its records say so.
TEST(Reconcile, ARecordThatStatesItsDurationBasisIsReadByIt) {
    World world = generate({.seed = 44, .calls = 400, .carrierCountsRinging = false});
    columns::Batch& core = world.durations.part(columns::Part::core);
    const columns::Batch& calls = world.calls.part(columns::Part::core);
    std::size_t changed = 0;
    for (const auto& truth : world.truths) {
        if (truth.ours.empty() || truth.theirs.empty() || changed == 5) continue;
        const std::uint32_t i = truth.ours.front(), j = truth.theirs.front();
        if (calls[columns::CallCore::answeredAt].isNull(i)) continue;
        const Duration ring =
            calls[columns::CallCore::answeredAt].instant(i) - calls[columns::CallCore::invitedAt].instant(i);
        if (ring < seconds(4)) continue;
        core[columns::DurationCore::durationMs].set<std::int64_t>(
            j, core[columns::DurationCore::durationMs].at<std::int64_t>(j) + ring.ms);
        core[columns::DurationCore::durationBasis].set<std::uint8_t>(
            j, static_cast<std::uint8_t>(domain::TimeBasis::invite));
        ++changed;
    }
    const Outcome outcome = expectFound(world, "some count the ringing");
    const Diagnosis* found = find(outcome, Cause::durationBasis);
    ASSERT_TRUE(found) << describe(outcome);
    EXPECT_EQ(found->count, 5u);
    EXPECT_EQ(found->word, "invite");
    EXPECT_EQ(causesOf(outcome), std::set{Cause::durationBasis}) << describe(outcome);
}

TEST(Reconcile, AFewPairsShowAShiftOnlyIfTheyAgree) {
    columns::Records calls(columns::LaneKind::calls);
    columns::Records durations(columns::LaneKind::durations);
    const auto add = [&](std::uint64_t n, std::int64_t shiftMs) {
        const std::int64_t at = 1'750'000'000'000 + static_cast<std::int64_t>(n) * 5'000'000;
        append(calls, CallRow{.key = n,
                              .far = 41445000000 + n,
                              .invitedMs = at,
                              .answeredMs = at + 4'000,
                              .endedMs = at + 4'000 + static_cast<std::int64_t>(n) * 20'000,
                              .durationMs = static_cast<std::int64_t>(n) * 20'000});
        append(durations, DurationRow{.recordId = std::to_string(n),
                                      .far = 41445000000 + n,
                                      .startedMs = at + shiftMs,
                                      .answered = true,
                                      .durationMs = static_cast<std::int64_t>(n) * 20'000});
    };
    add(1, 86'400'000);
    add(2, 86'400'000);
    const Outcome agreed = reconcile(calls, durations, {});
    ASSERT_TRUE(find(agreed, Cause::clockOffset)) << describe(agreed);
    EXPECT_EQ(*find(agreed, Cause::clockOffset)->number, 86'400'000);
    EXPECT_EQ(count(agreed, State::matched), 2u);
    add(3, 12'000);
    add(4, 500'000);
    EXPECT_FALSE(find(reconcile(calls, durations, {}), Cause::rounding));
}

TEST(Reconcile, FindsDrift) {
    const World world = generate({.seed = 15, .calls = 4'000, .offsetMs = 8'000, .driftMsPerHour = 1'500});
    const Outcome outcome = expectFound(world, "drift");
    ASSERT_TRUE(find(outcome, Cause::clockDrift)) << describe(outcome);
    EXPECT_NEAR(*find(outcome, Cause::clockDrift)->rate, 1'500, 20);
}

TEST(Reconcile, NamesRoundingWithModeAndStep) {
    const std::pair<std::string, RoundingMode> modes[] = {
        {"up", RoundingMode::up}, {"down", RoundingMode::down}, {"nearest", RoundingMode::nearest}};
    for (const auto& [word, mode] : modes) {
        for (const std::int64_t step : {1'000, 6'000, 30'000, 60'000}) {
            const World world = generate({.seed = 16, .rounding = word, .stepMs = step, .missingAtCarrier = 0.05});
            const Outcome outcome = expectFound(world, ("rounding " + word).c_str());
            const Diagnosis* found = find(outcome, Cause::rounding);
            ASSERT_TRUE(found) << word << step << "\n" << describe(outcome);
            EXPECT_EQ(*found->rounding, (Rounding{mode, {step}})) << word << step << name(found->rounding->mode);
            EXPECT_EQ(causesOf(outcome), std::set{Cause::rounding}) << describe(outcome);
        }
    }
}

TEST(Reconcile, NamesTheBasisOfStartAndDuration) {
    const Outcome start =
        expectFound(generate({.seed = 17, .offsetMs = 9'000, .carrierStartsAtAnswer = true}), "start at answer");
    EXPECT_TRUE(find(start, Cause::startBasis)) << describe(start);
    ASSERT_TRUE(find(start, Cause::clockOffset)) << describe(start);
    EXPECT_NEAR(static_cast<double>(*find(start, Cause::clockOffset)->number), 9'000, 100);
    const Outcome duration = expectFound(generate({.seed = 18, .carrierCountsRinging = true}), "ringing counted");
    ASSERT_TRUE(find(duration, Cause::durationBasis)) << describe(duration);
    EXPECT_EQ(find(duration, Cause::durationBasis)->word, "invite");
    EXPECT_EQ(causesOf(duration), std::set{Cause::durationBasis}) << describe(duration);
    const Outcome both = expectFound(
        generate({.seed = 19, .carrierCountsRinging = true, .rounding = "up", .stepMs = 6'000}), "ringing, rounded");
    EXPECT_TRUE(find(both, Cause::durationBasis)) << describe(both);
    ASSERT_TRUE(find(both, Cause::rounding)) << describe(both);
    EXPECT_EQ(*find(both, Cause::rounding)->rounding, (Rounding{RoundingMode::up, {6'000}}));
}

TEST(Reconcile, CountsRepeatsLegsAndPartsOnce) {
    const World world = generate({.seed = 20,
                                  .offsetMs = 37'000,
                                  .missingAtCarrier = 0.05,
                                  .duplicatesAtCarrier = 0.05,
                                  .forksAtPlatform = 0.3,
                                  .partialsAtCarrier = 0.3});
    const Outcome outcome = expectFound(world, "repeats, legs, parts");
    std::size_t repeats = 0, legs = 0, parts = 0;
    for (const auto& truth : world.truths) {
        repeats += truth.repeats.size();
        legs += truth.ours.size() > 1 && !truth.theirs.empty() ? 1 : 0;
        parts += truth.theirs.size() > 1 && !truth.ours.empty() ? 1 : 0;
    }
    EXPECT_EQ(count(outcome, State::duplicateAtCarrier), repeats);
    ASSERT_TRUE(find(outcome, Cause::forkedLegs)) << describe(outcome);
    EXPECT_NEAR(static_cast<double>(find(outcome, Cause::forkedLegs)->count), static_cast<double>(legs),
                0.02 * static_cast<double>(legs));
    ASSERT_TRUE(find(outcome, Cause::partialRecords)) << describe(outcome);
    EXPECT_EQ(find(outcome, Cause::partialRecords)->count, parts);
}

TEST(Reconcile, MatchesMaskedNationalAndHungCalls) {
    const Outcome masked = expectFound(generate({.seed = 21, .maskedDigits = 4}), "masked");
    EXPECT_TRUE(find(masked, Cause::maskedNumber)) << describe(masked);
    Options options;
    options.defaultRegion = "CH";
    const World spelt = generate({.seed = 22, .carrierNational = true});
    EXPECT_TRUE(find(expectFound(spelt, "national, region given", options), Cause::numberFormat));
    const Outcome learnt = expectFound(spelt, "national, prefix learnt");
    ASSERT_TRUE(find(learnt, Cause::numberFormat)) << describe(learnt);
    EXPECT_EQ(find(learnt, Cause::numberFormat)->word, "0>41");
    const Outcome hung = expectFound(generate({.seed = 23, .hung = 0.02}), "hung");
    ASSERT_TRUE(find(hung, Cause::hungCall)) << describe(hung);
    EXPECT_EQ(find(hung, Cause::hungCall)->at, Party::carrier);
    EXPECT_FALSE(find(hung, Cause::unexplained)) << describe(hung);
}

TEST(Reconcile, FindsCallsUnderAnotherNumberOrDirection) {
    const World world = generate({.seed = 24, .presented = 0.1, .reversed = 0.05});
    const Outcome outcome = expectFound(world, "presented, reversed");
    ASSERT_TRUE(find(outcome, Cause::presentedNumber)) << describe(outcome);
    ASSERT_TRUE(find(outcome, Cause::reversedDirection)) << describe(outcome);
    EXPECT_EQ(count(outcome, State::missingAtCarrier), 0u) << describe(outcome);
    const Outcome answers = expectFound(generate({.seed = 25, .answeredDiffers = 0.03}), "answered on one side");
    EXPECT_GT(count(answers, State::answeredOnOneSide), 20u);
}

TEST(Reconcile, AClockThatDriftsMayJumpAsWell) {
    const World world = generate(
        {.seed = 30, .calls = 5'000, .zoneMinutes = 60, .driftMsPerHour = 900, .clockChangeMs = 3 * 3'600'000});
    const Outcome outcome = expectFound(world, "drift and a change of the clocks");
    ASSERT_TRUE(find(outcome, Cause::clockDrift)) << describe(outcome);
    EXPECT_NEAR(find(outcome, Cause::clockDrift)->rate.value_or(0), 900, 20);
    EXPECT_TRUE(find(outcome, Cause::timeZone)) << describe(outcome);
    EXPECT_FALSE(find(outcome, Cause::clockOffset)) << describe(outcome);
}

TEST(Reconcile, ACallWithoutFarEndIsFoundByItsOwnNumberWhateverItsRinging) {
    const Outcome outcome = expectFound(generate({.seed = 31, .carrierCountsRinging = true, .farAbsentAtCarrier = 0.2}),
                                        "no far end, ringing counted");
    EXPECT_TRUE(find(outcome, Cause::durationBasis)) << describe(outcome);
}

// A side that disagrees with the other on what a call was has still none of the kind.
TEST(Reconcile, AKindIsAbsentThoughSomeCallsOfOthersAreSaidToBeOfIt) {
    const Outcome answered = expectFound(generate({.seed = 28, .answeredDiffers = 0.02, .carrierAnsweredOnly = true}),
                                         "answered only, some disputed");
    EXPECT_TRUE(find(answered, Cause::answeredOnly)) << describe(answered);
    const Outcome outbound = expectFound(generate({.seed = 29, .reversed = 0.02, .carrierOutboundOnly = true}),
                                         "outbound only, some reversed");
    EXPECT_TRUE(find(outbound, Cause::oneDirectionOnly)) << describe(outbound);
}

TEST(Reconcile, AKindOfCallThatTheOtherSideNeverRecordsIsOutsideItsScope) {
    const Outcome answered =
        expectFound(generate({.seed = 26, .missingAtCarrier = 0.02, .carrierAnsweredOnly = true}), "answered only");
    ASSERT_TRUE(find(answered, Cause::answeredOnly)) << describe(answered);
    EXPECT_NEAR(static_cast<double>(count(answered, State::outsideScope)), 600, 80);
    const Outcome direction = expectFound(generate({.seed = 27, .carrierOutboundOnly = true}), "one direction");
    ASSERT_TRUE(find(direction, Cause::oneDirectionOnly)) << describe(direction);
    EXPECT_EQ(count(direction, State::missingAtCarrier), 0u);
}

TEST(Reconcile, AHoleIsACoverageGapAndTheEdgeOutsideTheMutualInterval) {
    const World world = generate(
        {.seed = 28, .offsetMs = 3'000, .missingAtCarrier = 0.03, .gapFromMs = 36'000'000, .gapToMs = 43'200'000});
    const Outcome outcome = expectFound(world, "gap");
    const Diagnosis* gap = find(outcome, Cause::coverageGap);
    ASSERT_TRUE(gap) << describe(outcome);
    EXPECT_EQ(gap->at, Party::carrier);
    const std::int64_t day = gap->from->ms / 86'400'000 * 86'400'000;
    EXPECT_NEAR(static_cast<double>(gap->from->ms - day), 36'000'000, 400'000);
    EXPECT_NEAR(static_cast<double>(gap->to->ms - day), 43'200'000, 400'000);
    const Outcome edge = expectFound(generate({.seed = 29, .gapFromMs = 0, .gapToMs = 10'800'000}), "edge");
    EXPECT_FALSE(find(edge, Cause::coverageGap)) << describe(edge);
    EXPECT_GT(count(edge, State::outsideMutualInterval), 200u);
    EXPECT_EQ(count(edge, State::missingAtCarrier), 0u);
}

TEST(Reconcile, EverythingAtOnce) {
    Scenario scenario{.seed = 30,
                      .calls = 20'000,
                      .ownNumbers = 1'000,
                      .farNumbers = 20'000,
                      .offsetMs = 37'000,
                      .zoneMinutes = 60,
                      .rounding = "up",
                      .stepMs = 6'000};
    scenario.missingAtCarrier = scenario.missingAtPlatform = 0.03;
    scenario.duplicatesAtCarrier = scenario.hung = 0.01;
    scenario.forksAtPlatform = 0.1;
    scenario.partialsAtCarrier = 0.02;
    scenario.sharedIds = 0.3;
    scenario.presented = scenario.reversed = scenario.answeredDiffers = 0.01;
    scenario.maskedDigits = 3;
    const Outcome outcome = expectFound(generate(scenario), "everything at once");
    for (const Cause cause : {Cause::clockOffset, Cause::timeZone, Cause::rounding})
        ASSERT_TRUE(find(outcome, cause)) << name(cause) << "\n" << describe(outcome);
    EXPECT_NEAR(static_cast<double>(*find(outcome, Cause::clockOffset)->number), 37'000, 100);
    EXPECT_EQ(*find(outcome, Cause::timeZone)->number, 60);
    EXPECT_EQ(*find(outcome, Cause::rounding)->rounding, (Rounding{RoundingMode::up, {6'000}}));
    for (const Cause cause : {Cause::forkedLegs, Cause::partialRecords, Cause::hungCall, Cause::presentedNumber,
                              Cause::reversedDirection, Cause::duplicateUpload, Cause::maskedNumber})
        EXPECT_TRUE(find(outcome, cause)) << name(cause) << "\n" << describe(outcome);
    for (const Cause cause : {Cause::clockDrift, Cause::startBasis, Cause::durationBasis, Cause::coverageGap,
                              Cause::answeredOnly, Cause::oneDirectionOnly, Cause::onNet})
        EXPECT_FALSE(find(outcome, cause)) << name(cause) << "\n" << describe(outcome);
}

}  // namespace
}  // namespace meetpoint::reconcile
