// The event that a change of a number is to its carrier: a record of the carrier's `assignments` lane, written in the
// change's own transaction.
#pragma once

#include "exchange/services.h"
#include "store/numbers.h"

namespace meetpoint::exchange {

// Appends the step that `number` has just taken. Its sequence is the lane's next.
Result<void> appendAssignmentEvent(store::Tx& tx, const Services& services, std::int64_t carrierShard,
                                   const store::Number& number, const store::NumberStep& step);

}  // namespace meetpoint::exchange
