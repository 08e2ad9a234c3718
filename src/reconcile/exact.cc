#include "reconcile/exact.h"

#include <algorithm>
#include <span>

#include "base/parallel.h"
#include "reconcile/pair_groups.h"

namespace meetpoint::reconcile {
namespace {

// The pairs that one kind of id proposes; `ourId` and `theirId` give that of a row, 0 none.
template <class OurId, class TheirId>
void addPairs(const Sides& sides, MatchedBy by, OurId ourId, TheirId theirId, std::size_t threads,
              std::vector<IdPair>& out) {
    std::vector<GroupedRow> rows[2];
    inParallel(threads, 2, [&](std::size_t side) {
        const auto ofCall = [](const Side& of, auto idOf) {
            return groupRows(of.size(), [&](std::uint32_t row) { return of.isCall(row) ? idOf(row) : 0; });
        };
        rows[side] = side == 0 ? ofCall(sides.ours, ourId) : ofCall(sides.theirs, theirId);
    });
    const SharedGroups groups(std::move(rows[0]), std::move(rows[1]), threads);
    std::vector<std::vector<IdPair>> found(groups.pieces());
    inParallel(threads, groups.pieces(), [&](std::size_t piece) {
        std::vector<Keyed> ours, theirs;
        const auto visit = [&](std::span<const GroupedRow> a, std::span<const GroupedRow> b) {
            keyRows(a, ourId, ours);
            keyRows(b, theirId, theirs);
            forEachCommonKey(ours, theirs, [&](std::span<const Keyed> left, std::span<const Keyed> right) {
                if (left.size() > mostOfOneId || right.size() > mostOfOneId) return;
                for (const Keyed& one : left)
                    for (const Keyed& other : right)
                        if (numbersPlausible(sides.ours, one.row, sides.theirs, other.row))
                            found[piece].push_back({one.row, other.row, by, left.size() == 1 && right.size() == 1});
            });
        };
        groups.forEach(piece, visit);
    });
    for (const auto& pairs : found)
        out.insert(out.end(), pairs.begin(), pairs.end());
}

}  // namespace

bool numbersPlausible(const Side& ours, std::size_t i, const Side& theirs, std::size_t j) {
    if (ours.own[i] != 0 && ours.own[i] == theirs.own[j]) return true;
    if (farAgrees(ours, i, theirs, j)) return true;
    // One side may mean the opposite by direction, and so name the other party's number as its own.
    return ours.own[i] != 0 && ours.own[i] == theirs.far[j] && ours.far[i] == theirs.own[j];
}

std::vector<IdPair> pairsById(const Sides& sides, std::size_t threads) {
    std::vector<IdPair> out;
    const Side& ours = sides.ours;
    const Side& theirs = sides.theirs;
    if (!theirs.sharedCallId.empty())
        addPairs(
            sides, MatchedBy::callId, [&](std::uint32_t row) { return hashOf(ours.callIds[ours.source[row]]); },
            [&](std::uint32_t row) { return theirs.sharedCallId[row]; }, threads, out);
    if (!ours.sipCallId.empty() && !theirs.sipCallId.empty())
        addPairs(
            sides, MatchedBy::sipCallId, [&](std::uint32_t row) { return ours.sipCallId[row]; },
            [&](std::uint32_t row) { return theirs.sipCallId[row]; }, threads, out);
    const auto rows = [](const IdPair& pair) { return std::uint64_t{pair.ours} << 32 | pair.theirs; };
    sortByNumber(out, rows);
    // A pair that both ids propose is named after the first.
    const auto repeats = std::ranges::unique(out, {}, rows);
    out.erase(repeats.begin(), repeats.end());
    return out;
}

}  // namespace meetpoint::reconcile
