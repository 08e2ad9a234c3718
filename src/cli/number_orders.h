// Ordering at a running exchange: upload, release, assign, unassign. An order is followed to its end, and every number
// that is refused is named.
#pragma once

#include <iosfwd>

#include "cli/numbers.h"

namespace meetpoint::cli {

struct Surroundings {
    std::istream& in;
    std::ostream& out;
    std::ostream& err;
    bool terminal;
};

// The exit code: refused where a number was.
Result<int> orderNumbers(ExchangeSession& session, const NumbersOptions& options, const Surroundings& around);
Result<int> moveAssignment(ExchangeSession& session, const NumbersOptions& options, const Surroundings& around);

}  // namespace meetpoint::cli
