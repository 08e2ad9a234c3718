// The header Retry-After of an answer (RFC 9110 §10.2.3).
#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"

namespace meetpoint::http {

// Seconds, or a date in the preferred form ("Sun, 06 Nov 1994 08:49:37 GMT"); never negative. Nothing for anything
// else.
std::optional<Duration> readRetryAfter(std::string_view value, Instant now);

}  // namespace meetpoint::http
