#include "reconcile/exact.h"

#include <algorithm>
#include <span>

namespace meetpoint::reconcile {
namespace {

std::vector<Keyed> keyed(const Side& side, const std::vector<std::uint64_t>& ids) {
    std::vector<Keyed> out;
    for (std::uint32_t row = 0; row < side.size(); ++row)
        if (ids[row] != 0 && side.isCall(row)) out.push_back({ids[row], row});
    std::ranges::sort(out);
    return out;
}

}  // namespace

bool numbersPlausible(const Side& ours, std::size_t i, const Side& theirs, std::size_t j) {
    if (ours.own[i] != 0 && ours.own[i] == theirs.own[j]) return true;
    if (farAgrees(ours, i, theirs, j)) return true;
    // One side may mean the opposite by direction, and so name the other party's number as its own.
    return ours.own[i] != 0 && ours.own[i] == theirs.far[j] && ours.far[i] == theirs.own[j];
}

std::vector<IdPair> pairsById(const Sides& sides) {
    std::vector<IdPair> out;
    const auto add = [&](const std::vector<std::uint64_t>& ourIds, const std::vector<std::uint64_t>& theirIds,
                         MatchedBy by) {
        forEachCommonKey(keyed(sides.ours, ourIds), keyed(sides.theirs, theirIds),
                         [&](std::span<const Keyed> ours, std::span<const Keyed> theirs) {
                             if (ours.size() > mostOfOneId || theirs.size() > mostOfOneId) return;
                             for (const Keyed& a : ours)
                                 for (const Keyed& b : theirs)
                                     if (numbersPlausible(sides.ours, a.row, sides.theirs, b.row))
                                         out.push_back({a.row, b.row, by, ours.size() == 1 && theirs.size() == 1});
                         });
    };
    add(sides.ours.callId, sides.theirs.callId, MatchedBy::callId);
    add(sides.ours.sipCallId, sides.theirs.sipCallId, MatchedBy::sipCallId);
    // A pair that both ids propose is named after the first.
    std::ranges::sort(out);
    const auto repeats = std::ranges::unique(
        out, [](const IdPair& a, const IdPair& b) { return a.ours == b.ours && a.theirs == b.theirs; });
    out.erase(repeats.begin(), repeats.end());
    return out;
}

}  // namespace meetpoint::reconcile
