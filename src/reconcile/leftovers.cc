#include "reconcile/leftovers.h"

#include <algorithm>

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

Pass hiddenNumberPass(const Context& context) {
    return {MatchedBy::ownNumber, nearMs,
            [](const Side& side, std::uint32_t row) -> std::uint64_t {
                return side.own[row] == 0 ? 0 : directed(side.own[row], side.direction[row]);
            },
            [context](std::uint32_t i, std::uint32_t j) {
                return (unclear(context.sides.ours, i) || unclear(context.sides.theirs, j)) &&
                       context.sameDuration(i, j);
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

// Whether `row` is an attempt that began while `call` rang.
bool ringsFor(const Side& side, std::uint32_t call, std::uint32_t row) {
    if (side.answered[row] || side.far[row] != side.far[call] || side.own[row] != side.own[call]) return false;
    if (side.direction[row] != side.direction[call]) return false;
    constexpr std::int64_t slackMs = 2'000;
    const auto until = [&](std::uint32_t one) {
        if (side.answered[one] && side.answer(one) != noTime) return side.answer(one);
        if (side.end(one) != noTime && !side.answered[one]) return side.end(one);
        return side.start[one];
    };
    const std::uint32_t earlier = side.start[row] < side.start[call] ? row : call;
    return std::max(side.start[row], side.start[call]) <= until(earlier) + slackMs;
}

struct Attempt {
    std::uint32_t row;
    std::uint32_t call;
    bool matched;
};

// Unanswered calls that rang beside another, matched call of the same numbers.
std::vector<Attempt> attemptsBeside(const Side& side, std::span<const GroupedRow> rows,
                                    const std::vector<std::uint32_t>& partner) {
    std::vector<Attempt> out;
    constexpr std::size_t neighbours = 8;
    const auto look = [&](std::span<const Keyed> keyed) {
        for (std::size_t at = 0; at < keyed.size(); ++at) {
            const std::uint32_t row = keyed[at].row;
            if (side.answered[row]) continue;
            std::uint32_t call = noRow;
            for (std::size_t step = 1; step <= neighbours && call == noRow; ++step) {
                for (const std::size_t other : {at - step, at + step}) {
                    if (other >= keyed.size()) continue;
                    const std::uint32_t beside = keyed[other].row;
                    if (call == noRow && partner[beside] != noRow && ringsFor(side, beside, row)) call = beside;
                }
            }
            if (call != noRow) out.push_back({row, call, partner[row] != noRow});
        }
    };
    const auto keyOf = [&](std::uint32_t row) -> std::uint64_t {
        return side.isCall(row) ? mix(mix(side.own[row], side.far[row]), side.direction[row]) | 1 : 0;
    };
    std::vector<Keyed> keyed;
    forEachGroup(rows, [&](std::span<const GroupedRow> group) {
        if (group.size() < 2) return;
        keyRows(group, keyOf, keyed);
        forEachKey(keyed, look);
    });
    return out;
}

void absorbSide(Side& side, std::span<const GroupedRow> rows, const std::vector<std::uint32_t>& partner,
                const std::vector<char>& tied) {
    const auto mayBeAbsorbed = [&](std::uint32_t row) {
        return side.isCall(row) && !side.answered[row] && partner[row] == noRow && !tied[row];
    };
    bool any = false;
    for (std::uint32_t row = 0; row < side.size() && !any; ++row)
        any = mayBeAbsorbed(row);
    if (!any) return;
    const auto attempts = attemptsBeside(side, rows, partner);
    const auto matched = std::ranges::count_if(attempts, &Attempt::matched);
    if (matched * 2 >= std::ssize(attempts)) return;
    for (const Attempt& attempt : attempts)
        if (!attempt.matched && !tied[attempt.row] && side.isCall(attempt.row))
            side.join(attempt.call, attempt.row, Role::leg);
}

}  // namespace

void matchLeftovers(const Sides& sides, const Calibration& calibration, Matching& matching) {
    const Context context{sides, calibration};
    const FreeRows rows = freeRows(sides, matching);
    for (const Pass& pass : {reversedPass(context), hiddenNumberPass(context), otherOwnNumberPass(context),
                             otherFarNumberPass(context), wrongStartPass(context)})
        runPass(sides, calibration, pass, rows, matching);
}

void absorbLegs(Sides& sides, const SharedGroups& groups, const Matching& matching) {
    absorbSide(sides.ours, groups.ours(), matching.theirsOf, matching.ourTie);
    absorbSide(sides.theirs, groups.theirs(), matching.oursOf, matching.theirTie);
}

}  // namespace meetpoint::reconcile
