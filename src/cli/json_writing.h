// What was typed on the command line as JSON for the API, which says what is wrong with it.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/object.hpp>

namespace meetpoint::cli {

// A whole number as such; anything else as the text that it is, for the API to refuse.
boost::json::value numberOrText(const std::string& text);

// Nothing for an empty text.
void setText(boost::json::object& body, std::string_view name, const std::string& text);
void setNumber(boost::json::object& body, std::string_view name, const std::string& text);

}  // namespace meetpoint::cli
