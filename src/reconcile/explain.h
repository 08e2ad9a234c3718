// Eighth stage: an item for every call and every repeat of either side, its state, and the causes that the data show.
// Items are made piece by piece, as often as they are asked for, so that they never need to be held together.
#pragma once

#include <unordered_map>

#include "reconcile/absence.h"
#include "reconcile/match.h"
#include "reconcile/outcome.h"
#include "reconcile/total.h"

namespace meetpoint::reconcile {

// All that is known once everything is matched.
struct Matched {
    Options options;
    Sides sides;
    Calibration calibration;
    Matching matching;
    Absences absences;
};

// What stands in an item: a call of ours with its counterpart or alone, one of theirs alone, calls of two readings, or
// a repeat or a record that cannot be used.
enum class ItemKind : std::uint8_t { ourCall, theirCall, ambiguity, ourRest, theirRest };
struct ItemPlace {
    std::uint32_t row;  // of the side; of an ambiguity its number
    ItemKind kind;
};

// How often each call was recorded again.
struct RepeatCounts {
    using Counts = std::unordered_map<std::uint32_t, std::uint32_t>;
    Counts ours, theirs;
};

// Some consecutive items, their rows, and what they add to the totals.
struct ItemPiece : Items {
    Tally tally;
};

class ItemMaker {
public:
    // `matched` must outlive it.
    explicit ItemMaker(const Matched& matched);

    std::size_t pieces() const { return (places_.size() + itemsOfPiece - 1) / itemsOfPiece; }
    std::size_t size() const { return places_.size(); }
    // Piece 0 … pieces() - 1; all of them together are the items in order of time. Several threads may ask at once.
    ItemPiece make(std::size_t number) const;

    // A whole number of blocks.
    static constexpr std::size_t itemsOfPiece = 16'384;

private:
    void add(const ItemPlace& place);
    std::int64_t timeOf(const ItemPlace& place) const;

    const Matched& matched_;
    std::vector<ItemPlace> places_;
    RepeatCounts repeats_;
};

}  // namespace meetpoint::reconcile
