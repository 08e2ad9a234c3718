// Last stage: totals of both sides and by state, and the diagnosis: each cause once, with its value, its evidence as
// counts, and how much of the difference in connected time it explains.
#pragma once

#include "reconcile/absence.h"
#include "reconcile/outcome.h"

namespace meetpoint::reconcile {

void total(const Sides& sides, const Absences& absences, Outcome& outcome);

}  // namespace meetpoint::reconcile
