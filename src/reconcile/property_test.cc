// What must hold whatever the data are: the order of the input and its splitting change nothing, and no record is lost.
#include <chrono>
#include <ctime>
#include <functional>
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

// One side of some calls, which can be written as either side's records.
struct PlainCall {
    int id;
    std::uint64_t own, far;
    int direction;
    std::int64_t start, ring, talk;  // talk 0: not answered
};
columns::Records asCalls(const std::vector<PlainCall>& side) {
    columns::Records calls(columns::LaneKind::calls);
    for (const PlainCall& one : side) {
        CallRow row{
            .key = static_cast<std::uint64_t>(one.id), .direction = one.direction, .own = one.own, .far = one.far};
        row.invitedMs = one.start;
        if (one.talk > 0) row.answeredMs = one.start + one.ring;
        row.endedMs = one.start + one.ring + one.talk;
        row.durationMs = one.talk;
        append(calls, row);
    }
    return calls;
}
columns::Records asDurations(const std::vector<PlainCall>& side) {
    columns::Records durations(columns::LaneKind::durations);
    for (const PlainCall& one : side) {
        // Keys in the same order as those of calls.
        DurationRow row{
            .recordId = fmt::format("{:09}", one.id), .direction = one.direction, .own = one.own, .far = one.far};
        row.startedMs = one.start;
        row.answered = one.talk > 0;
        if (one.talk > 0) row.answeredMs = one.start + one.ring;
        row.endedMs = one.start + one.ring + one.talk;
        row.durationMs = one.talk;
        append(durations, row);
    }
    return durations;
}

std::string_view mirrored(State state) {
    switch (state) {
        case State::missingAtPlatform:
            return name(State::missingAtCarrier);
        case State::missingAtCarrier:
            return name(State::missingAtPlatform);
        case State::duplicateAtPlatform:
            return name(State::duplicateAtCarrier);
        case State::duplicateAtCarrier:
            return name(State::duplicateAtPlatform);
        default:
            return name(state);
    }
}

// Items by the calls in them, seen from the first side, or from the second of sides that were swapped.
std::multiset<std::string> itemsOf(const Outcome& outcome, const std::vector<PlainCall>& ours,
                                   const std::vector<PlainCall>& theirs, bool isSwapped) {
    std::multiset<std::string> lines;
    for (const Item& item : outcome.items) {
        std::set<int> here, there;
        for (const std::uint32_t row : outcome.ours(item))
            here.insert(ours[row].id);
        for (const std::uint32_t row : outcome.theirs(item))
            there.insert(theirs[row].id);
        const std::int64_t sign = isSwapped ? -1 : 1;
        const auto& [first, second] = isSwapped ? std::tie(there, here) : std::tie(here, there);
        lines.insert(fmt::format("{} {} / {} start {} duration {}", isSwapped ? mirrored(item.state) : name(item.state),
                                 fmt::join(first, ","), fmt::join(second, ","), sign * item.startDeltaMs.value_or(0),
                                 sign * item.durationDeltaMs.value_or(0)));
    }
    return lines;
}

