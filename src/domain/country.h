// Countries by their code.
#pragma once

#include <algorithm>
#include <string_view>

namespace meetpoint::domain {

// Whether it has the shape of ISO 3166-1 alpha-2: two capital letters. Codes come and go, so none is looked up.
inline bool isCountryCode(std::string_view text) {
    return text.size() == 2 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace meetpoint::domain
