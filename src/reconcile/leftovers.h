// Sixth stage: what the main pass left alone, with wider and weaker rules, the strongest first.
#pragma once

#include "reconcile/match.h"

namespace meetpoint::reconcile {

// Reversed directions, hidden or other numbers, and starts that are wrong by minutes.
void matchLeftovers(const Sides& sides, const Calibration& calibration, Matching& matching);

// Ringing legs with ids of their own that one side alone records, put behind the matched call that they ring for. Where
// the other side records such attempts too, one that has no counterpart is missing and stays so. Where they are usual,
// a leg never stands for the answered call beside it: what was joined to the leg is the call's.
void absorbLegs(Sides& sides, const SharedGroups& groups, Matching& matching);

}  // namespace meetpoint::reconcile
