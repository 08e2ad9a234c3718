// Text as fields of CSV.
#pragma once

#include <string>
#include <string_view>

namespace meetpoint {

// One field as RFC 4180 wants it: quoted if it holds a delimiter, a quote, a line end, or a blank at either end.
void appendCsvField(std::string_view text, std::string& out);

}  // namespace meetpoint
