// Reconciliation: the calls of the platform ("ours") against the durations of one carrier ("theirs"), one item a call,
// and the cause of every difference that the data show. Pure: no I/O, no clock, the same result for any order of the
// input.
//
//   const Outcome outcome = reconcile(calls, durations, Options{.defaultRegion = "CH"});
//   for (const Item& item : outcome.items)
//       if (item.isDifference()) show(name(item.state), outcome.ours(item), outcome.theirs(item));
#pragma once

#include "columns/records.h"
#include "reconcile/options.h"
#include "reconcile/outcome.h"

namespace meetpoint::reconcile {

// `calls` are of lane calls, `durations` of lane durations; core is needed, parties is read where it is there.
Outcome reconcile(const columns::Records& calls, const columns::Records& durations, const Options& options);

}  // namespace meetpoint::reconcile
