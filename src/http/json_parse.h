// Text to a JSON tree, with what the library's own parser does not tell: the line of an error, and repeated members.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "base/result.h"

namespace meetpoint::http {

struct ParsedJson {
    boost::json::value value;
    std::vector<Fault> duplicates;  // members that stand twice in one object; the last one is in `value`
};

// Code "bad-json", with one fault that has the line. `depth` bounds nested arrays and objects.
Result<ParsedJson> parseJson(std::string_view text, std::size_t depth);

}  // namespace meetpoint::http
