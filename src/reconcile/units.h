// Before calibration: whether the carrier's durations are figures of another unit than that of the field they stand in,
// as seconds in a field of milliseconds.
#pragma once

#include <optional>

#include "reconcile/pair_groups.h"

namespace meetpoint::reconcile {

// What makes their durations as long as ours, if it is the factor between two units and talks between the same two
// numbers bear it out; nothing where they are in the right unit or too few to tell. `groups` are those by the two
// numbers.
std::optional<UnitFactor> findUnit(const Sides& sides, const SharedGroups& groups);

// Sets the durations of that side right and keeps in `stated` what the records say.
void convertDurations(Side& side, const UnitFactor& unit);

}  // namespace meetpoint::reconcile
