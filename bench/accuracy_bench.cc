// How right the matcher is: days of calls with known truth, in which the carrier's records differ from the platform's
// by two causes at a time, every pair of them.
//   accuracy_bench SEEDS CALLS [--verbose]   prints figures, and the worst scenarios by name on standard error;
//                                            --verbose: a line a scenario there
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

using IsRight = std::function<bool(const Diagnosis&)>;

// A cause that must be named, and its value. `coarser` replaces what another ingredient of the mix says of the same
// cause: of 6 s within whole minutes nothing can be seen.
struct Expected {
    Cause cause;
    IsRight isRight = {};  // none: the cause has no value
    bool coarser = false;
};

// One way in which the two sides differ.
struct Ingredient {
    std::string_view name;
    std::function<void(Scenario&)> apply;
    std::vector<Expected> expected;  // empty: calls are missing, or ids shared
};

constexpr std::int64_t hourMs = 3'600'000;
constexpr Instant dueAt{1'760'000'000'000};

// Of a coverage gap the edges lie between two calls.
bool isNear(std::optional<Instant> at, std::int64_t inDay) {
    constexpr std::int64_t slack = 10 * 60'000;
    return at && std::abs(((at->ms % 86'400'000) - inDay)) <= slack;
}

IsRight numberNear(std::int64_t value, std::int64_t slack) {
    return [=](const Diagnosis& d) { return d.number && std::abs(*d.number - value) <= slack; };
}
IsRight word(std::string_view value) {
    return [=](const Diagnosis& d) { return d.word == value; };
}
IsRight rounded(reconcile::RoundingMode mode, std::int64_t stepMs) {
    return [=](const Diagnosis& d) { return d.rounding == reconcile::Rounding{mode, milliseconds(stepMs)}; };
}
IsRight unit(std::int64_t multiply, std::int64_t divide) {
    return [=](const Diagnosis& d) { return d.unit == reconcile::UnitFactor{multiply, divide}; };
}

