// SIP URIs: the part of RFC 3261 §25.1 that an assignment uses.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace meetpoint::domain {

// `sip:` or `sips:`, user, `@`, host name or address, optional port and parameters; at most 256 characters. Gives the
// URI back with scheme and host in lower case. Code "bad-sip-uri".
Result<std::string> readSipUri(std::string_view text);

}  // namespace meetpoint::domain
