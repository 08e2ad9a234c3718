#include "domain/call.h"

namespace meetpoint::domain {

std::optional<std::uint8_t> indexIn(std::string_view names, std::string_view word) {
    std::uint8_t index = 0;
    while (true) {
        const std::size_t comma = names.find(',');
        if (names.substr(0, comma) == word) return index;
        if (comma == std::string_view::npos) return std::nullopt;
        names.remove_prefix(comma + 1);
        ++index;
    }
}

std::string_view nameAt(std::string_view names, std::size_t index) {
    for (; index > 0; --index) {
        const std::size_t comma = names.find(',');
        if (comma == std::string_view::npos) return {};
        names.remove_prefix(comma + 1);
    }
    return names.substr(0, names.find(','));
}

}  // namespace meetpoint::domain
