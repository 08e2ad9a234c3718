// The report of a comparison for a terminal of 80 columns, and as JSON.
#pragma once

#include <iosfwd>

#include "cli/compare.h"

namespace meetpoint::cli {

void writeReport(const Comparison& comparison, std::ostream& out, bool colours);
// {"ours","theirs","counts","totals","diagnosis","differences"}: one object, one line.
void writeJson(const Comparison& comparison, std::ostream& out);

}  // namespace meetpoint::cli
