// Figures of a block's calls hour by hour, as they are kept once they were worked out: a question about carriers, hours
// and days then need not read the calls again. What it gives is the same as if it had.
#pragma once

#include <span>

#include "quality/query.h"

namespace meetpoint::quality {

// Of the calls that were invited in one hour of UTC.
struct HourFigures {
    Instant hour;  // its beginning
    Figures figures;
};

// The hours of a carrier's block.
struct HourlyBlock {
    std::span<const HourFigures> hours;
    std::optional<Id> carrierId;  // as of CallBlock
};

// What is kept: everything that is counted and measured of calls that are no test calls. Calls that spread over
// more hours than maxGroups are not worth keeping.
Query hourlyQuery(const domain::QualityLimits& limits);

// A number for the rules that figures were worked out by: those of other rules are of no use. Not negative.
std::int64_t rulesOf(const domain::QualityLimits& limits);

// Whether a query asks for nothing that kept figures do not tell; then allFit() decides block by block.
bool asksForHours(const Query& query);
// Whether each of the hours belongs as a whole to what is asked for or not, to one group, and to what is hidden from
// who asks or not. Else the block's calls themselves must be read.
bool allFit(const Query& query, std::span<const HourFigures> hours);

// Adds what the query would have counted of these calls. `seesStreams`: the asker is shown their network data.
void addShown(Figures& sum, const Figures& kept, const Query& query, bool seesStreams);

}  // namespace meetpoint::quality
