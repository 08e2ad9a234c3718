#include "reconcile/leftovers.h"

#include <algorithm>
#include <cmath>

#include "reconcile/onward.h"

namespace meetpoint::reconcile {
namespace {

constexpr std::int64_t nearMs = 3'000;
constexpr std::int64_t reversedWindowMs = 5'000;
// A start that is wrong by up to this is still the same call if everything else agrees and nothing else could be it.
constexpr std::int64_t wrongStartMs = 600'000;
// Where too few pairs tell how the clocks stand, a whole day and a zone.
constexpr std::int64_t unknownClockMs = 26 * 3'600'000ll;
// A shorter talk is too common a duration to identify a call.
constexpr std::int64_t tellingDurationMs = 5'000;

std::uint64_t directed(std::uint64_t number, std::uint8_t direction) {
    return mix(number, direction) | 1;
}

// What all these passes share: two sides, how figures compare, and whether durations agree.
struct Context {
    const Sides& sides;
    const Calibration& calibration;

    // Who counts the ringing of calls that were answered may still give none to those that were not.
    bool sameDuration(std::uint32_t i, std::uint32_t j) const {
        if (sides.ours.answered[i] != sides.theirs.answered[j]) return false;
        if (!sides.ours.answered[i] && sides.theirs.duration[j] == 0) return true;
        return durationGap(calibration, sides.ours.measured[i], sides.theirs.measured[j]) == 0;
    }
    bool sameTalk(std::uint32_t i, std::uint32_t j) const {
        return sides.ours.duration[i] > 0 && sides.theirs.duration[j] > 0 && sameDuration(i, j);
    }
    std::uint64_t cut(std::uint64_t number) const { return readablePart(number, sides.hiddenDigits); }
};

Pass reversedPass(const Context& context) {
    return {MatchedBy::reversed, reversedWindowMs,
            [context](const Side& side, std::uint32_t row) -> std::uint64_t {
                if (side.own[row] == 0 || side.far[row] == 0) return 0;
                const std::uint64_t a = context.cut(side.own[row]);
                const std::uint64_t b = context.cut(side.far[row]);
                return mix(std::min(a, b), std::max(a, b)) | 1;
            },
            [context](std::uint32_t i, std::uint32_t j) {
                const Side& ours = context.sides.ours;
                const Side& theirs = context.sides.theirs;
                if (ours.direction[i] == theirs.direction[j]) return false;
                const bool atOnce = std::abs(theirs.at(j) - ours.at(i)) <= 2 * measurementMs;
                if (!atOnce && !context.sameDuration(i, j)) return false;
                if (ours.own[i] == theirs.own[j] && farAgrees(ours, i, theirs, j)) return true;
                // Seen from the other end: the same caller and callee.
                return context.cut(ours.own[i]) == context.cut(theirs.far[j]) &&
                       context.cut(ours.far[i]) == context.cut(theirs.own[j]);
            }};
}

// One side does not say, or says a name, where the other has a number.
bool unclear(const Side& side, std::uint32_t row) {
    return side.far[row] == 0 || (side.far[row] & textKey) != 0;
}

Pass hiddenNumberPass(const Context& context, const OnwardLegs& onward) {
    return {MatchedBy::ownNumber, nearMs,
            [](const Side& side, std::uint32_t row) -> std::uint64_t {
                return side.own[row] == 0 ? 0 : directed(side.own[row], side.direction[row]);
            },
            [context, &onward](std::uint32_t i, std::uint32_t j) {
                return (unclear(context.sides.ours, i) || unclear(context.sides.theirs, j)) &&
                       (context.sameDuration(i, j) || !onward.of(i, j).empty());
            }};
}

Pass otherOwnNumberPass(const Context& context) {
    return {MatchedBy::farEnd, nearMs,
            [context](const Side& side, std::uint32_t row) -> std::uint64_t {
                return side.far[row] == 0 ? 0 : directed(context.cut(side.far[row]), side.direction[row]);
            },
            [context](std::uint32_t i, std::uint32_t j) {
                const Side& ours = context.sides.ours;
                const Side& theirs = context.sides.theirs;
                if (!farAgrees(ours, i, theirs, j)) return false;
                const bool shown = ours.presented(i) != 0 && ours.presented(i) == theirs.own[j];
                return shown || context.sameTalk(i, j);
            }};
}

Pass otherFarNumberPass(const Context& context) {
    Pass pass{MatchedBy::ownNumber, nearMs,
              [](const Side& side, std::uint32_t row) -> std::uint64_t {
                  return side.own[row] == 0 ? 0 : directed(side.own[row], side.direction[row]);
              },
              [context](std::uint32_t i, std::uint32_t j) { return context.sameTalk(i, j); }};
    pass.onlyIfUnrivalled = true;
    return pass;
}

Pass wrongStartPass(const Context& context) {
    const std::int64_t window = context.calibration.pairs == 0 ? unknownClockMs : wrongStartMs;
    Pass pass{MatchedBy::key, window,
              [context](const Side& side, std::uint32_t row) -> std::uint64_t {
                  if (side.own[row] == 0 || side.far[row] == 0) return 0;
                  return mix(mix(side.own[row], context.cut(side.far[row])), side.direction[row]) | 1;
              },
              [context](std::uint32_t i, std::uint32_t j) {
                  return context.sides.ours.duration[i] >= tellingDurationMs && context.sameTalk(i, j) &&
                         farAgrees(context.sides.ours, i, context.sides.theirs, j);
              }};
    pass.onlyIfUnrivalled = true;
    pass.cost = [context, window](std::uint32_t i, std::uint32_t j) {
        const std::int64_t apart = std::abs(context.sides.theirs.at(j) - context.sides.ours.at(i));
        return apart / (window / singleCostMs + 1);
    };
    return pass;
}

// Clocks of two processes in one switch differ by a little.
constexpr std::int64_t ringSlackMs = 2'000;

// Whether `row` is an attempt that began while `call` rang.
bool ringsFor(const Side& side, std::uint32_t call, std::uint32_t row) {
    if (side.answered[row] || side.far[row] != side.far[call] || side.own[row] != side.own[call]) return false;
    if (side.direction[row] != side.direction[call]) return false;
    const auto until = [&](std::uint32_t one) {
        if (side.answered[one] && side.answer(one) != noTime) return side.answer(one);
        if (side.end(one) != noTime && !side.answered[one]) return side.end(one);
        return side.start[one];
    };
    const std::uint32_t earlier = side.start[row] < side.start[call] ? row : call;
    return std::max(side.start[row], side.start[call]) <= until(earlier) + ringSlackMs;
}

struct Attempt {
    std::uint32_t row;
    std::uint32_t call;
    bool matched;
    bool isInstead;  // the attempt is matched and the answered call is not
};
struct Attempts {
    std::vector<Attempt> all;
    double byChance = 0;  // so many of those that are not matched would be there if calls came at any time of the day
};

// How long another call may begin after this one to ring beside it, ms.
std::int64_t ringingMs(const Side& side, std::uint32_t row) {
    const std::int64_t until = side.answered[row] ? side.answer(row) : side.end(row);
    return ringSlackMs + (until == noTime ? 0 : std::max<std::int64_t>(0, until - side.start[row]));
}

// Of how many unmatched attempts of one number pair it is chance that they rang beside a matched call.
double chanceBeside(const Side& side, std::span<const Keyed> keyed, const std::vector<std::uint32_t>& partner) {
    double calls = 0, callsRing = 0, alone = 0, aloneRing = 0;
    for (const Keyed& one : keyed) {
        const auto ring = static_cast<double>(ringingMs(side, one.row));
        if (partner[one.row] != noRow)
            ++calls, callsRing += ring;
        else if (!side.answered[one.row])
            ++alone, aloneRing += ring;
    }
    const auto span = static_cast<double>(side.start[side.size() - 1] - side.start[0]);
    return span <= 0 ? 0 : (alone * callsRing + calls * aloneRing) / span;
}

// Unanswered calls that rang beside another call of the same numbers, of which one at least is matched.
Attempts attemptsBeside(const Side& side, const SharedGroups& groups, const std::vector<std::uint32_t>& partner,
                        const std::vector<char>& tied) {
    Attempts out;
    constexpr std::size_t neighbours = 8;
    const auto look = [&](std::span<const Keyed> keyed) {
        if (keyed.size() < 2) return;
        out.byChance += chanceBeside(side, keyed, partner);
        for (std::size_t at = 0; at < keyed.size(); ++at) {
            const std::uint32_t row = keyed[at].row;
            if (side.answered[row]) continue;
            std::uint32_t call = noRow, instead = noRow;
            for (std::size_t step = 1; step <= neighbours && call == noRow; ++step) {
                for (const std::size_t other : {at - step, at + step}) {
                    if (other >= keyed.size()) continue;
                    const std::uint32_t beside = keyed[other].row;
                    const bool isFree = partner[beside] == noRow;
                    if (call != noRow ||
                        (isFree && (partner[row] == noRow || !side.answered[beside] || tied[beside])) ||
                        !ringsFor(side, beside, row))
                        continue;
                    if (!isFree)
                        call = beside;
                    else if (instead == noRow)
                        instead = beside;
                }
            }
            if (call != noRow)
                out.all.push_back({row, call, partner[row] != noRow, false});
            else if (instead != noRow)
                out.all.push_back({row, instead, true, true});
        }
    };
    const auto keyOf = [&](std::uint32_t row) -> std::uint64_t {
        return side.isCall(row) ? mix(mix(side.own[row], side.far[row]), side.direction[row]) | 1 : 0;
    };
    std::vector<Keyed> keyed;
    groups.forEachOf(side, [&](std::span<const GroupedRow> group) {
        if (group.size() < 2) return;
        keyRows(group, keyOf, keyed);
        forEachKey(keyed, look);
    });
    return out;
}

// Whether `count` is more than chance brings about once in a thousand reports where it brings `expected` on average
// (Poisson), with room for the hours in which more calls come than in others.
bool areBeyondChance(std::ptrdiff_t count, double expected) {
    constexpr double busyHours = 3, onceIn = 1e-3;
    const double mean = expected * busyHours;
    double fewer = 0, term = std::exp(-mean);
    for (std::ptrdiff_t k = 0; k < count && fewer < 1; ++k) {
        fewer += term;
        term *= mean / static_cast<double>(k + 1);
    }
    return 1 - fewer < onceIn;
}

void absorbSide(Side& side, const SharedGroups& groups, Matching& matching) {
    const auto& partner = side.ours ? matching.theirsOf : matching.oursOf;
    const auto& tied = side.ours ? matching.ourTie : matching.theirTie;
    const auto mayBeAbsorbed = [&](std::uint32_t row) {
        return side.isCall(row) && !side.answered[row] && partner[row] == noRow && !tied[row];
    };
    bool any = false;
    for (std::uint32_t row = 0; row < side.size() && !any; ++row)
        any = mayBeAbsorbed(row);
    if (!any) return;
    const auto attempts = attemptsBeside(side, groups, partner, tied);
    const auto alone = std::ranges::count(attempts.all, false, &Attempt::matched);
    const auto matched = std::ssize(attempts.all) - alone - std::ranges::count(attempts.all, true, &Attempt::isInstead);
    if (matched >= alone || !areBeyondChance(alone, attempts.byChance)) return;
    for (const Attempt& attempt : attempts.all) {
        if (!side.isCall(attempt.row) || tied[attempt.row]) continue;
        if (attempt.isInstead && partner[attempt.call] == noRow && partner[attempt.row] != noRow)
            matching.move(side, attempt.row, attempt.call);
        if (partner[attempt.row] == noRow) side.join(attempt.call, attempt.row, Role::leg);
    }
}

}  // namespace

void matchLeftovers(const Sides& sides, const Calibration& calibration, Matching& matching) {
    const Context context{sides, calibration};
    const FreeRows rows = freeRows(sides, matching);
    const OnwardLegs onward(sides, calibration, matching);
    for (const Pass& pass : {reversedPass(context), hiddenNumberPass(context, onward), otherOwnNumberPass(context),
                             otherFarNumberPass(context), wrongStartPass(context)})
        runPass(sides, calibration, pass, rows, matching);
}

void absorbLegs(Sides& sides, const SharedGroups& groups, Matching& matching) {
    absorbSide(sides.ours, groups, matching);
    absorbSide(sides.theirs, groups, matching);
}

}  // namespace meetpoint::reconcile
