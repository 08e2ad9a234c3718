#include "reconcile/onward.h"

#include <algorithm>
#include <bit>

namespace meetpoint::reconcile {
namespace {

// A leg begins so soon after the one before it, or by a second of measurement before it ends.
constexpr std::int64_t mostGapMs = 2'000;
constexpr std::size_t mostLegs = 16;

// When a call of ours ended.
std::int64_t endOf(const Side& ours, std::uint32_t row) {
    if (ours.statesEnd(row)) return ours.end(row);
    return (ours.statesAnswer(row) ? ours.answer(row) : ours.start[row]) + ours.duration[row];
}

// When a call began, on our clock, whichever instants are compared elsewhere.
std::int64_t beginOf(const Side& side, const Calibration& calibration, std::uint32_t row) {
    return side.ours ? side.start[row] : side.start[row] - calibration.shiftAt(side.start[row]);
}

// With whom the call was: a key that all legs of it share.
std::uint64_t farEndOf(const Side& side, std::uint32_t row) {
    return side.far[row] != 0 ? side.far[row] : mix(side.own[row], 1) | 1;
}

}  // namespace

template <class IsFree>
OnwardLegs::Talks OnwardLegs::talksOf(const Side& side, const Calibration& calibration, IsFree isFree) {
    Talks talks;
    for (std::uint32_t row = 0; row < side.size(); ++row)
        if (side.duration[row] > 0 && isFree(row)) talks.rows.push_back({farEndOf(side, row), row});
    std::ranges::sort(talks.rows, {}, [&](const Keyed& one) {
        return std::tuple(one.key, beginOf(side, calibration, one.row), one.row);
    });
    talks.known.resize(std::bit_ceil(16 * talks.rows.size() + 1));
    for (const Keyed& one : talks.rows)
        talks.known[mix(one.key, 0) & (talks.known.size() - 1)] = true;
    return talks;
}

OnwardLegs::OnwardLegs(const Sides& sides, const Calibration& calibration, const Matching& matching)
    : sides_(sides),
      calibration_(calibration),
      ours_(talksOf(sides.ours, calibration, [&](std::uint32_t row) { return matching.freeOurs(sides, row); })),
      theirs_(talksOf(sides.theirs, calibration, [&](std::uint32_t row) { return matching.freeTheirs(sides, row); })) {}

// How far the legs found so far reach, on our clock, and how long the two sides are with them.
struct OnwardLegs::Ends {
    std::int64_t ours, theirs;
    std::int64_t ourMs, theirMs;
    std::int64_t legs = 2, theirLegs = 1;
};

// Whether both sides now are of one length.
bool OnwardLegs::meet(const Ends& ends) const {
    const std::int64_t slack = ends.legs * measurementMs;
    const std::int64_t apart = ends.theirMs - ends.ourMs;
    if (std::abs(apart) <= slack) return true;
    if (!calibration_.rounding) return false;
    if (ends.theirLegs == 1) return calibration_.rounding->distance(ends.ourMs, ends.theirMs, slack) == 0;
    // Their records are rounded one by one.
    const std::int64_t most = ends.theirLegs * calibration_.rounding->step.ms + slack;
    const bool up = calibration_.rounding->mode != RoundingMode::down;
    const bool down = calibration_.rounding->mode != RoundingMode::up;
    return apart <= (up ? most : slack) && -apart <= (down ? most : slack);
}

std::uint32_t OnwardLegs::nextOf(const Side& side, std::uint32_t call, std::int64_t endMs) const {
    const Talks& free = side.ours ? ours_ : theirs_;
    const std::uint64_t farEnd = farEndOf(side, call);
    if (!free.mayHave(farEnd)) return noRow;
    const std::vector<Keyed>& talks = free.rows;
    const std::int64_t roundedMs = side.ours || !calibration_.rounding ? 0 : calibration_.rounding->step.ms;
    const auto begin = [&](std::uint32_t row) { return beginOf(side, calibration_, row); };
    const auto place = [&](const Keyed& one) { return std::pair(one.key, begin(one.row)); };
    const std::int64_t earliest = endMs - measurementMs - roundedMs, latest = endMs + mostGapMs + roundedMs;
    std::uint32_t next = noRow;
    std::size_t lookedAt = 0;
    for (auto it = std::ranges::lower_bound(talks, std::pair(farEnd, earliest), {}, place);
         it != talks.end() && it->key == farEnd && begin(it->row) <= latest && lookedAt++ < mostLookedAt; ++it) {
        const std::uint32_t row = it->row;
        if (row == call || side.start[row] <= side.start[call]) continue;
        if (side.areLinked(call, row)) return row;
        if (next == noRow && side.direction[row] == side.direction[call]) next = row;
    }
    return next;
}

OnwardLegs::Legs OnwardLegs::of(std::uint32_t ours, std::uint32_t theirs) const {
    const Side& a = sides_.ours;
    const Side& b = sides_.theirs;
    if (!a.answered[ours] || !b.answered[theirs] || b.duration[theirs] <= 0) return {};
    Ends ends{endOf(a, ours), 0, a.measured[ours], b.measured[theirs]};
    // Where they are charged in steps the call may be as long with and without a leg.
    const bool isAgreed = durationGap(calibration_, ends.ourMs, ends.theirMs) == 0;
    if (isAgreed && std::abs(ends.theirMs - ends.ourMs) <= measurementMs) return {};
    // Of their records only the length is sure to be stated.
    ends.theirs = ends.ours + ends.theirMs - ends.ourMs;
    Legs legs;
    std::size_t linked = 0;  // of our legs: those that the call names
    std::uint32_t lastOfOurs = ours, lastOfTheirs = theirs;
    while (legs.ours.size() + legs.theirs.size() < mostLegs) {
        const bool ourTurn = isAgreed || ends.ours < ends.theirs;
        const std::uint32_t next = ourTurn ? nextOf(a, lastOfOurs, ends.ours) : nextOf(b, lastOfTheirs, ends.theirs);
        if (next == noRow) break;
        const Side& side = ourTurn ? a : b;
        const std::int64_t lastEnd = ourTurn ? ends.ours : ends.theirs;
        const std::int64_t end = ourTurn ? endOf(a, next) : lastEnd + b.measured[next];
        (ourTurn ? ends.ours : ends.theirs) = end;
        (ourTurn ? ends.ourMs : ends.theirMs) += end - lastEnd;
        (ourTurn ? legs.ours : legs.theirs).push_back(next);
        if (ourTurn && linked + 1 == legs.ours.size() && side.areLinked(lastOfOurs, next)) ++linked;
        (ourTurn ? lastOfOurs : lastOfTheirs) = next;
        ++ends.legs, ends.theirLegs += ourTurn ? 0 : 1;
        if (meet(ends)) return legs;
        if (isAgreed) return {};
    }
    // What a correlation names belongs to the call in any case, as long as the other side's goes on as well.
    legs.theirs.clear();
    legs.ours.resize(linked);
    return legs;
}

void joinOnwardLegs(Sides& sides, const Calibration& calibration, const Matching& matching) {
    const OnwardLegs onward(sides, calibration, matching);
    if (onward.areNone()) return;
    std::vector<std::pair<std::uint32_t, OnwardLegs::Legs>> found;
    for (std::uint32_t row = 0; row < sides.ours.size(); ++row) {
        if (matching.theirsOf[row] == noRow) continue;
        auto legs = onward.of(row, matching.theirsOf[row]);
        if (!legs.empty()) found.emplace_back(row, std::move(legs));
    }
    const auto join = [&](Side& side, std::uint32_t call, const std::vector<std::uint32_t>& legs) {
        for (const std::uint32_t leg : legs) {
            if (!side.isCall(leg)) break;  // another call has it already
            const bool sameParty = side.own[leg] == side.own[call] && side.transferorId(leg) == 0;
            side.joinTalk(call, leg, sameParty ? Role::part : Role::onward);
        }
    };
    for (const auto& [row, legs] : found) {
        join(sides.ours, row, legs.ours);
        join(sides.theirs, matching.theirsOf[row], legs.theirs);
    }
}

}  // namespace meetpoint::reconcile
