#include "reconcile/pair_groups.h"

#include "base/parallel.h"

namespace meetpoint::reconcile {

// The groups that both sides have, by the first row of ours, and the rows of the others.
struct SharedGroups::Found {
    std::vector<std::uint32_t> begins[2];  // a row of ours: where the group that begins with it stands on a side; noRow
    std::size_t groups = 0;
    std::vector<GroupedRow> alone[2];

    Found(const std::vector<GroupedRow>& ours, const std::vector<GroupedRow>& theirs);
};

SharedGroups::Found::Found(const std::vector<GroupedRow>& ours, const std::vector<GroupedRow>& theirs) {
    const std::vector<GroupedRow>* sides[] = {&ours, &theirs};
    std::uint32_t rows = 0;
    for (const GroupedRow one : ours)
        rows = std::max(rows, rowOf(one) + 1);
    for (auto& of : begins)
        of = largeVector(rows, noRow);
    std::size_t at[] = {0, 0};
    const auto hashAt = [&](std::size_t side) {
        return at[side] < sides[side]->size() ? (*sides[side])[at[side]] >> 32 : std::uint64_t{1} << 32;
    };
    while (at[0] < ours.size() || at[1] < theirs.size()) {
        const std::uint64_t hashes[] = {hashAt(0), hashAt(1)};
        const std::uint64_t hash = std::min(hashes[0], hashes[1]);
        const bool isShared = hashes[0] == hashes[1];
        const std::uint32_t first = isShared ? rowOf(ours[at[0]]) : noRow;
        groups += isShared ? 1 : 0;
        for (const std::size_t side : {0, 1}) {
            if (isShared) begins[side][first] = static_cast<std::uint32_t>(at[side]);
            for (; hashAt(side) == hash; ++at[side])
                if (!isShared) alone[side].push_back((*sides[side])[at[side]]);
        }
    }
}

SharedGroups::SharedGroups(std::vector<GroupedRow> ours, std::vector<GroupedRow> theirs, std::size_t threads)
    : pieces_(std::max<std::size_t>(1, threads) * 8) {
    Found found(ours, theirs);
    inParallel(threads, 2, [&](std::size_t which) {
        auto& rows = which == 0 ? ours : theirs;
        shared_[which] = inOrderOf(found, rows, which);
        rows = {};
        found.begins[which] = {};
        alone_[which] = cut(std::move(found.alone[which]));
    });
}

SharedGroups::Rows SharedGroups::inOrderOf(const Found& found, const std::vector<GroupedRow>& rows,
                                           std::size_t which) const {
    // Groups of a little later are fetched ahead: by their hash they stand anywhere.
    constexpr std::size_t later = 24;
    const std::vector<std::uint32_t>& begins = found.begins[which];
    Rows out;
    reserveLarge(out.rows, rows.size() - found.alone[which].size());
    std::size_t passed = 0;
    for (std::size_t row = 0; row < begins.size(); ++row) {
        if (row + later < begins.size() && begins[row + later] != noRow) __builtin_prefetch(&rows[begins[row + later]]);
        if (begins[row] == noRow) continue;
        while (out.begins.size() * found.groups <= passed * pieces_)
            out.begins.push_back(out.rows.size());
        ++passed;
        const std::uint64_t hash = rows[begins[row]] >> 32;
        for (std::size_t at = begins[row]; at < rows.size() && rows[at] >> 32 == hash; ++at)
            out.rows.push_back(rows[at]);
    }
    out.begins.resize(pieces_ + 1, out.rows.size());
    return out;
}

// Pieces of about the same size, in which groups stay whole.
SharedGroups::Rows SharedGroups::cut(std::vector<GroupedRow> rows) const {
    Rows out{std::move(rows), {}};
    for (std::size_t piece = 0; piece <= pieces_; ++piece) {
        std::size_t at = out.rows.size() * piece / pieces_;
        while (at > 0 && at < out.rows.size() && out.rows[at] >> 32 == out.rows[at - 1] >> 32)
            ++at;
        out.begins.push_back(at);
    }
    return out;
}

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
