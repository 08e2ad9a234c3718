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
    reserveLarge(rows, size);
    for (std::uint32_t row = 0; row < size; ++row)
        if (const std::uint64_t key = keyOf(row); key != 0) rows.push_back((key & 0xFFFF'FFFF'0000'0000) | row);
    sortByNumber(rows, [](GroupedRow one) { return one >> 32; });
    return rows;
}

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

// The groups that both sides have stand in the order in which ours begin. As most calls have about the same place in
// both sides' order, whoever walks along them finds the rows near those that were looked at just before.
class SharedGroups {
public:
    // Both made by groupRows(). For `threads` threads.
    SharedGroups(std::vector<GroupedRow> ours, std::vector<GroupedRow> theirs, std::size_t threads);

    // More than threads, as they differ in what there is to do.
    std::size_t pieces() const { return pieces_; }
    // Calls visit(rows of ours, rows of theirs) for each group of that piece that both sides have. The order of the
    // groups, piece after piece, is always the same.
    template <class Visit>
    void forEach(std::size_t piece, Visit visit) const {
        auto theirs = shared_[1].piece(piece);
        forEachGroup(shared_[0].piece(piece), [&](std::span<const GroupedRow> ours) {
            std::size_t size = 1;
            while (size < theirs.size() && theirs[size] >> 32 == theirs.front() >> 32)
                ++size;
            visit(ours, theirs.first(size));
            theirs = theirs.subspan(size);
        });
    }
    // Calls visit(rows) for each group of one side in that piece, whether the other side has it or not.
    template <class Visit>
    void forEachOf(const Side& side, std::size_t piece, Visit visit) const {
        const std::size_t which = side.ours ? 0 : 1;
        forEachGroup(shared_[which].piece(piece), visit);
        forEachGroup(alone_[which].piece(piece), visit);
    }
    // The same for all pieces.
    template <class Visit>
    void forEachOf(const Side& side, Visit visit) const {
        for (std::size_t piece = 0; piece < pieces_; ++piece)
            forEachOf(side, piece, visit);
    }

private:
    // Rows of one side, and where each piece of them begins.
    struct Rows {
        std::vector<GroupedRow> rows;
        std::vector<std::size_t> begins;
        std::span<const GroupedRow> piece(std::size_t number) const {
            return std::span(rows).subspan(begins[number], begins[number + 1] - begins[number]);
        }
    };
    struct Found;
    Rows inOrderOf(const Found& found, const std::vector<GroupedRow>& rows, std::size_t which) const;
    Rows cut(std::vector<GroupedRow> rows) const;

    std::size_t pieces_;
    Rows shared_[2], alone_[2];  // ours, theirs
};

// The two numbers of a record in an order that direction and side do not change, cut to the digits that nobody hides.
std::uint64_t pairKey(const Side& side, std::uint32_t row, int hiddenDigits);
// All rows by it.
SharedGroups groupByPair(const Sides& sides, std::size_t threads);

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
