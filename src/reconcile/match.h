// Fifth stage: one-to-one matching, first by id, then inside (own number, far-end number as far as readable,
// direction).
#pragma once

#include <algorithm>
#include <functional>
#include <span>
#include <vector>

#include "reconcile/calibrate.h"
#include "reconcile/exact.h"
#include "reconcile/side.h"

namespace meetpoint::reconcile {

// Calls of both sides of which two readings are equally good.
struct Ambiguity {
    std::vector<std::uint32_t> ours;
    std::vector<std::uint32_t> theirs;
};

struct Matching {
    std::vector<std::uint32_t> theirsOf;  // a row of ours: the row of theirs, or noRow
    std::vector<std::uint32_t> oursOf;    // and back
    std::vector<MatchedBy> by;            // a row of ours
    std::vector<char> ourTie;             // stands in an ambiguity
    std::vector<char> theirTie;
    std::vector<Ambiguity> ambiguities;

    explicit Matching(const Sides& sides);
    bool freeOurs(const Sides& sides, std::uint32_t row) const {
        return sides.ours.isCall(row) && theirsOf[row] == noRow && !ourTie[row];
    }
    bool freeTheirs(const Sides& sides, std::uint32_t row) const {
        return sides.theirs.isCall(row) && oursOf[row] == noRow && !theirTie[row];
    }
    void join(std::uint32_t ours, std::uint32_t theirs, MatchedBy how);
    // Gives what is joined to `from` to `to`, a free row of the same side.
    void move(const Side& side, std::uint32_t from, std::uint32_t to);
};

// What leaving one call of each side alone costs, ms: pairs that cost as much are not made.
inline constexpr std::int64_t singleCostMs = 60'000;
// A call takes part in the choice with at most so many of the other side, the nearest in time.
inline constexpr std::size_t mostCandidates = 64;
// and at most so many are looked at for that, so that the work grows with the calls alone, however many share a number
// and an instant.
inline constexpr std::size_t mostLookedAt = 256;
// So many calls are solved together; where more compete, the assignment of the earlier ones is settled first.
inline constexpr std::size_t mostSolvedTogether = 16'384;

// Of the calls that `first` to `last` of a list in order of time are, those nearest to place `middle`: at most
// `mostLookedAt`, as [first, second).
inline std::pair<std::size_t, std::size_t> nearestOf(std::size_t first, std::size_t middle, std::size_t last) {
    if (last - first <= mostLookedAt) return {first, last};
    const std::size_t before = std::min(middle - first, mostLookedAt / 2);
    const std::size_t from = std::min(middle - before, last - mostLookedAt);
    return {from, from + mostLookedAt};
}

// The cost (ms) of taking these two for the same call, by time and duration alone; both sides must be aligned.
std::int64_t pairCost(const Sides& sides, const Calibration& calibration, std::uint32_t ours, std::uint32_t theirs);

// One pass: which keys group the calls, how far apart in time two may be, and which pairs of a group are allowed.
struct Pass {
    MatchedBy by;
    std::int64_t windowMs;
    // Key of a free call of that side; 0: it takes no part.
    std::function<std::uint64_t(const Side&, std::uint32_t)> key;
    std::function<bool(std::uint32_t ours, std::uint32_t theirs)> allowed;
    // Further calls of the same group within the window rule a pair out: for windows so wide that chance would fill
    // them.
    bool onlyIfUnrivalled = false;
    // Costs of this pass, if not pairCost.
    std::function<std::int64_t(std::uint32_t ours, std::uint32_t theirs)> cost = {};
};
// Calls that nothing is joined to yet. Passes take those of them that still are free.
struct FreeRows {
    std::vector<std::uint32_t> ours, theirs;
};
FreeRows freeRows(const Sides& sides, const Matching& matching);
void runPass(const Sides& sides, const Calibration& calibration, const Pass& pass, const FreeRows& rows,
             Matching& matching);

// The pairs that an id proposes, as far as time and duration bear them out.
void matchById(const Sides& sides, const Calibration& calibration, const std::vector<IdPair>& pairs,
               Matching& matching);
// The main pass; `groups` are those by the two numbers.
void matchByKey(const Sides& sides, const SharedGroups& groups, const Calibration& calibration, std::size_t threads,
                Matching& matching);

}  // namespace meetpoint::reconcile
