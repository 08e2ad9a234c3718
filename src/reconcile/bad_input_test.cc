// Sides that have nothing to do with each other, or nothing at all: every record stands in an item, and no cause is
// made up.
#include <gtest/gtest.h>

#include "reconcile/reconcile.h"
#include "reconcile/report.h"
#include "reconcile/testing/generator.h"
#include "reconcile/testing/rows.h"

namespace meetpoint::reconcile {
namespace {

using testing::append;
using testing::CallRow;
using testing::DurationRow;
using testing::generate;
using testing::World;

std::uint64_t count(const Outcome& outcome, State state) {
    return outcome.totals.states[static_cast<std::size_t>(state)].items;
}

std::string causesIn(const Outcome& outcome) {
    std::string out;
    for (const Diagnosis& found : outcome.diagnosis)
        out += sentence(found) + "\n";
    return out;
}

TEST(BadInput, AnEmptySideMissesAllAndExplainsNothing) {
    const World world = generate({.seed = 81, .calls = 500});
    const columns::Records noCalls(columns::LaneKind::calls), noDurations(columns::LaneKind::durations);
    const Outcome oursAlone = reconcile(world.calls, noDurations, {});
    EXPECT_EQ(count(oursAlone, State::missingAtCarrier), oursAlone.items.size());
    EXPECT_TRUE(oursAlone.diagnosis.empty()) << causesIn(oursAlone);
    EXPECT_EQ(oursAlone.totals.theirs.records, 0u);
    EXPECT_EQ(oursAlone.totals.ours.records, world.calls.rows());
    const Outcome theirsAlone = reconcile(noCalls, world.durations, {});
    EXPECT_EQ(count(theirsAlone, State::missingAtPlatform), theirsAlone.items.size());
    EXPECT_TRUE(theirsAlone.diagnosis.empty()) << causesIn(theirsAlone);
    EXPECT_EQ(theirsAlone.totals.theirs.records, world.durations.rows());
    const Outcome nothing = reconcile(noCalls, noDurations, {});
    EXPECT_TRUE(nothing.items.empty());
    EXPECT_TRUE(nothing.diagnosis.empty());
    EXPECT_FALSE(nothing.hasDifferences());
}

TEST(BadInput, AFileOfAnotherCarrierMatchesNothing) {
    // The same hours, other numbers on both ends; and the same far ends, which many carriers call.
    for (const bool sameFarEnds : {false, true}) {
        const World ours = generate({.seed = 82, .calls = 3'000});
        columns::Records theirs(columns::LaneKind::durations);
        const World other = generate({.seed = 83, .calls = 3'000});
        const columns::Batch& core = other.durations.part(columns::Part::core);
        const columns::Batch& parties = other.durations.part(columns::Part::parties);
        using columns::DurationCore;
        for (std::size_t row = 0; row < core.rows(); ++row)
            append(theirs, DurationRow{.recordId = "x" + std::to_string(row),
                                       .direction = core[DurationCore::direction].at<std::uint8_t>(row),
                                       .own = core[DurationCore::ownNumber].at<std::uint64_t>(row) + 7'000'000'000,
                                       .far = parties[columns::DurationParties::farEndNumber].at<std::uint64_t>(row) +
                                              (sameFarEnds ? 0 : 3'000'000'000),
                                       .startedMs = core[DurationCore::startedAt].at<std::int64_t>(row),
                                       .answered = core[DurationCore::answered].at<std::uint8_t>(row) == 1,
                                       .durationMs = core[DurationCore::durationMs].at<std::int64_t>(row)});
        const Outcome outcome = reconcile(ours.calls, theirs, {});
        EXPECT_EQ(outcome.totals.pairs, 0u) << causesIn(outcome);
        EXPECT_EQ(count(outcome, State::missingAtCarrier), ours.calls.rows());
        EXPECT_EQ(count(outcome, State::missingAtPlatform), theirs.rows());
        EXPECT_TRUE(outcome.diagnosis.empty()) << causesIn(outcome);
    }
}

TEST(BadInput, TwoIdenticalSidesHaveNoDifferencesHoweverLargeOrSmall) {
    for (const std::size_t calls : {1, 2, 7, 5'000}) {
        const World world = generate({.seed = 84, .calls = calls, .jitterMs = 0});
        const Outcome outcome = reconcile(world.calls, world.durations, {});
        EXPECT_FALSE(outcome.hasDifferences()) << calls;
        EXPECT_EQ(count(outcome, State::matched), world.truths.size());
        EXPECT_TRUE(outcome.diagnosis.empty()) << causesIn(outcome);
    }
}

TEST(BadInput, RecordsThatCannotBeUsedStandApartAndSpoilNothing) {
    World world = generate({.seed = 85, .calls = 400, .jitterMs = 0});
    append(world.durations, DurationRow{.recordId = "negative", .startedMs = 1'750'000'000'000, .durationMs = -1});
    append(world.durations,
           DurationRow{.recordId = "nobody", .own = 0, .far = 0, .startedMs = 1'750'000'000'000, .durationMs = 60'000});
    append(world.calls, CallRow{.key = 999'999,
                                .own = 0,
                                .far = 0,
                                .invitedMs = 1'750'000'000'000,
                                .endedMs = 1'750'000'060'000,
                                .durationMs = 60'000});
    append(world.durations,
           DurationRow{.recordId = "of ages", .startedMs = INT64_MAX / 2, .durationMs = INT64_MAX / 4});
    append(world.durations, DurationRow{.recordId = "of old", .startedMs = INT64_MIN / 2, .durationMs = 1'000});
    const Outcome outcome = reconcile(world.calls, world.durations, {});
    EXPECT_EQ(count(outcome, State::invalid), 3u);
    EXPECT_EQ(count(outcome, State::matched), world.truths.size()) << causesIn(outcome);
}

TEST(BadInput, ANumberThatHidesNearlyAllOfItsDigitsHidesNoneOfTheOthers) {
    World world = generate({.seed = 86, .calls = 2'000});
    append(world.durations, DurationRow{.recordId = "hidden",
                                        .far = 41440007919,
                                        .maskedDigits = 10,
                                        .startedMs = 1'750'000'000'000,
                                        .durationMs = 60'000});
    const Outcome outcome = reconcile(world.calls, world.durations, {});
    const auto score = testing::score(world, outcome);
    EXPECT_EQ(score.precision(), 1);
    EXPECT_EQ(score.recall(), 1);
}

}  // namespace
}  // namespace meetpoint::reconcile
