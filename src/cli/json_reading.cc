#include "cli/json_reading.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace meetpoint::cli {

namespace json = boost::json;

const json::value* valueAt(const json::value& json, std::string_view pointer) {
    json::error_code absent;
    return json.find_pointer({pointer.data(), pointer.size()}, absent);
}

std::string textAt(const json::value& json, std::string_view pointer) {
    const json::value* value = valueAt(json, pointer);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::int64_t integerAt(const json::value& json, std::string_view pointer) {
    const json::value* value = valueAt(json, pointer);
    json::error_code notWhole;
    return value && value->is_number() ? value->to_number<std::int64_t>(notWhole) : 0;
}

double numberAt(const json::value& json, std::string_view pointer) {
    const json::value* value = valueAt(json, pointer);
    json::error_code impossible;
    return value && value->is_number() ? value->to_number<double>(impossible) : 0;
}

const json::array& arrayAt(const json::value& json, std::string_view pointer) {
    static const json::array none;
    const json::value* value = valueAt(json, pointer);
    return value && value->is_array() ? value->get_array() : none;
}

std::string shown(const json::value* value) {
    if (!value || value->is_null()) return "-";
    if (value->is_string()) return std::string(value->get_string());
    if (value->is_double()) return fmt::format("{:g}", value->get_double());
    return json::serialize(*value);
}

std::string shownAt(const json::value& json, std::string_view pointer) {
    return shown(valueAt(json, pointer));
}

}  // namespace meetpoint::cli
