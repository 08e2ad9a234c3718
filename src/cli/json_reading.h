// Reading what the API answered: a value by its JSON pointer, or nothing where it is absent or of another
// type.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

namespace meetpoint::cli {

// Null where there is no such value.
const boost::json::value* valueAt(const boost::json::value& json, std::string_view pointer);
// "" / 0 / an empty array where there is none.
std::string textAt(const boost::json::value& json, std::string_view pointer);
std::int64_t integerAt(const boost::json::value& json, std::string_view pointer);
double numberAt(const boost::json::value& json, std::string_view pointer);
const boost::json::array& arrayAt(const boost::json::value& json, std::string_view pointer);
// A value as a person reads it; "-" where there is none.
std::string shown(const boost::json::value* value);
std::string shownAt(const boost::json::value& json, std::string_view pointer);

}  // namespace meetpoint::cli
