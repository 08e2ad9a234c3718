// $filter of Microsoft Graph's number assignments, as far as Graph documents it: OData 4 with `eq` and `ne` on every
// property but id and city, `capabilities/any(c:c eq '…')` and the same of the other collections, joined by `and`, `or`
// and parentheses.
#pragma once

#include <string_view>

#include "base/result.h"
#include "store/number_condition.h"

namespace meetpoint::api {

// Comparisons of one filter, and parentheses within each other.
inline constexpr std::size_t graphFilterComparisons = 64;
inline constexpr std::size_t graphFilterDepth = 16;

// The condition on our numbers that a filter means. A value that no number can have (a number type of another trade, a
// text that is no id) is met by none; a word that an enumeration does not have is refused. Code "bad-filter"; its fault
// names the part that is not understood, and the message the place of it, from 1.
Result<store::NumberCondition> readGraphFilter(std::string_view filter);

}  // namespace meetpoint::api
