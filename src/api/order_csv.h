// Orders of numbers as CSV: what holds for all of them in the query, a number a line in the body.
#pragma once

#include "exchange/orders.h"
#include "http/message.h"

namespace meetpoint::api {

// A header with `Numbers` or `telephoneNumber`, and perhaps `reference`. Code "bad-csv" with the line, for a body that
// is no CSV, has no such column or one that is not known.
Result<exchange::NumberOrder> readOrderCsv(const http::Request& request);
// A header with `telephoneNumber`, and perhaps `targetId`, `userPrincipalName`, `sipUri`, `category`, `reason`. Codes
// "bad-csv", and "bad-id" with the line for a target's id that is none.
Result<exchange::NumberOrder> readAssignmentCsv(const http::Request& request);

}  // namespace meetpoint::api