RC_GTEST_PROP(ReconcileProperty, SwappingTheSidesMirrorsTheResult, ()) {
    const auto count = *rc::gen::inRange(1, 60);
    const std::int64_t shift = *rc::gen::element<std::int64_t>(0, 37'000, -3'600'000);
    std::vector<PlainCall> ours, theirs;
    // Calls that are beyond doubt: how far the clocks are apart is no matter of which side votes.
    for (int id = 1'000; id < 1'040; ++id) {
        PlainCall sure{id,
                       41441000001,
                       41446000000 + static_cast<std::uint64_t>(id),
                       id % 2,
                       1'750'000'000'000 + id * 7'919,
                       5'000,
                       20'000 + id * 37};
        ours.push_back(sure);
        sure.start += shift;
        theirs.push_back(sure);
    }
    for (int id = 1; id <= count; ++id) {
        PlainCall call{id,
                       41441000000 + *rc::gen::inRange<std::uint64_t>(1, 3),
                       41445000000 + *rc::gen::inRange<std::uint64_t>(1, 4),
                       *rc::gen::inRange(0, 2),
                       1'750'000'000'000 + *rc::gen::inRange<std::int64_t>(0, 1'200'000),
                       *rc::gen::inRange<std::int64_t>(1'000, 30'000),
                       *rc::gen::inRange<std::int64_t>(-20'000, 90'000)};
        call.talk = std::max<std::int64_t>(0, call.talk);
        const int where = *rc::gen::inRange(0, 10);  // 0: ours alone, 1: theirs alone
        if (where != 1) ours.push_back(call);
        call.start += shift;
        if (where != 0) theirs.push_back(call);
    }
    const auto straight = itemsOf(reconcile(asCalls(ours), asDurations(theirs), {}), ours, theirs, false);
    const auto swapped = itemsOf(reconcile(asCalls(theirs), asDurations(ours), {}), theirs, ours, true);
    if (straight != swapped) {
        std::string text;
        for (const auto& [from, to] : {std::tie(straight, swapped), std::tie(swapped, straight)}) {
            for (const std::string& line : from)
                if (!to.contains(line)) text += line + "\n";
            text += "--\n";
        }
        RC_FAIL(text);
    }
}

// Pairs and calls alone by the records that stand for them: what sending everything again must not change.
std::multiset<std::string> callsIn(const Outcome& outcome, std::size_t calls, std::size_t durations) {
    std::multiset<std::string> lines;
    for (const Item& item : outcome.items) {
        if (item.state == State::duplicateAtPlatform || item.state == State::duplicateAtCarrier) continue;
        std::set<std::size_t> ours, theirs;
        for (const std::uint32_t row : outcome.ours(item))
            ours.insert(row % calls);
        for (const std::uint32_t row : outcome.theirs(item))
            theirs.insert(row % durations);
        lines.insert(fmt::format("{} {} / {}", name(item.state), fmt::join(ours, ","), fmt::join(theirs, ",")));
    }
    return lines;
}

RC_GTEST_PROP(ReconcileProperty, SendingASideTwiceAddsRepeatsAndChangesNothingElse, ()) {
    Scenario scenario = someScenario();
    // Repeats and legs of one instant are a matter of their own.
    scenario.duplicatesAtCarrier = scenario.forksAtPlatform = 0;
    scenario.spanMs = 86'400'000;
    scenario.sharedIds = 0;
    const World world = generate(scenario);
    if (world.calls.rows() == 0 || world.durations.rows() == 0) return;
    columns::Records twice(columns::LaneKind::durations);
    twice.append(world.durations);
    twice.append(world.durations);
    const Outcome once = reconcile(world.calls, world.durations, {});
    const Outcome again = reconcile(world.calls, twice, {});
    const auto repeats = again.totals.states[static_cast<std::size_t>(State::duplicateAtCarrier)].items;
    RC_ASSERT(repeats ==
              world.durations.rows() + once.totals.states[static_cast<std::size_t>(State::duplicateAtCarrier)].items);
    RC_ASSERT(callsIn(again, world.calls.rows(), world.durations.rows()) ==
              callsIn(once, world.calls.rows(), world.durations.rows()));
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

// More calls than have a voice in how the clocks stand, and more numbers than are looked at for how they are spelt.
TEST(ReconcileScale, APartOfManyCallsShowsWhatAllOfThemWould) {
    Scenario scenario{.seed = 7, .calls = 600'000, .ownNumbers = 5'000, .farNumbers = 100'000, .offsetMs = 37'000};
    scenario.sharedIds = 0.9;
    scenario.carrierPrefix = "9901";
    const World world = generate(scenario);
    const Outcome outcome = reconcile(world.calls, world.durations, {.threads = 2});
    const auto score = testing::score(world, outcome);
    EXPECT_GE(score.precision(), 0.9999);
    EXPECT_GE(score.recall(), 0.9999);
    const auto valueOf = [&](Cause cause) {
        const auto found = std::ranges::find(outcome.diagnosis, cause, &Diagnosis::cause);
        return found == outcome.diagnosis.end() ? Diagnosis{} : *found;
    };
    EXPECT_NEAR(static_cast<double>(valueOf(Cause::clockOffset).number.value_or(0)), 37'000, 1'000);
    EXPECT_EQ(valueOf(Cause::numberFormat).word, "9901>");
}

// Seconds of processor time.
double workFor(const World& world) {
    const std::clock_t before = std::clock();
    const Outcome outcome = reconcile(world.calls, world.durations, {});
    EXPECT_FALSE(outcome.items.empty());
    return static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
}

// The work may grow a little more than the records, as sorting does; with their square it would grow by 16.
void expectLinear(const std::function<World(std::size_t)>& make, const char* what) {
    constexpr std::size_t few = 12'000, more = 4 * few;
    const World small = make(few), large = make(more);
    const double shorter = workFor(small), longer = workFor(large);
    std::printf("%-28s %zu records %.2f s, %zu records %.2f s\n", what, few, shorter, more, longer);
    EXPECT_LT(longer, 8 * shorter + 0.2) << what;
}

TEST(ReconcileScale, WorkGrowsWithTheRecordsWhereAllHaveTheSameNumbers) {
    const auto crowd = [](std::size_t calls, std::int64_t spanMs) {
        return generate({.seed = 8, .calls = calls, .ownNumbers = 1, .farNumbers = 1, .spanMs = spanMs});
    };
    expectLinear([&](std::size_t calls) { return crowd(calls, 86'400'000); }, "one number, a day");
    expectLinear([&](std::size_t calls) { return crowd(calls, 60'000); }, "one number, a minute");
    expectLinear([&](std::size_t calls) { return crowd(calls, 1); }, "one number, one instant");
    expectLinear(
        [&](std::size_t calls) {
            World world = crowd(calls, 60'000);
            world.durations = crowd(1, 60'000).durations;
            return world;
        },
        "one number, one side alone");
    // Talks of no length follow each other without a gap: all of them may be parts of each other.
    expectLinear(
        [&](std::size_t calls) {
            Scenario scenario{.seed = 9, .calls = calls, .ownNumbers = 1, .farNumbers = 1, .spanMs = 60'000};
            scenario.meanTalkSeconds = 0.01;
            scenario.missingAtCarrier = scenario.missingAtPlatform = 0.3;
            return generate(scenario);
        },
        "one number, short talks");
    // Every record equal to every other.
    expectLinear(
        [&](std::size_t calls) {
            World world;
            for (std::size_t n = 0; n < calls; ++n) {
                append(world.calls, CallRow{.key = n + 1,
                                            .invitedMs = 1'750'000'000'000,
                                            .answeredMs = 1'750'000'005'000,
                                            .endedMs = 1'750'000'065'000,
                                            .durationMs = 60'000});
                append(world.durations, DurationRow{.recordId = "r" + std::to_string(n),
                                                    .startedMs = 1'750'000'000'000,
                                                    .answered = true,
                                                    .durationMs = 60'000});
            }
            return world;
        },
        "one record again and again");
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
