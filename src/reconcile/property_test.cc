// What must hold whatever the data are: the order of the input and its splitting change nothing, and no record is lost.
#include <chrono>
#include <numeric>
#include <random>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

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
using testing::Scenario;
using testing::World;

Scenario someScenario() {
    Scenario scenario;
    scenario.seed = *rc::gen::arbitrary<std::uint32_t>();
    scenario.calls = *rc::gen::inRange<std::size_t>(1, 150);
    scenario.ownNumbers = *rc::gen::inRange<std::size_t>(1, 5);
    scenario.farNumbers = *rc::gen::inRange<std::size_t>(1, 5);
    // Short spans make calls compete.
    scenario.spanMs = *rc::gen::element<std::int64_t>(60'000, 3'600'000, 86'400'000);
    scenario.offsetMs = *rc::gen::element<std::int64_t>(0, 37'000, -4'000);
    scenario.carrierInSeconds = *rc::gen::arbitrary<bool>();
    scenario.rounding = *rc::gen::element<std::string>("", "up", "nearest");
    scenario.missingAtCarrier = *rc::gen::element(0.0, 0.3);
    scenario.missingAtPlatform = *rc::gen::element(0.0, 0.3);
    scenario.duplicatesAtCarrier = *rc::gen::element(0.0, 0.2);
    scenario.forksAtPlatform = *rc::gen::element(0.0, 0.4);
    scenario.partialsAtCarrier = *rc::gen::element(0.0, 0.4);
    scenario.sharedIds = *rc::gen::element(0.0, 0.5);
    scenario.presented = *rc::gen::element(0.0, 0.1);
    scenario.reversed = *rc::gen::element(0.0, 0.1);
    scenario.maskedDigits = *rc::gen::element(0, 4);
    return scenario;
}

std::vector<std::uint32_t> shuffled(std::size_t rows, std::uint64_t seed) {
    std::vector<std::uint32_t> order(rows);
    std::iota(order.begin(), order.end(), 0u);
    std::ranges::shuffle(order, std::mt19937_64(seed));
    return order;
}

// Everything an outcome says, with records named by their keys.
std::string spelled(const Outcome& outcome, const columns::Records& calls, const columns::Records& durations) {
    using columns::Part;
    std::multiset<std::string> lines;
    for (const Item& item : outcome.items) {
        std::string line = fmt::format("{} {} {} {} {} {}:", formatId(itemId(outcome, item, calls, durations)),
                                       name(item.state), name(item.matchedBy), item.at.ms,
                                       item.startDeltaMs.value_or(-1), item.durationDeltaMs.value_or(-1));
        for (std::size_t c = 0; c < causeCount; ++c)
            if (item.causes.has(static_cast<Cause>(c))) line += fmt::format(" {}", name(static_cast<Cause>(c)));
        for (const std::uint32_t row : outcome.ours(item))
            line += " " + formatId(calls.part(Part::core)[columns::CallCore::callId].id(row));
        for (const std::uint32_t row : outcome.theirs(item))
            line += fmt::format(" {}", durations.part(Part::core)[columns::DurationCore::recordId].text(row));
        lines.insert(line);
    }
    std::string out;
    for (const std::string& line : lines)
        out += line + "\n";
    for (const Diagnosis& found : outcome.diagnosis)
        out +=
            fmt::format("{} {} {} {}\n", name(found.cause), found.count, found.number.value_or(0), found.explainedMs);
    return out + totalsJson(outcome.totals);
}

// A day whose end lies in the middle of the calls, so that totals are not those of all records.
Options halfOf(const World& world) {
    Options options;
    const auto times = world.calls.part(columns::Part::core)[columns::CallCore::invitedAt].as<std::int64_t>();
    if (times.empty()) return options;
    const auto [first, last] = std::ranges::minmax(times);
    options.from = {first};
    options.to = {first + (last - first) / 2};
    return options;
}

RC_GTEST_PROP(ReconcileProperty, TheOrderOfTheInputChangesNothing, ()) {
    const World world = generate(someScenario());
    const Options options = *rc::gen::arbitrary<bool>() ? Options() : halfOf(world);
    const std::string straight =
        spelled(reconcile(world.calls, world.durations, options), world.calls, world.durations);
    const auto seed = *rc::gen::arbitrary<std::uint32_t>();
    const columns::Records calls = world.calls.gather(shuffled(world.calls.rows(), seed));
    // Cut in two and joined again, as two uploads are.
    const auto order = shuffled(world.durations.rows(), seed + 1);
    const std::size_t cut = order.size() / 3;
    columns::Records durations = world.durations.gather(std::span(order).first(cut));
    durations.append(world.durations.gather(std::span(order).subspan(cut)));
    RC_ASSERT(spelled(reconcile(calls, durations, options), calls, durations) == straight);
}

RC_GTEST_PROP(ReconcileProperty, EveryRecordStandsInAnItem, ()) {
    const World world = generate(someScenario());
    const Outcome outcome = reconcile(world.calls, world.durations, {});
    std::vector<int> ours(world.calls.rows(), 0);
    std::vector<int> theirs(world.durations.rows(), 0);
    for (const Item& item : outcome.items) {
        for (const std::uint32_t row : outcome.ours(item))
            ++ours[row];
        for (const std::uint32_t row : outcome.theirs(item))
            ++theirs[row];
    }
    RC_ASSERT(std::ranges::all_of(ours, [](int n) { return n == 1; }));
    RC_ASSERT(std::ranges::all_of(theirs, [](int n) { return n == 1; }));
    std::uint64_t items = 0;
    for (const StateTotals& state : outcome.totals.states)
        items += state.items;
    RC_ASSERT(items == outcome.items.size());
}

RC_GTEST_PROP(ReconcileProperty, ASideAgainstItselfHasNoDifferences, ()) {
    Scenario scenario = someScenario();
    scenario.duplicatesAtCarrier = scenario.presented = scenario.reversed = scenario.missingAtPlatform =
        scenario.missingAtCarrier = 0;
    scenario.forksAtPlatform = scenario.partialsAtCarrier = 0;
    scenario.offsetMs = 0;
    scenario.rounding = "";
    scenario.carrierInSeconds = false;  // it would make two attempts of one second into one
    scenario.spanMs = 86'400'000;
    scenario.jitterMs = 0;
    const World world = generate(scenario);
    const Outcome outcome = reconcile(world.calls, world.durations, {});
    if (outcome.hasDifferences()) RC_FAIL(spelled(outcome, world.calls, world.durations));
}

TEST(ReconcileScale, NoIdIsTakenForACallByItself) {
    // A device uses one Call-ID for every call; each side lacks another of them.
    columns::Records calls(columns::LaneKind::calls);
    columns::Records durations(columns::LaneKind::durations);
    for (int n = 0; n < 40; ++n) {
        const std::int64_t at = 1'750'000'000'000 + n * 600'000ll;
        if (n != 7)
            append(calls, CallRow{.key = static_cast<std::uint64_t>(n) + 1,
                                  .invitedMs = at,
                                  .answeredMs = at + 5'000,
                                  .endedMs = at + 65'000 + n * 3'000,
                                  .durationMs = 60'000 + n * 3'000,
                                  .sipCallId = n >= 30 ? "same" : ""});
        if (n != 31)
            append(durations, DurationRow{.recordId = "r" + std::to_string(n),
                                          .startedMs = at,
                                          .answered = true,
                                          .durationMs = 60'000 + n * 3'000,
                                          .sipCallId = n >= 30 ? "same" : ""});
    }
    const Outcome outcome = reconcile(calls, durations, {});
    EXPECT_EQ(outcome.totals.states[static_cast<std::size_t>(State::matched)].items, 38u);
    EXPECT_EQ(outcome.totals.states[static_cast<std::size_t>(State::missingAtCarrier)].items, 1u);
    EXPECT_EQ(outcome.totals.states[static_cast<std::size_t>(State::missingAtPlatform)].items, 1u);
}

double secondsFor(const World& world, const char* what, double wanted) {
    const auto before = std::chrono::steady_clock::now();
    const Outcome outcome = reconcile(world.calls, world.durations, {});
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
    const auto score = testing::score(world, outcome);
    std::printf("%-24s %zu x %zu: %.2f s, precision %.6f recall %.6f\n", what, world.calls.rows(),
                world.durations.rows(), seconds, score.precision(), score.recall());
    EXPECT_GE(score.precision(), wanted);
    EXPECT_GE(score.recall(), wanted);
    return seconds;
}

TEST(ReconcileScale, TwoHundredThousandOnEachSide) {
    Scenario scenario{.seed = 5, .calls = 200'000, .ownNumbers = 5'000, .farNumbers = 100'000, .offsetMs = 37'000};
    scenario.missingAtCarrier = scenario.missingAtPlatform = 0.02;
    scenario.forksAtPlatform = 0.05;
    scenario.rounding = "up";
    EXPECT_LT(secondsFor(generate(scenario), "200k mixed", 0.9999), 30);
}

TEST(ReconcileScale, ACallCentreOfOneNumberPair) {
    // One pair, a call every minute on average for a week.
    Scenario scenario{
        .seed = 6, .calls = 10'000, .ownNumbers = 1, .farNumbers = 1, .spanMs = 10'000 * 60'000ll, .offsetMs = 37'000};
    scenario.missingAtCarrier = 0.1;
    // A few unanswered calls lie closer together than the two clocks agree: nothing could tell those apart.
    EXPECT_LT(secondsFor(generate(scenario), "one pair", 0.999), 30);
}

}  // namespace
}  // namespace meetpoint::reconcile
