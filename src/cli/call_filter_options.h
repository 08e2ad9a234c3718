// Which calls a command is about: an option for each condition of a search.
#pragma once

#include <boost/json/object.hpp>

namespace CLI {
class App;
}

namespace meetpoint::cli {

// Declares the options; what is given stands in `filter` under the API's names. `filter` must live as long as
// `command`.
void addCallFilter(CLI::App& command, boost::json::object& filter);

}  // namespace meetpoint::cli
