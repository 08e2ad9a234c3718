// Key figures as a table for people: a line a group, each ratio with what it was made of.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

namespace meetpoint::cli {

// What the columns are. Names as the API has them.
struct QualityColumns {
    std::vector<std::string> groupBy, kpis, figures;
};

// Prints `groups`, items of GET /v1/quality; below a group that has one its previous period. Columns are as wide as
// what stands in them.
void printQualityTable(std::ostream& out, const QualityColumns& columns, const std::vector<boost::json::value>& groups);

}  // namespace meetpoint::cli
