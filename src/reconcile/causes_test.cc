// Causes that show in more than two figures: calls that go on after a transfer, durations in another unit, records that
// came late, and what must not be taken for a cause.
#include <gtest/gtest.h>

#include "reconcile/reconcile.h"
#include "reconcile/report.h"
#include "reconcile/testing/generator.h"
#include "reconcile/testing/rows.h"

namespace meetpoint::reconcile {
namespace {

using columns::LaneKind;
using testing::append;
using testing::CallRow;
using testing::DurationRow;
using testing::generate;
using testing::Scenario;
using testing::World;

constexpr std::int64_t begin = 1'750'000'000'000;
constexpr std::uint64_t otherUser = 41441000002;

const Diagnosis* find(const Outcome& outcome, Cause cause) {
    for (const Diagnosis& found : outcome.diagnosis)
        if (found.cause == cause) return &found;
    return nullptr;
}

std::string causesIn(const Outcome& outcome) {
    std::string out;
    for (const Diagnosis& found : outcome.diagnosis)
        out += sentence(found) + "\n";
    return out;
}

// Calls that both sides have alike, an hour apart, so that there is something to calibrate by.
struct Sample {
    columns::Records calls{LaneKind::calls}, durations{LaneKind::durations};

    explicit Sample(int alike = 12) {
        for (int n = 0; n < alike; ++n) {
            const std::int64_t at = begin + (n + 1) * 3'600'000ll;
            const std::int64_t talk = 61'000 + n * 7'321;
            const std::uint64_t far = 41445000100 + static_cast<std::uint64_t>(n);
            append(calls, CallRow{.key = 100u + static_cast<std::uint64_t>(n),
                                  .far = far,
                                  .invitedMs = at,
                                  .answeredMs = at + 5'000,
                                  .endedMs = at + 5'000 + talk,
                                  .durationMs = talk});
            append(durations, DurationRow{.recordId = "alike-" + std::to_string(n),
                                          .far = far,
                                          .startedMs = at,
                                          .answered = true,
                                          .durationMs = talk});
        }
    }
    Outcome outcome(const Options& options = {}) const { return reconcile(calls, durations, options); }
};

// A call of 40 s that its user leaves, and its second leg: rings 5 s and talks on for 100 s.
struct Transfer {
    CallRow first{
        .key = 1, .invitedMs = begin, .answeredMs = begin + 5'000, .endedMs = begin + 45'000, .durationMs = 40'000};
    CallRow second{.key = 2,
                   .own = otherUser,
                   .invitedMs = begin + 45'200,
                   .answeredMs = begin + 50'200,
                   .endedMs = begin + 150'200,
                   .durationMs = 100'000};
    DurationRow record{.recordId = "whole", .startedMs = begin, .answered = true, .durationMs = 145'200};

    Sample sample() const {
        Sample sample;
        append(sample.calls, first);
        append(sample.calls, second);
        append(sample.durations, record);
        return sample;
    }
};

void expectJoined(const Transfer& transfer, const char* what) {
    const Outcome outcome = transfer.sample().outcome();
    const Diagnosis* found = find(outcome, Cause::transferredCall);
    ASSERT_TRUE(found) << what << "\n" << causesIn(outcome);
    EXPECT_EQ(found->count, 1u) << what;
    EXPECT_EQ(found->explainedMs, 100'000) << what;
    EXPECT_EQ(found->at, Party::platform) << what;
    const Item& item = outcome.items.front();
    EXPECT_EQ(item.ourCount, 2u) << what;
    EXPECT_EQ(item.theirCount, 1u) << what;
    EXPECT_EQ(outcome.totals.states[static_cast<std::size_t>(State::missingAtCarrier)].items, 0u) << what;
    EXPECT_FALSE(find(outcome, Cause::unexplained)) << what << "\n" << causesIn(outcome);
}

TEST(TransferredCall, IsJoinedByACorrelationOrByTheEndThatBothSidesHave) {
    Transfer adjacent;
    expectJoined(adjacent, "adjacent");
    Transfer correlated;
    correlated.first.correlationId = correlated.second.correlationId = "talk";
    expectJoined(correlated, "one correlation");
    Transfer named;
    named.first.correlationId = named.second.transferorCorrelationId = "talk";
    expectJoined(named, "named as what was transferred");
}

TEST(TransferredCall, IsJoinedByACorrelationAlsoWhereTheRecordRunsOn) {
    Transfer transfer;
    transfer.record.durationMs = 10'800'000;
    transfer.first.correlationId = transfer.second.correlationId = "talk";
    const Outcome outcome = transfer.sample().outcome();
    EXPECT_TRUE(find(outcome, Cause::transferredCall)) << causesIn(outcome);
    EXPECT_TRUE(find(outcome, Cause::hungCall)) << causesIn(outcome);
}

TEST(TransferredCall, IsNotMadeUp) {
    const auto expectApart = [](const Transfer& transfer, const char* what) {
        const Outcome outcome = transfer.sample().outcome();
        EXPECT_FALSE(find(outcome, Cause::transferredCall)) << what << "\n" << causesIn(outcome);
        EXPECT_EQ(outcome.totals.states[static_cast<std::size_t>(State::missingAtCarrier)].items, 1u) << what;
    };
    Transfer endsElsewhere;
    endsElsewhere.record.durationMs = 120'000;
    expectApart(endsElsewhere, "the record ends before the second leg");
    Transfer later;
    later.second.invitedMs += 10'000;
    expectApart(later, "the second leg begins later");
    Transfer otherFarEnd;
    otherFarEnd.second.far += 1;
    expectApart(otherFarEnd, "with somebody else");
    Transfer agreeing;
    agreeing.record.durationMs = 40'000;
    agreeing.first.correlationId = agreeing.second.correlationId = "talk";
    expectApart(agreeing, "the carrier's record ends with the first leg");
}

TEST(TransferredCall, OfTheCarrierIsJoinedToo) {
    Sample sample;
    append(sample.calls, CallRow{.key = 1,
                                 .invitedMs = begin,
                                 .answeredMs = begin + 5'000,
                                 .endedMs = begin + 150'000,
                                 .durationMs = 145'000});
    append(sample.durations,
           DurationRow{.recordId = "first", .startedMs = begin, .answered = true, .durationMs = 40'000});
    append(sample.durations, DurationRow{.recordId = "second",
                                         .own = otherUser,
                                         .startedMs = begin + 45'000,
                                         .answered = true,
                                         .durationMs = 105'000});
    const Outcome outcome = sample.outcome();
    const Diagnosis* found = find(outcome, Cause::transferredCall);
    ASSERT_TRUE(found) << causesIn(outcome);
    EXPECT_EQ(found->at, Party::carrier);
    EXPECT_EQ(found->explainedMs, 105'000);
}

TEST(DurationUnit, IsRecognisedWhicheverItIsAndTheCallsStillMatch) {
    const struct {
        std::int64_t unitMs, standsMs;
        UnitFactor factor;
        std::string_view sentence;
    } units[] = {{1'000, 1, {1'000, 1}, "The carrier's durations are seconds where milliseconds are expected"},
                 {60'000, 1, {60'000, 1}, "The carrier's durations are minutes where milliseconds are expected"},
                 {60'000, 1'000, {60, 1}, "The carrier's durations are minutes where seconds are expected"},
                 {1'000, 60'000, {1, 60}, "The carrier's durations are seconds where minutes are expected"},
                 {1, 1'000, {1, 1'000}, "The carrier's durations are milliseconds where seconds are expected"}};
    for (const auto& unit : units) {
        for (const std::int64_t offset : {0, 37'000}) {
            Scenario scenario{.seed = 71, .offsetMs = offset, .rounding = "up", .stepMs = unit.unitMs};
            scenario.missingAtCarrier = 0.1;
            scenario.unitMs = unit.unitMs;
            scenario.unitStandsMs = unit.standsMs;
            const World world = generate(scenario);
            const Outcome outcome = reconcile(world.calls, world.durations, {});
            const auto score = testing::score(world, outcome);
            EXPECT_GE(score.precision(), 0.9999) << unit.sentence;
            EXPECT_GE(score.recall(), 0.9999) << unit.sentence;
            const Diagnosis* found = find(outcome, Cause::durationUnit);
            ASSERT_TRUE(found) << unit.sentence << "\n" << causesIn(outcome);
            EXPECT_EQ(found->unit, unit.factor);
            EXPECT_TRUE(sentence(*found).starts_with(unit.sentence)) << sentence(*found);
            EXPECT_GT(found->explainedMs, 0);
            EXPECT_FALSE(find(outcome, Cause::unexplained)) << unit.sentence << "\n" << causesIn(outcome);
        }
    }
}

TEST(DurationUnit, StaysAsTheRecordsStateIt) {
    Scenario scenario{.seed = 72};
    scenario.unitMs = 1'000;
    scenario.unitStandsMs = 1;
    const World world = generate(scenario);
    const Outcome outcome = reconcile(world.calls, world.durations, {});
    std::int64_t stated = 0;
    const columns::Batch& core = world.durations.part(columns::Part::core);
    for (std::size_t row = 0; row < core.rows(); ++row)
        stated += core[columns::DurationCore::durationMs].at<std::int64_t>(row);
    EXPECT_EQ(outcome.totals.theirs.connectedMs, stated);
    const Diagnosis* found = find(outcome, Cause::durationUnit);
    ASSERT_TRUE(found);
    const Diagnosis* rounding = find(outcome, Cause::rounding);
    ASSERT_TRUE(rounding) << causesIn(outcome);
    EXPECT_EQ(rounding->rounding, (Rounding{RoundingMode::down, {1'000}}));
    // What rounding explains is what is left once the unit is set right.
    EXPECT_LT(rounding->explainedMs, static_cast<std::int64_t>(rounding->count) * 1'000);
}

TEST(DurationUnit, IsNotNamedWhereTheTwoSidesHaveOtherCalls) {
    // A carrier whose calls all last a few seconds, against calls of minutes: none of them the same.
    Sample sample(0);
    for (int n = 0; n < 40; ++n) {
        const std::int64_t at = begin + n * 600'000ll;
        append(sample.calls, CallRow{.key = 1u + static_cast<std::uint64_t>(n),
                                     .invitedMs = at,
                                     .answeredMs = at + 5'000,
                                     .endedMs = at + 605'000 + n * 13'000,
                                     .durationMs = 600'000 + n * 13'000});
        append(sample.durations, DurationRow{.recordId = "r" + std::to_string(n),
                                             .startedMs = at + 300'000,
                                             .answered = true,
                                             .durationMs = 2'000 + n % 3 * 1'000});
    }
    EXPECT_FALSE(find(sample.outcome(), Cause::durationUnit));
}

TEST(ReversedDirection, IsNamedAlsoWhereAnIdJoinsTheTwo) {
    for (const bool isSeenFromOtherEnd : {false, true}) {
        Sample sample;
        append(sample.calls, CallRow{.key = 1,
                                     .invitedMs = begin,
                                     .answeredMs = begin + 5'000,
                                     .endedMs = begin + 65'000,
                                     .durationMs = 60'000,
                                     .sipCallId = "a"});
        DurationRow record{.recordId = "turned",
                           .direction = 0,
                           .startedMs = begin,
                           .answered = true,
                           .durationMs = 60'000,
                           .sipCallId = "a"};
        if (isSeenFromOtherEnd) std::swap(record.own, record.far);
        append(sample.durations, record);
        const Outcome outcome = sample.outcome();
        EXPECT_TRUE(find(outcome, Cause::reversedDirection)) << causesIn(outcome);
        EXPECT_EQ(outcome.items.front().matchedBy, MatchedBy::sipCallId);
        EXPECT_EQ(outcome.items.front().state, State::matched) << name(outcome.items.front().state);
    }
}

TEST(HungCall, EndsAtATimerThatCountsTheRingingOrNot) {
    for (const std::int64_t ringing : {0, 9'000}) {
        Scenario scenario{.seed = 79, .carrierCountsRinging = true};
        World world = generate(scenario);
        append(world.calls, CallRow{.key = 999'999,
                                    .invitedMs = begin,
                                    .answeredMs = begin + 9'000,
                                    .endedMs = begin + 69'000,
                                    .durationMs = 60'000});
        append(
            world.durations,
            DurationRow{.recordId = "hung", .startedMs = begin, .answered = true, .durationMs = 3'600'000 + ringing});
        const Outcome outcome = reconcile(world.calls, world.durations, {});
        const Diagnosis* found = find(outcome, Cause::hungCall);
        ASSERT_TRUE(found) << ringing << "\n" << causesIn(outcome);
        EXPECT_EQ(found->count, 1u);
    }
}

TEST(StatedRounding, ExplainsTheRecordsThatStateIt) {
    // One gateway of several charges by the minute, and says so; the others charge what was talked.
    Sample sample(40);
    for (int n = 0; n < 3; ++n) {
        const std::int64_t at = begin + n * 60'000;
        append(sample.calls, CallRow{.key = 1u + static_cast<std::uint64_t>(n),
                                     .far = 41446000000u + static_cast<std::uint64_t>(n),
                                     .invitedMs = at,
                                     .answeredMs = at + 5'000,
                                     .endedMs = at + 38'000,
                                     .durationMs = 33'000});
        append(sample.durations, DurationRow{.recordId = "minute-" + std::to_string(n),
                                             .far = 41446000000u + static_cast<std::uint64_t>(n),
                                             .startedMs = at,
                                             .answered = true,
                                             .durationMs = 60'000,
                                             .rounding = domain::DeclaredRounding{RoundingMode::up, seconds(60)}});
    }
    const Outcome outcome = sample.outcome();
    const Diagnosis* found = find(outcome, Cause::rounding);
    ASSERT_TRUE(found) << causesIn(outcome);
    EXPECT_EQ(found->count, 3u);
    EXPECT_EQ(found->rounding, (Rounding{RoundingMode::up, seconds(60)}));
    EXPECT_FALSE(find(outcome, Cause::unexplained)) << causesIn(outcome);
}

TEST(StatedRounding, IsGoneByWhereTooFewPairsShowAny) {
    Sample sample(0);
    append(sample.calls, CallRow{.key = 1,
                                 .invitedMs = begin,
                                 .answeredMs = begin + 5'000,
                                 .endedMs = begin + 38'000,
                                 .durationMs = 33'000});
    append(sample.durations, DurationRow{.recordId = "one",
                                         .startedMs = begin,
                                         .answered = true,
                                         .durationMs = 60'000,
                                         .rounding = domain::DeclaredRounding{RoundingMode::up, seconds(60)}});
    Options options;
    options.agreedRounding = Rounding{RoundingMode::up, seconds(6)};
    const Outcome outcome = sample.outcome(options);
    ASSERT_TRUE(find(outcome, Cause::rounding)) << causesIn(outcome);
    EXPECT_EQ(find(outcome, Cause::rounding)->rounding, (Rounding{RoundingMode::up, seconds(60)}));
}

TEST(LateRecord, IsNamedWithTheTimeByWhichItWasDue) {
    Scenario scenario{.seed = 73};
    scenario.lateAtCarrier = 0.1;
    const World world = generate(scenario);
    const Options options{.dueAt = Instant{begin}};
    const Outcome outcome = reconcileWorld(world, options);
    std::int64_t ms = 0;
    std::size_t late = 0;
    const columns::Batch& core = world.durations.part(columns::Part::core);
    for (std::size_t row = 0; row < core.rows(); ++row) {
        if (!world.lateDurations[row]) continue;
        ++late;
        ms += core[columns::DurationCore::durationMs].at<std::int64_t>(row);
    }
    const Diagnosis* found = find(outcome, Cause::lateRecord);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->count, late);
    EXPECT_EQ(found->outOf, outcome.items.size());
    EXPECT_EQ(found->explainedMs, ms);
    EXPECT_EQ(found->at, Party::carrier);
    EXPECT_EQ(found->dueAt, Instant{begin});
    EXPECT_NE(sentence(*found).find(formatInstant({begin})), std::string::npos) << sentence(*found);
    // It explains nothing between the two sides: no item differs by it.
    EXPECT_EQ(outcome.totals.states[static_cast<std::size_t>(State::matched)].items, outcome.items.size());
}

TEST(LateRecord, IsNotNamedWhereNoneCameLate) {
    const Outcome outcome = reconcileWorld(generate({.seed = 74}), {.dueAt = Instant{begin}});
    EXPECT_FALSE(find(outcome, Cause::lateRecord));
}

TEST(NumberFormat, APrefixIsLearntBesideHiddenDigits) {
    for (const bool isHiddenAtCarrier : {false, true}) {
        Scenario scenario{.seed = 75, .missingAtCarrier = 0.05};
        (isHiddenAtCarrier ? scenario.maskedDigitsAtCarrier : scenario.maskedDigits) = isHiddenAtCarrier ? 3 : 4;
        scenario.carrierPrefix = "9901";
        World world = generate(scenario);
        // One number that hides more than any country does keeps nothing from being learnt.
        append(world.durations,
               DurationRow{.recordId = "hidden", .far = 41440007919, .maskedDigits = 6, .startedMs = begin});
        const Outcome outcome = reconcile(world.calls, world.durations, {});
        EXPECT_GE(testing::score(world, outcome).recall(), 0.9999);
        const Diagnosis* found = find(outcome, Cause::numberFormat);
        ASSERT_TRUE(found) << causesIn(outcome);
        EXPECT_EQ(found->word, "9901>");
        EXPECT_TRUE(find(outcome, Cause::maskedNumber)) << causesIn(outcome);
    }
}

TEST(OnNet, IsSeenBehindHiddenDigitsWhereOnlySuchCallsAreMissing) {
    Scenario scenario{.seed = 76, .calls = 10'000};
    scenario.maskedDigits = 4;
    scenario.onNet = 0.03;
    const World world = generate(scenario);
    EXPECT_TRUE(find(reconcile(world.calls, world.durations, {}), Cause::onNet));
    // Missing calls to anybody are no kind.
    scenario.onNet = 0;
    scenario.missingAtCarrier = 0.1;
    const World missing = generate(scenario);
    EXPECT_FALSE(find(reconcile(missing.calls, missing.durations, {}), Cause::onNet));
}

TEST(ForkedLegs, AreNotNamedForTwoCallsThatMetByChance) {
    // One attempt that the carrier lacks began while another call of the same numbers rang, among hundreds of calls.
    Scenario scenario{.seed = 77, .calls = 600, .ownNumbers = 2, .farNumbers = 3, .carrierAnsweredOnly = true};
    const World world = generate(scenario);
    const Outcome outcome = reconcile(world.calls, world.durations, {});
    EXPECT_FALSE(find(outcome, Cause::forkedLegs)) << causesIn(outcome);
}

TEST(ForkedLegs, OfACallThatTheCarrierHasAsUnansweredBelongToTheCall) {
    Scenario scenario{.seed = 78, .calls = 4'000, .ownNumbers = 1'000, .farNumbers = 20'000};
    scenario.forksAtPlatform = 0.2;
    scenario.answeredDiffers = 0.05;
    const World world = generate(scenario);
    const Outcome outcome = reconcile(world.calls, world.durations, {});
    const auto score = testing::score(world, outcome);
    EXPECT_GE(score.precision(), 0.999);
    EXPECT_GE(score.recall(), 0.999);
}

TEST(PartialRecords, ARecordWithACounterpartOfItsOwnIsNoPart) {
    // Two calls, one upon the other's end, in steps of a minute: together as long as a third one that began with the
    // first.
    Sample sample;
    const auto both = [&](std::uint64_t key, std::int64_t at, std::int64_t talk) {
        append(sample.calls,
               CallRow{.key = key, .invitedMs = at, .answeredMs = at, .endedMs = at + talk, .durationMs = talk});
        append(sample.durations,
               DurationRow{.recordId = std::to_string(key), .startedMs = at, .answered = true, .durationMs = talk});
    };
    both(1, begin, 60'000);
    both(2, begin + 60'500, 30'000);
    append(sample.calls,
           CallRow{.key = 3, .invitedMs = begin, .answeredMs = begin, .endedMs = begin + 90'000, .durationMs = 90'000});
    const Outcome outcome = sample.outcome();
    EXPECT_FALSE(find(outcome, Cause::partialRecords)) << causesIn(outcome);
    EXPECT_EQ(outcome.totals.states[static_cast<std::size_t>(State::missingAtCarrier)].items, 1u);
}

}  // namespace
}  // namespace meetpoint::reconcile
