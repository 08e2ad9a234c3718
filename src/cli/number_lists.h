// Reading numbers from a running exchange: lists, searches, one number, its history.
#pragma once

#include <iosfwd>

#include "cli/numbers.h"

namespace meetpoint::cli {

// Prints all that fit, page by page; where --limit leaves some out, `err` says so.
Result<void> listNumbers(ExchangeSession& session, const NumbersOptions& options, std::ostream& out, std::ostream& err);
Result<void> printHistory(ExchangeSession& session, const NumbersOptions& options, std::ostream& out);

// The number that a person means by its spelling or its id. Code "not-found".
Result<boost::json::value> findNumber(ExchangeSession& session, const NumbersOptions& options,
                                      const std::string& numberOrId);

}  // namespace meetpoint::cli
