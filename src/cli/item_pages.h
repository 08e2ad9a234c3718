// Lists of the exchange read to their end, page by page.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include <boost/json/value.hpp>

#include "cli/exchange_session.h"

namespace meetpoint::cli {

// Calls `use` with each of the `items` that `path` lists, at most `limit` (0: all), and gives their number. Where
// --limit leaves some out, `err` says so. Blocks.
Result<std::size_t> eachItem(ExchangeSession& session, const std::string& path, std::size_t limit, std::ostream& err,
                             const std::function<void(const boost::json::value&)>& use);

}  // namespace meetpoint::cli
