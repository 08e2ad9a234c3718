// Media types and languages: Accept, Accept-Language (RFC 9110 §12.5) and Content-Type.
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

// The offer that fits `acceptLanguage` best by lookup (RFC 4647 §3.4): "zh-Hant-TW" and "zh" take "zh-Hant", as do the
// regions that write so (TW, HK, MO). The first offer where nothing fits. `offers`: at least one tag.
std::string negotiateLanguage(std::string_view acceptLanguage, std::span<const std::string> offers);

}  // namespace meetpoint::http
