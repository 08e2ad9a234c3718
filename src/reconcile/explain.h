// Eighth stage: an item for every call and every repeat of either side, its state, and the causes that the data show.
#pragma once

#include "reconcile/absence.h"
#include "reconcile/match.h"
#include "reconcile/outcome.h"

namespace meetpoint::reconcile {

// Writes items and rows of `outcome`, whose calibration is set already.
void explain(const Sides& sides, const Matching& matching, const Absences& absences, const Options& options,
             Outcome& outcome);

}  // namespace meetpoint::reconcile
