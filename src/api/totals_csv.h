// Traffic totals as CSV: a header with `hour`, `direction`, `answered`, `calls`, `seconds` in any order, a cell a line.
#pragma once

#include "exchange/traffic_totals.h"

namespace meetpoint::api {

// Code "bad-csv" with the line, for a body that is no CSV, lacks a column, has one that is not known or twice, or has a
// value that is none.
Result<std::vector<exchange::PostedTraffic>> readTotalsCsv(std::string_view body);

// The hour that begins at this instant. Code "bad-time" for an instant within an hour.
Result<std::int64_t> wholeHourOf(Instant at);

}  // namespace meetpoint::api
