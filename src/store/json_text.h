// Lists as the JSON text that ledger columns keep.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"

namespace meetpoint::store {

std::string toJsonText(const std::vector<std::string>& texts);
std::string toJsonText(const std::vector<Id>& ids);
// What does not parse reads as an empty list: only this program writes these columns.
std::vector<std::string> textsFromJson(std::string_view json);
std::vector<Id> idsFromJson(std::string_view json);

}  // namespace meetpoint::store
