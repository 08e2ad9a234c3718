// How right the matcher is: days of calls with known truth, in which the carrier's records differ from the platform's
// by two causes at a time, every pair of them.
//   accuracy_bench SEEDS CALLS [--verbose]   prints figures; --verbose: a line a scenario on standard error
#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "figure.h"
#include "reconcile/reconcile.h"
#include "reconcile/testing/generator.h"

namespace meetpoint::bench {
namespace {

using reconcile::Cause;
using reconcile::Diagnosis;
using reconcile::Outcome;
using reconcile::testing::Scenario;
using reconcile::testing::World;

// One way in which the two sides differ.
struct Ingredient {
    std::string_view name;
    std::function<void(Scenario&)> apply;
    std::optional<Cause> cause;  // that must be named; none: calls are missing, or ids shared
    std::function<bool(const Diagnosis&)> isRight = [](const Diagnosis&) { return true; };  // its value
};

constexpr std::int64_t hourMs = 3'600'000;

// Of a coverage gap the edges lie between two calls.
bool isNear(std::optional<Instant> at, std::int64_t inDay) {
    constexpr std::int64_t slack = 10 * 60'000;
    return at && std::abs(((at->ms % 86'400'000) - inDay)) <= slack;
}

std::vector<Ingredient> ingredients() {
    return {
        {"clockOffset", [](Scenario& s) { s.offsetMs += 37'000; }, Cause::clockOffset,
         [](const Diagnosis& d) { return d.number && std::abs(*d.number - 37'000) <= 1'000; }},
        {"clockDrift", [](Scenario& s) { s.driftMsPerHour = 900; }, Cause::clockDrift,
         [](const Diagnosis& d) { return d.rate && std::abs(*d.rate - 900) <= 45; }},
        {"timeZone", [](Scenario& s) { s.zoneMinutes = 60; }, Cause::timeZone,
         [](const Diagnosis& d) { return d.number == 60; }},
        {"startBasis", [](Scenario& s) { s.carrierStartsAtAnswer = true; }, Cause::startBasis,
         [](const Diagnosis& d) { return d.word == "answer"; }},
        {"durationBasis", [](Scenario& s) { s.carrierCountsRinging = true; }, Cause::durationBasis,
         [](const Diagnosis& d) { return d.word == "invite"; }},
        {"rounding", [](Scenario& s) { s.rounding = "up", s.stepMs = 6'000; }, Cause::rounding,
         [](const Diagnosis& d) {
             return d.rounding == reconcile::Rounding{reconcile::RoundingMode::up, milliseconds(6'000)};
         }},
        {"wholeSeconds", [](Scenario& s) { s.carrierInSeconds = true; }, Cause::rounding,
         [](const Diagnosis& d) {
             return d.rounding == reconcile::Rounding{reconcile::RoundingMode::down, milliseconds(1'000)};
         }},
        {"partialRecords", [](Scenario& s) { s.partialsAtCarrier = 0.05; }, Cause::partialRecords},
        {"forkedLegs", [](Scenario& s) { s.forksAtPlatform = 0.1; }, Cause::forkedLegs},
        {"hungCall", [](Scenario& s) { s.hung = 0.005; }, Cause::hungCall},
        {"coverageGap", [](Scenario& s) { s.gapFromMs = 9 * hourMs, s.gapToMs = 11 * hourMs; }, Cause::coverageGap,
         [](const Diagnosis& d) { return isNear(d.from, 9 * hourMs) && isNear(d.to, 11 * hourMs); }},
        {"answeredOnly", [](Scenario& s) { s.carrierAnsweredOnly = true; }, Cause::answeredOnly},
        {"outboundOnly", [](Scenario& s) { s.carrierOutboundOnly = true; }, Cause::oneDirectionOnly},
        {"presentedNumber", [](Scenario& s) { s.presented = 0.05; }, Cause::presentedNumber},
        {"reversedDirection", [](Scenario& s) { s.reversed = 0.02; }, Cause::reversedDirection},
        {"duplicateUpload", [](Scenario& s) { s.duplicatesAtCarrier = 0.03; }, Cause::duplicateUpload},
        {"numberFormat", [](Scenario& s) { s.carrierNational = true; }, Cause::numberFormat},
        {"maskedNumber", [](Scenario& s) { s.maskedDigits = 4; }, Cause::maskedNumber},
        {"missingAtCarrier", [](Scenario& s) { s.missingAtCarrier = 0.1; }, {}},
        {"missingAtPlatform", [](Scenario& s) { s.missingAtPlatform = 0.1; }, {}},
        {"halfMissing", [](Scenario& s) { s.missingAtCarrier = 0.5; }, {}},
        {"sharedIds", [](Scenario& s) { s.sharedIds = 0.5; }, {}},
        {"numberPrefix", [](Scenario& s) { s.carrierPrefix = "9901"; }, Cause::numberFormat},
        {"farAbsent", [](Scenario& s) { s.farAbsentAtCarrier = 0.03; }, Cause::maskedNumber},
        {"maskedAtCarrier", [](Scenario& s) { s.maskedDigitsAtCarrier = 3; }, Cause::maskedNumber},
        {"callCentre", [](Scenario& s) { s.callCentre = 0.05; }, {}},
        {"reusedIds", [](Scenario& s) { s.reusedIds = 0.2; }, {}},
        {"onNet", [](Scenario& s) { s.onNet = 0.03; }, Cause::onNet},
        {"clockChange", [](Scenario& s) { s.zoneMinutes = 60, s.clockChangeMs = 3 * hourMs; }, Cause::timeZone},
        {"answeredDiffers", [](Scenario& s) { s.answeredDiffers = 0.01; }, {}},
    };
}

// What a run adds to a sum.
struct Tally {
    std::size_t truePairs = 0, foundPairs = 0, claimedPairs = 0;
    std::size_t ambiguous = 0, items = 0;
    std::size_t causesRight = 0,
                causesWrong = 0;               // named and there with the right value; missed, made up or of another
    std::map<std::string, std::size_t> wrong;  // "+hungCall" made up, "-rounding" missed, "~timeZone" another value

    void add(const Tally& other) {
        truePairs += other.truePairs, foundPairs += other.foundPairs, claimedPairs += other.claimedPairs;
        ambiguous += other.ambiguous, items += other.items;
        causesRight += other.causesRight, causesWrong += other.causesWrong;
        for (const auto& [what, count] : other.wrong)
            wrong[what] += count;
    }
    double precision() const { return ratio(foundPairs, claimedPairs); }
    double recall() const { return ratio(foundPairs, truePairs); }
    double causes() const { return ratio(causesRight, causesRight + causesWrong); }
    static double ratio(std::size_t part, std::size_t whole) {
        return whole == 0 ? 1 : static_cast<double>(part) / static_cast<double>(whole);
    }
    void fault(char kind, Cause cause) {
        ++causesWrong;
        ++wrong[kind + std::string(name(cause))];
    }
};

void judgeCauses(const Outcome& outcome, const std::vector<const Ingredient*>& mixed, Tally& tally) {
    std::map<Cause, const Ingredient*> expected;
    for (const Ingredient* one : mixed)
        if (one->cause) expected.emplace(*one->cause, one);
    std::set<Cause> named;
    for (const Diagnosis& found : outcome.diagnosis) {
        if (found.cause == Cause::unexplained) continue;  // says that there is no cause
        if (!named.insert(found.cause).second) continue;
        const auto there = expected.find(found.cause);
        if (there == expected.end())
            tally.fault('+', found.cause);
        else if (!there->second->isRight(found))
            tally.fault('~', found.cause);
        else
            ++tally.causesRight;
    }
    for (const auto& [cause, ingredient] : expected)
        if (!named.contains(cause)) tally.fault('-', cause);
}

Tally runOnce(const std::vector<const Ingredient*>& mixed, std::uint64_t seed, std::size_t calls) {
    Scenario scenario;
    scenario.seed = seed;
    scenario.calls = calls;
    for (const Ingredient* one : mixed)
        one->apply(scenario);
    const World world = generate(scenario);
    reconcile::Options options;
    options.tolerance = seconds(2);
    options.defaultRegion = "CH";
    const Outcome outcome = reconcile::reconcile(world.calls, world.durations, options);
    const auto score = reconcile::testing::score(world, outcome);
    Tally tally{score.truePairs, score.foundPairs, score.claimedPairs, 0, outcome.items.size(), 0, 0, {}};
    tally.ambiguous = outcome.totals.states[static_cast<std::size_t>(reconcile::State::ambiguous)].items;
    judgeCauses(outcome, mixed, tally);
    return tally;
}

struct Mix {
    std::string name;
    std::vector<const Ingredient*> of;
    Tally tally;
};

std::vector<Mix> mixes(const std::vector<Ingredient>& all) {
    std::vector<Mix> list;
    for (std::size_t a = 0; a < all.size(); ++a) {
        list.push_back({std::string(all[a].name), {&all[a]}, {}});
        for (std::size_t b = a + 1; b < all.size(); ++b)
            list.push_back({fmt::format("{}+{}", all[a].name, all[b].name), {&all[a], &all[b]}, {}});
    }
    return list;
}

void runAll(std::vector<Mix>& list, std::size_t seeds, std::size_t calls) {
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        for (std::size_t i = next++; i < list.size(); i = next++)
            for (std::uint64_t seed = 1; seed <= seeds; ++seed)
                list[i].tally.add(runOnce(list[i].of, seed * 1'000 + i, calls));
    };
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < std::max(1u, std::thread::hardware_concurrency()); ++i)
        threads.emplace_back(work);
    for (std::thread& thread : threads)
        thread.join();
}

void report(const std::vector<Mix>& list, bool verbose) {
    Tally all;
    double worstPrecision = 1, worstRecall = 1, worstCauses = 1;
    for (const Mix& mix : list) {
        all.add(mix.tally);
        worstPrecision = std::min(worstPrecision, mix.tally.precision());
        worstRecall = std::min(worstRecall, mix.tally.recall());
        worstCauses = std::min(worstCauses, mix.tally.causes());
        if (!verbose) continue;
        std::string wrong;
        for (const auto& [what, count] : mix.tally.wrong)
            wrong += fmt::format(" {}x{}", what, count);
        fmt::print(stderr, "{:40} precision {:.6f} recall {:.6f} ambiguous {:.5f} causes {:.3f}{}\n", mix.name,
                   mix.tally.precision(), mix.tally.recall(), Tally::ratio(mix.tally.ambiguous, mix.tally.items),
                   mix.tally.causes(), wrong);
    }
    printFigure("accuracy.scenarios", static_cast<double>(list.size()), "mixes");
    printFigure("accuracy.pairs", static_cast<double>(all.truePairs), "true pairs");
    printFigure("accuracy.precision", all.precision(), "of 1");
    printFigure("accuracy.recall", all.recall(), "of 1");
    printFigure("accuracy.worst-precision", worstPrecision, "of 1");
    printFigure("accuracy.worst-recall", worstRecall, "of 1");
    printFigure("accuracy.ambiguous", Tally::ratio(all.ambiguous, all.items), "of 1");
    printFigure("accuracy.causes-right", all.causes(), "of 1");
    printFigure("accuracy.worst-causes-right", worstCauses, "of 1");
}

}  // namespace
}  // namespace meetpoint::bench

int main(int argc, char** argv) {
    using namespace meetpoint::bench;
    if (argc < 3) return 2;
    const auto all = ingredients();
    auto list = mixes(all);
    runAll(list, std::strtoull(argv[1], nullptr, 10), std::strtoull(argv[2], nullptr, 10));
    report(list, argc > 3);
    return 0;
}
