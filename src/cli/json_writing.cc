#include "cli/json_writing.h"

#include <charconv>

namespace meetpoint::cli {

boost::json::value numberOrText(const std::string& text) {
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc() || end != text.data() + text.size()) return boost::json::value(text);
    return boost::json::value(number);
}

void setText(boost::json::object& body, std::string_view name, const std::string& text) {
    if (!text.empty()) body[name] = text;
}

void setNumber(boost::json::object& body, std::string_view name, const std::string& text) {
    if (!text.empty()) body[name] = numberOrText(text);
}

}  // namespace meetpoint::cli
