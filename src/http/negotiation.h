// Media types: Accept (RFC 9110 §12.5.1) and Content-Type.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace meetpoint::http {

// "Application/JSON; charset=utf-8" to "application/json".
std::string mediaTypeOf(std::string_view contentType);

// The offer that `accept` likes best; among equals the first offered. An empty Accept takes the first offer. Code
// "not-acceptable", naming the offers.
Result<std::string> negotiate(std::string_view accept, std::span<const std::string> offers);

}  // namespace meetpoint::http