std::vector<Ingredient> clockIngredients() {
    return {
        {"clockOffset", [](Scenario& s) { s.offsetMs += 37'000; }, {{Cause::clockOffset, numberNear(37'000, 1'000)}}},
        {"clockDrift",
         [](Scenario& s) { s.driftMsPerHour = 900; },
         {{Cause::clockDrift, [](const Diagnosis& d) { return d.rate && std::abs(*d.rate - 900) <= 45; }}}},
        {"timeZone", [](Scenario& s) { s.zoneMinutes = 60; }, {{Cause::timeZone, numberNear(60, 0)}}},
        {"clockChange",
         [](Scenario& s) { s.zoneMinutes = 60, s.clockChangeMs = 3 * hourMs; },
         {{Cause::timeZone, numberNear(60, 0)}}},
        {"startBasis", [](Scenario& s) { s.carrierStartsAtAnswer = true; }, {{Cause::startBasis, word("answer")}}},
    };
}

std::vector<Ingredient> figureIngredients() {
    using enum reconcile::RoundingMode;
    return {
        {"durationBasis", [](Scenario& s) { s.carrierCountsRinging = true; }, {{Cause::durationBasis, word("invite")}}},
        {"rounding",
         [](Scenario& s) { s.rounding = "up", s.stepMs = 6'000; },
         {{Cause::rounding, rounded(up, 6'000), true}}},
        {"wholeSeconds", [](Scenario& s) { s.carrierInSeconds = true; }, {{Cause::rounding, rounded(down, 1'000)}}},
        {"secondsAsMs",
         [](Scenario& s) { s.unitMs = 1'000, s.unitStandsMs = 1; },
         {{Cause::durationUnit, unit(1'000, 1)}, {Cause::rounding, rounded(down, 1'000)}}},
        {"minutesAsMs",
         [](Scenario& s) { s.rounding = "up", s.unitMs = 60'000, s.unitStandsMs = 1; },
         {{Cause::durationUnit, unit(60'000, 1), true}, {Cause::rounding, rounded(up, 60'000), true}}},
        {"msAsSeconds",
         [](Scenario& s) { s.unitMs = 1, s.unitStandsMs = 1'000; },
         {{Cause::durationUnit, unit(1, 1'000), true}}},
        {"hungCall", [](Scenario& s) { s.hung = 0.005; }, {{Cause::hungCall}}},
        {"answeredDiffers", [](Scenario& s) { s.answeredDiffers = 0.01; }, {}},
    };
}

std::vector<Ingredient> recordIngredients() {
    const IsRight atPlatform = [](const Diagnosis& d) { return d.at == reconcile::Party::platform; };
    return {
        {"partialRecords", [](Scenario& s) { s.partialsAtCarrier = 0.05; }, {{Cause::partialRecords}}},
        {"forkedLegs", [](Scenario& s) { s.forksAtPlatform = 0.1; }, {{Cause::forkedLegs}}},
        {"transferredCall", [](Scenario& s) { s.transferred = 0.03; }, {{Cause::transferredCall, atPlatform}}},
        {"duplicateUpload", [](Scenario& s) { s.duplicatesAtCarrier = 0.03; }, {{Cause::duplicateUpload}}},
        {"lateRecord",
         [](Scenario& s) { s.lateAtCarrier = 0.05; },
         {{Cause::lateRecord, [](const Diagnosis& d) { return d.dueAt == dueAt; }}}},
        {"coverageGap",
         [](Scenario& s) { s.gapFromMs = 9 * hourMs, s.gapToMs = 11 * hourMs; },
         {{Cause::coverageGap,
           [](const Diagnosis& d) { return isNear(d.from, 9 * hourMs) && isNear(d.to, 11 * hourMs); }}}},
        {"answeredOnly", [](Scenario& s) { s.carrierAnsweredOnly = true; }, {{Cause::answeredOnly}}},
        {"outboundOnly", [](Scenario& s) { s.carrierOutboundOnly = true; }, {{Cause::oneDirectionOnly}}},
        {"onNet", [](Scenario& s) { s.onNet = 0.03; }, {{Cause::onNet}}},
        {"missingAtCarrier", [](Scenario& s) { s.missingAtCarrier = 0.1; }, {}},
        {"missingAtPlatform", [](Scenario& s) { s.missingAtPlatform = 0.1; }, {}},
        {"halfMissing", [](Scenario& s) { s.missingAtCarrier = 0.5; }, {}},
    };
}

std::vector<Ingredient> numberIngredients() {
    return {
        {"presentedNumber", [](Scenario& s) { s.presented = 0.05; }, {{Cause::presentedNumber}}},
        {"reversedDirection", [](Scenario& s) { s.reversed = 0.02; }, {{Cause::reversedDirection}}},
        {"numberFormat", [](Scenario& s) { s.carrierNational = true; }, {{Cause::numberFormat}}},
        {"numberPrefix", [](Scenario& s) { s.carrierPrefix = "9901"; }, {{Cause::numberFormat, word("9901>"), true}}},
        {"maskedNumber", [](Scenario& s) { s.maskedDigits = 4; }, {{Cause::maskedNumber}}},
        {"maskedAtCarrier", [](Scenario& s) { s.maskedDigitsAtCarrier = 3; }, {{Cause::maskedNumber}}},
        {"farAbsent", [](Scenario& s) { s.farAbsentAtCarrier = 0.03; }, {{Cause::maskedNumber}}},
        {"callCentre", [](Scenario& s) { s.callCentre = 0.05; }, {}},
        {"sharedIds", [](Scenario& s) { s.sharedIds = 0.5; }, {}},
        {"reusedIds", [](Scenario& s) { s.reusedIds = 0.2; }, {}},
    };
}

std::vector<Ingredient> ingredients() {
    std::vector<Ingredient> all;
    for (auto some : {clockIngredients(), figureIngredients(), recordIngredients(), numberIngredients()})
        std::ranges::move(some, std::back_inserter(all));
    return all;
}

// What a run adds to a sum.
struct Tally {
    std::size_t truePairs = 0, foundPairs = 0, claimedPairs = 0;
    std::size_t ambiguous = 0, items = 0;
    std::size_t causesRight = 0,
                causesWrong = 0;               // named and there with the right value; missed, made up or of another
    std::size_t values = 0, valuesFound = 0;   // of the causes that have one
    std::map<std::string, std::size_t> wrong;  // "+hungCall" made up, "-rounding" missed, "~timeZone" another value

    void add(const Tally& other) {
        truePairs += other.truePairs, foundPairs += other.foundPairs, claimedPairs += other.claimedPairs;
        ambiguous += other.ambiguous, items += other.items;
        causesRight += other.causesRight, causesWrong += other.causesWrong;
        values += other.values, valuesFound += other.valuesFound;
        for (const auto& [what, count] : other.wrong)
            wrong[what] += count;
    }
    double precision() const { return ratio(foundPairs, claimedPairs); }
    double recall() const { return ratio(foundPairs, truePairs); }
    double ambiguity() const { return ratio(ambiguous, items); }
    double found() const { return ratio(valuesFound, values); }
    double causes() const { return ratio(causesRight, causesRight + causesWrong); }
    static double ratio(std::size_t part, std::size_t whole) {
        return whole == 0 ? 1 : static_cast<double>(part) / static_cast<double>(whole);
    }
    void fault(char kind, Cause cause) {
        ++causesWrong;
        ++wrong[kind + std::string(name(cause))];
    }
};

// Calls that are exchangeable in every visible field are one class for score(); what is named without being there
// counts as wrong as what is missed.
void judgeCauses(const Outcome& outcome, const std::vector<const Ingredient*>& mixed, Tally& tally) {
    std::map<Cause, const Expected*> expected;
    for (const Ingredient* one : mixed)
        for (const Expected& cause : one->expected)
            if (const auto known = expected.find(cause.cause); known == expected.end() || cause.coarser)
                expected[cause.cause] = &cause;
    std::set<Cause> named;
    for (const Diagnosis& found : outcome.diagnosis) {
        if (found.cause == Cause::unexplained) continue;  // says that there is no cause
        if (!named.insert(found.cause).second) continue;
        const auto there = expected.find(found.cause);
        if (there == expected.end()) {
            tally.fault('+', found.cause);
            continue;
        }
        const IsRight& isRight = there->second->isRight;
        const bool right = !isRight || isRight(found);
        tally.valuesFound += isRight && right ? 1 : 0;
        if (right)
            ++tally.causesRight;
        else
            tally.fault('~', found.cause);
    }
    for (const auto& [cause, wanted] : expected) {
        tally.values += wanted->isRight ? 1 : 0;
        if (!named.contains(cause)) tally.fault('-', cause);
    }
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
    options.dueAt = dueAt;
    const Outcome outcome = reconcileWorld(world, options);
    const auto score = reconcile::testing::score(world, outcome);
    Tally tally;
    tally.truePairs = score.truePairs, tally.foundPairs = score.foundPairs, tally.claimedPairs = score.claimedPairs;
    tally.items = outcome.items.size();
    tally.ambiguous = outcome.totals.states[static_cast<std::size_t>(reconcile::State::ambiguous)].items;
    judgeCauses(outcome, mixed, tally);
    return tally;
}

struct Mix {
    std::string name;
    std::vector<const Ingredient*> of;
    Tally tally;
};

// A carrier's figures stand in one wrong unit, not in two.
bool contradict(const Ingredient& a, const Ingredient& b) {
    const auto setsUnit = [](const Ingredient& one) {
        return std::ranges::find(one.expected, Cause::durationUnit, &Expected::cause) != one.expected.end();
    };
    return setsUnit(a) && setsUnit(b);
}

std::vector<Mix> mixes(const std::vector<Ingredient>& all) {
    std::vector<Mix> list;
    for (std::size_t a = 0; a < all.size(); ++a) {
        list.push_back({std::string(all[a].name), {&all[a]}, {}});
        for (std::size_t b = a + 1; b < all.size(); ++b)
            if (!contradict(all[a], all[b]))
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

void printScenario(const Mix& mix) {
    std::string wrong;
    for (const auto& [what, count] : mix.tally.wrong)
        wrong += fmt::format(" {}x{}", what, count);
    fmt::print(stderr, "{:40} precision {:.6f} recall {:.6f} ambiguous {:.5f} causes {:.3f} values {:.3f}{}\n",
               mix.name, mix.tally.precision(), mix.tally.recall(), mix.tally.ambiguity(), mix.tally.causes(),
               mix.tally.found(), wrong);
}

// The worst scenario by one measure stands on standard error with its name, its figure among the others.
void printWorst(const std::vector<Mix>& list, std::string_view name, double (Tally::*measure)() const, bool isHighest) {
    const auto figure = [&](const Mix& mix) { return (mix.tally.*measure)(); };
    const auto [least, most] = std::ranges::minmax_element(list, {}, figure);
    const Mix& worst = isHighest ? *most : *least;
    printFigure(fmt::format("accuracy.worst-{}", name), figure(worst), "of 1");
    fmt::print(stderr, "worst {}: ", name);
    printScenario(worst);
}

void report(const std::vector<Mix>& list, bool verbose) {
    Tally all;
    for (const Mix& mix : list) {
        all.add(mix.tally);
        if (verbose) printScenario(mix);
    }
    printFigure("accuracy.scenarios", static_cast<double>(list.size()), "mixes");
    printFigure("accuracy.pairs", static_cast<double>(all.truePairs), "true pairs");
    const struct {
        std::string_view name;
        double (Tally::*measure)() const;
        bool isHighest = false;
    } measures[] = {{"precision", &Tally::precision},
                    {"recall", &Tally::recall},
                    {"ambiguous", &Tally::ambiguity, true},
                    {"causes-right", &Tally::causes},
                    {"values-found", &Tally::found}};
    for (const auto& one : measures) {
        printFigure(fmt::format("accuracy.{}", one.name), (all.*one.measure)(), "of 1");
        printWorst(list, one.name, one.measure, one.isHighest);
    }
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
