// Reconciliation: the calls of the platform ("ours") against the durations of one carrier ("theirs"), one item a call,
// and the cause of every difference that the data show. Pure: no I/O, no clock, the same result for any order of the
// input and any number of threads.
//
//   const Outcome outcome = reconcile(calls, durations, Options{.defaultRegion = "CH"});
//   for (const Item& item : outcome.items)
//       if (item.isDifference()) show(name(item.state), outcome.ours(item), outcome.theirs(item));
//
// Where the records and the items are too many to be held, they come and go piece by piece:
//
//   SideInput calls(columns::LaneKind::calls), durations(columns::LaneKind::durations);
//   for (…) calls.add(block);
//   const Reconciliation matched(std::move(calls), std::move(durations), options);
//   Tally tally;
//   for (std::size_t i = 0; i < matched.pieces(); ++i) store(matched.piece(i)), tally.append(…);
//   report(matched.summary(tally));
#pragma once

#include "reconcile/explain.h"
#include "reconcile/options.h"
#include "reconcile/outcome.h"
#include "reconcile/side_input.h"

namespace meetpoint::reconcile {

// Which records of the two sides belong together. Everything is worked out on construction, on at most Options::threads
// threads; what it gives may be asked for by several threads at once.
class Reconciliation {
public:
    // `calls` are of lane calls, `durations` of lane durations.
    Reconciliation(SideInput calls, SideInput durations, const Options& options)
        : matched_(match(std::move(calls), std::move(durations), options)), items_(matched_) {}
    Reconciliation(const Reconciliation&) = delete;
    Reconciliation& operator=(const Reconciliation&) = delete;

    // The items, in order of time, in pieces that are the same whenever they are asked for.
    std::size_t pieces() const { return items_.pieces(); }
    std::size_t items() const { return items_.size(); }
    ItemPiece piece(std::size_t number) const { return items_.make(number); }
    const Calibration& calibration() const { return matched_.calibration; }
    // From what all pieces add up to, in their order.
    Summary summary(const Tally& tally) const;
    // What names a record, by its row in the input.
    const Id& callId(std::uint32_t row) const { return matched_.sides.ours.callIds[row]; }
    std::string_view recordId(std::uint32_t row) const { return matched_.sides.theirs.recordIds[row]; }

private:
    static Matched match(SideInput calls, SideInput durations, const Options& options);

    const Matched matched_;
    const ItemMaker items_;
};

// All at once.
Outcome reconcile(SideInput calls, SideInput durations, const Options& options);
// Core is needed of both, parties is read where it is there.
Outcome reconcile(const columns::Records& calls, const columns::Records& durations, const Options& options);

}  // namespace meetpoint::reconcile
