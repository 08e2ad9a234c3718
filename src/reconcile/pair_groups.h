// Rows of both sides grouped by a key, cut into pieces that may be worked on at once. The groups by the two numbers of
// a call are made once and serve every stage that looks for calls of the same numbers: they never divide what any of
// them compares, and a stage that asks for more than the two numbers divides them further itself.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "reconcile/side.h"
#include "reconcile/sorting.h"

namespace meetpoint::reconcile {

// A row in the lower half; groups are told apart by the upper half, a hash that two pairs of numbers may share.
using GroupedRow = std::uint64_t;
inline std::uint32_t rowOf(GroupedRow grouped) {
    return static_cast<std::uint32_t>(grouped);
}

// Groups the rows of a side for which keyOf(row) is not 0; in a group they keep their order.
template <class KeyOf>
std::vector<GroupedRow> groupRows(std::size_t size, KeyOf keyOf) {
    std::vector<GroupedRow> rows;
    rows.reserve(size);
    for (std::uint32_t row = 0; row < size; ++row)
        if (const std::uint64_t key = keyOf(row); key != 0) rows.push_back((key & 0xFFFF'FFFF'0000'0000) | row);
    sortByNumber(rows, [](GroupedRow one) { return one >> 32; });
    return rows;
}

class SharedGroups {
public:
    // Both made by groupRows(). For `threads` threads.
    SharedGroups(std::vector<GroupedRow> ours, std::vector<GroupedRow> theirs, std::size_t threads)
        : ours_(std::move(ours)), theirs_(std::move(theirs)), pieces_(std::max<std::size_t>(1, threads) * 8) {}

    std::span<const GroupedRow> ours() const { return ours_; }
    std::span<const GroupedRow> theirs() const { return theirs_; }

    // The rows of a side that stand in a piece.
    std::span<const GroupedRow> ours(std::size_t piece) const { return pieceOf(ours_, piece); }
    std::span<const GroupedRow> theirs(std::size_t piece) const { return pieceOf(theirs_, piece); }

    // More than threads, as they differ in what there is to do.
    std::size_t pieces() const { return pieces_; }
    // Calls visit(rows of ours, rows of theirs) for each group of that piece that both sides have. The order of the
    // groups, piece after piece, is always the same.
    template <class Visit>
    void forEach(std::size_t piece, Visit visit) const {
        forEach(
            piece, visit, [](std::uint32_t) {}, [](std::uint32_t) {});
    }
    // The same, with the rows of a little later: fetchOurs(row), fetchTheirs(row).
    template <class Visit, class FetchOurs, class FetchTheirs>
    void forEach(std::size_t piece, Visit visit, FetchOurs fetchOurs, FetchTheirs fetchTheirs) const {
        auto ours = pieceOf(ours_, piece), theirs = pieceOf(theirs_, piece);
        while (!ours.empty() && !theirs.empty()) {
            const std::uint64_t a = ours.front() >> 32, b = theirs.front() >> 32;
            const std::size_t ofOurs = groupSize(ours), ofTheirs = groupSize(theirs);
            if (a <= b) fetchLater(ours, ofOurs, fetchOurs);
            if (b <= a) fetchLater(theirs, ofTheirs, fetchTheirs);
            if (a == b) visit(ours.first(ofOurs), theirs.first(ofTheirs));
            if (a <= b) ours = ours.subspan(ofOurs);
            if (b <= a) theirs = theirs.subspan(ofTheirs);
        }
    }

private:
    std::span<const GroupedRow> pieceOf(const std::vector<GroupedRow>& rows, std::size_t piece) const {
        const auto boundary = [&](std::size_t number) {
            const std::uint64_t hash = (std::uint64_t{1} << 32) * number / pieces_;
            return std::ranges::lower_bound(rows, hash, {}, [](GroupedRow one) { return one >> 32; });
        };
        return {boundary(piece), boundary(piece + 1)};
    }
    static std::size_t groupSize(std::span<const GroupedRow> rows) {
        std::size_t size = 1;
        while (size < rows.size() && rows[size] >> 32 == rows.front() >> 32)
            ++size;
        return size;
    }

    template <class Fetch>
    static void fetchLater(std::span<const GroupedRow> rows, std::size_t passed, Fetch fetch) {
        constexpr std::size_t later = 12;
        for (std::size_t i = later; i < std::min(rows.size(), later + passed); ++i)
            fetch(rowOf(rows[i]));
    }

    std::vector<GroupedRow> ours_, theirs_;
    std::size_t pieces_;
};

// The two numbers of a record in an order that direction and side do not change, cut to the digits that nobody hides.
std::uint64_t pairKey(const Side& side, std::uint32_t row, int hiddenDigits);
// All rows by it.
SharedGroups groupByPair(const Sides& sides, std::size_t threads);

// Calls visit(group) for each group of rows that stand together.
template <class Visit>
void forEachGroup(std::span<const GroupedRow> rows, Visit visit) {
    for (std::size_t first = 0; first < rows.size();) {
        std::size_t last = first + 1;
        while (last < rows.size() && rows[last] >> 32 == rows[first] >> 32)
            ++last;
        visit(rows.subspan(first, last - first));
        first = last;
    }
}

// Fills `keyed` with the rows whose key is not 0, by key and then row.
template <class KeyOf>
void keyRows(std::span<const GroupedRow> rows, KeyOf keyOf, std::vector<Keyed>& keyed) {
    keyed.clear();
    bool isInOrder = true;
    for (const GroupedRow grouped : rows) {
        const std::uint64_t key = keyOf(rowOf(grouped));
        if (key == 0) continue;
        isInOrder = isInOrder && (keyed.empty() || keyed.back().key <= key);
        keyed.push_back({key, rowOf(grouped)});
    }
    if (!isInOrder) std::ranges::sort(keyed);
}

// Calls visit(span of rows) for each key of rows that are in order of it.
template <class Visit>
void forEachKey(std::span<const Keyed> keyed, Visit visit) {
    for (std::size_t first = 0; first < keyed.size();) {
        std::size_t last = first + 1;
        while (last < keyed.size() && keyed[last].key == keyed[first].key)
            ++last;
        visit(keyed.subspan(first, last - first));
        first = last;
    }
}

}  // namespace meetpoint::reconcile
