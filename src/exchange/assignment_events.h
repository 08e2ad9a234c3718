// What a carrier is told of a step in the life of one of its numbers.
#pragma once

#include "columns/records.h"
#include "store/numbers.h"

namespace meetpoint::exchange {

// Adds the event of `step`, after which `number` is as it is, to `events` (records of the lane `assignments`).
void appendAssignmentEvent(columns::Records& events, const store::Number& number, const store::NumberStep& step,
                           const Id& eventId);

}  // namespace meetpoint::exchange
