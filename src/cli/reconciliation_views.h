// What a terminal shows of reconciliation: days, items, reports, as the API gives them.
#pragma once

#include <iosfwd>

#include <boost/json/value.hpp>

namespace meetpoint::cli {

// One day's report: how far the day is, totals, states, what the data show.
void printDay(std::ostream& out, const boost::json::value& day);
// A line a day.
void printDayHead(std::ostream& out);
void printDayRow(std::ostream& out, const boost::json::value& day);
// A line an item.
void printItemHead(std::ostream& out);
void printItemRow(std::ostream& out, const boost::json::value& item);
// The report of a period.
void printPeriodReport(std::ostream& out, const boost::json::value& report);

}  // namespace meetpoint::cli
