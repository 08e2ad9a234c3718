// Text as JSON strings, quotation marks included.
#pragma once

#include <string>
#include <string_view>

namespace meetpoint {

bool isUtf8(std::string_view text);

// With the shortest escapes (RFC 8785). `text` must be UTF-8, as what a reader has accepted is.
void appendJsonText(std::string_view text, std::string& out);

// The same for text of any origin, such as the names of files: where it is no UTF-8, its bytes beyond ASCII become
// U+FFFD, so that they do not break the document that they stand in.
void appendRepairedJsonText(std::string_view text, std::string& out);
std::string jsonString(std::string_view text);  // repaired

}  // namespace meetpoint
