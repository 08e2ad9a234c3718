// The report of a comparison for a terminal of 80 columns, and as JSON.
#pragma once

#include <iosfwd>

#include "cli/compare.h"

namespace meetpoint::cli {

void writeReport(const Comparison& comparison, std::ostream& out, bool colours);
// {"ours","theirs","counts","totals","diagnosis","differences"}: one object, one line.
void writeJson(const Comparison& comparison, std::ostream& out);

// The items that differ most in connected time, at most `most`; those that stand alone by their own time.
std::vector<const reconcile::Item*> worstItems(const reconcile::Outcome& outcome, std::size_t most);
// "theirs 12 s longer", "only ours, 72 s".
std::string describeItem(const reconcile::Item& item);

}  // namespace meetpoint::cli
