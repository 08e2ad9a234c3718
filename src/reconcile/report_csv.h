// A report as CSV (RFC 4180): one table for everything, a line a figure, so that it can be filtered by its first
// column.
#pragma once

#include <string>

#include "reconcile/report_data.h"

namespace meetpoint::reconcile {

// Columns: section, date, name, items, ourCalls, theirCalls, ourSeconds, theirSeconds, differenceSeconds,
// differencePercent (theirs minus ours), note. Sections: period, total, state, cause, day, number, trunk, finding,
// deviation; what does not apply is empty. Names and notes that a spreadsheet would take for a formula begin with '.
std::string reportCsv(const Report& report);

}  // namespace meetpoint::reconcile
