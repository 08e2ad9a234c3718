// Second stage, each side by itself: repeated rows and the ringing legs of one call stand behind the row of the call.
// What only the other side can show (partial records, legs with ids of their own) is settled by later stages.
#pragma once

#include "reconcile/pair_groups.h"

namespace meetpoint::reconcile {

// Afterwards `role`, `next` and `head` of the side say which rows are calls, and what belongs to them.
void mergeRepeatsAndLegs(Side& side, const SharedGroups& groups);

}  // namespace meetpoint::reconcile
