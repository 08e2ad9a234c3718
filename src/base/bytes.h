// Bytes, and their hexadecimal and base64url (RFC 4648 §5, no padding) spellings.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace meetpoint {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

inline ByteView viewOf(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view textOf(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string toHex(ByteView bytes);
Result<Bytes> fromHex(std::string_view text);  // code "bad-hex"
std::string toBase64Url(ByteView bytes);
Result<Bytes> fromBase64Url(std::string_view text);  // code "bad-base64"
// Standard base64 (RFC 4648 §4), as HTTP Basic sends it: padded when written, padding optional when read. Code
// "bad-base64".
std::string toBase64(ByteView bytes);
Result<Bytes> fromBase64(std::string_view text);

}  // namespace meetpoint
