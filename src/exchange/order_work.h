// What an order does to its numbers, a few in a transaction.
#pragma once

#include "exchange/orders.h"
#include "store/numbers.h"

namespace meetpoint::exchange {

// Works through the next numbers of an order: at most Limits::numbersPerStep, all of one carrier, or all of them where
// it is a dry run. True: more are left. Of several nodes that work on the same order one gets ahead and the others
// change nothing. Codes of numbers: "bad-number", "numberNotAvailable" (held elsewhere or not orderable: told apart to
// nobody), "number-already-held", "number-not-found", "duplicate-in-order", "country-mismatch",
// "country-not-consented", "usage-not-allowed", "text-too-long", and those of assignments.
Result<bool> workOnOrder(const Services& services, const Limits& limits, const Id& operationId);

// The number that an order makes, without its country and the carrier's reference.
store::Number numberAsOrdered(const Services& services, const NumberOrder& order, domain::E164 e164, const Id& carrier,
                              const Id& tenant);

// As orders write it: E.164, of which the plus may be left out; at most 19 characters.
std::optional<domain::E164> readOrdered(std::string_view telephoneNumber);

}  // namespace meetpoint::exchange
