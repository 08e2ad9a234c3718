// How an order is written down beside its operation, until it has been worked through.
#pragma once

#include "exchange/orders.h"

namespace meetpoint::exchange {

// Without its numbers.
std::string textOf(const NumberOrder& order);
// What textOf() made; the carrier and tenant stand in the operation. Code "corrupt-data".
Result<NumberOrder> readOrder(const std::string& text);

// What was said of one number alone.
std::string textOf(const OrderedNumber& number);
Result<OrderedNumber> readOrderedNumber(const store::OperationNumber& number);

}  // namespace meetpoint::exchange
