// A compiled FieldDoc::pattern. Apart from shape.h because <regex> is slow to compile.
#pragma once

#include <optional>
#include <regex>
#include <string_view>

namespace meetpoint::http {

struct Pattern {
    static constexpr std::size_t textBytesMax = 1024;
    std::optional<std::regex> expression;
    bool fits(std::string_view text) const;
};

}  // namespace meetpoint::http
