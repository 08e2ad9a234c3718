// Partial records: several adjacent records of one side that sum to one on the other. Both sides must be aligned,
// because only the other side shows that adjacent records are one call.
#pragma once

#include "reconcile/calibrate.h"
#include "reconcile/side.h"

namespace meetpoint::reconcile {

// Puts the parts behind the first of them, whose duration becomes the sum and whose end becomes the last one's.
void joinPartialRecords(Sides& sides, const SharedGroups& groups, const Calibration& calibration, std::size_t threads);

}  // namespace meetpoint::reconcile
