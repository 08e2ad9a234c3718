#include "reconcile/pair_groups.h"

#include "base/parallel.h"

namespace meetpoint::reconcile {

std::uint64_t pairKey(const Side& side, std::uint32_t row, int hiddenDigits) {
    const std::uint64_t a = readablePart(side.own[row], hiddenDigits);
    const std::uint64_t b = readablePart(side.far[row], hiddenDigits);
    return mix(std::min(a, b), std::max(a, b));
}

SharedGroups groupByPair(const Sides& sides, std::size_t threads) {
    std::vector<GroupedRow> grouped[2];
    inParallel(threads, 2, [&](std::size_t which) {
        const Side& side = which == 0 ? sides.ours : sides.theirs;
        grouped[which] =
            groupRows(side.size(), [&](std::uint32_t row) { return pairKey(side, row, sides.hiddenDigits) | 1; });
    });
    return {std::move(grouped[0]), std::move(grouped[1]), threads};
}

}  // namespace meetpoint::reconcile
