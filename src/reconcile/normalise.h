// First stage: numbers become comparable, rows that cannot be used are marked, and the rows are put into an order that
// the order of the input does not change.
#pragma once

#include "reconcile/side_input.h"

namespace meetpoint::reconcile {

// `calls` are of lane calls, `durations` of lane durations.
Sides normalise(SideInput calls, SideInput durations, const Options& options);

}  // namespace meetpoint::reconcile
