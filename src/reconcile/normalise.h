// First stage: records of both sides to flat arrays. Numbers become comparable, rows that cannot be used are marked,
// and the rows are put into an order that the order of the input does not change.
#pragma once

#include "reconcile/side.h"

namespace meetpoint::reconcile {

// `calls` are of lane calls, `durations` of lane durations; both must outlive the result. The parts core and parties
// are read, parties only if they are there.
Sides normalise(const columns::Records& calls, const columns::Records& durations, const Options& options);

}  // namespace meetpoint::reconcile
