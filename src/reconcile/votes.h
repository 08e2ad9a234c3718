// Calibration, its evidence: each of our calls votes for the clock differences that would pair it with a call of the
// other side between the same two numbers and of a like duration. True pairs vote alike, chance ones scatter.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "reconcile/exact.h"
#include "reconcile/pair_groups.h"
#include "reconcile/side.h"

namespace meetpoint::reconcile {

// Which instants of the two sides belong together.
enum class Anchor : std::uint8_t {
    startToStart,
    startToAnswer,  // their start is our answer
    answerToStart,  // their answer is our start
};

struct Vote {
    std::int64_t deltaMs;  // theirs minus ours
    std::uint32_t ours;
    std::uint32_t theirs;
    std::uint32_t weight;  // millionths; the votes of one of our calls add up to at most fullVote
    auto operator<=>(const Vote&) const = default;
};
inline constexpr std::uint32_t fullVote = 1'000'000;

// Two clocks are never further apart than this.
inline constexpr std::int64_t mostShiftMs = 32ll * 86'400'000;

// Votes in order of their difference; `groups` are those by the two numbers. `byId` proposes pairs that count above
// others.
std::vector<Vote> collectVotes(const Sides& sides, const SharedGroups& groups, Anchor anchor,
                               const std::vector<IdPair>& byId, std::size_t threads);

// A difference that many votes share: all within `peakWidthMs`.
inline constexpr std::int64_t peakWidthMs = 2 * measurementMs;
struct Peak {
    std::int64_t centreMs = 0;  // the median of its votes
    std::uint64_t weight = 0;
    std::size_t first = 0;  // its votes: [first, last)
    std::size_t last = 0;
};
// The heaviest peak among votes (in order) whose difference is not within `exceptWithinMs` of `exceptMs`; of equal ones
// the nearest to zero. `widthMs` is how far apart its votes may lie. Nothing if there are no votes.
std::optional<Peak> heaviestPeak(const std::vector<Vote>& votes, std::int64_t exceptMs = 0,
                                 std::int64_t exceptWithinMs = -1, std::int64_t widthMs = peakWidthMs);
// The votes within half a width of `centreMs`.
Peak peakAt(const std::vector<Vote>& votes, std::int64_t centreMs, std::int64_t widthMs = peakWidthMs);

}  // namespace meetpoint::reconcile
