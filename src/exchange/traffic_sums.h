// Sums of calls by hour, direction and answered: of records, and how those of two sources differ. Pure.
#pragma once

#include <map>

#include <boost/json/array.hpp>

#include "columns/records.h"
#include "store/traffic_totals.h"

namespace meetpoint::exchange {

// One cell of traffic totals.
struct TrafficKey {
    std::int64_t hour = 0;  // since 1970-01-01T00:00Z
    bool isOutbound = false;
    bool isAnswered = false;
    auto operator<=>(const TrafficKey&) const = default;
};
struct TrafficSum {
    std::int64_t calls = 0;
    std::int64_t ms = 0;  // connected
};
using TrafficSums = std::map<TrafficKey, TrafficSum>;

std::int64_t hourOf(Instant at);
Instant startOfHour(std::int64_t hour);

// Adds a lane's newest records in [from, to): calls by `invitedAt`, durations by `startedAt`, each as its sender stated
// it. `records` has its core.
void addRecords(TrafficSums& sums, const columns::Records& records, Instant from, Instant to);

// A side's newest posting as sums. A kind that the hour leaves out stands with 0: it is said that there were none.
TrafficSums sumsOf(std::span<const store::TrafficHour> posted, domain::Side side);

// Which two sources stand beside each other: the sides' postings (the carrier's less the platform's), or a side's
// records and its posting (records less posting).
enum class TrafficPair : std::uint8_t { sides, platform, carrier };
std::string_view name(TrafficPair pair);  // "sides"

// What of a cell is known; nothing for a posting that is not there. Records count where anything of theirs is stored.
struct TrafficFigures {
    std::optional<TrafficSum> posted[2];  // by domain::Side
    TrafficSum records[2];
};
struct TrafficDifference {
    TrafficPair pair = TrafficPair::sides;
    std::int64_t calls = 0;
    std::int64_t ms = 0;
    std::optional<double> percent;  // of connected time, against the platform's posting, or the side's own
};
// In order of pair; nothing for pairs of which one is missing.
std::vector<TrafficDifference> differencesOf(const TrafficFigures& figures);

// What may differ: no call, and so much of the connected time.
struct TrafficTolerance {
    Duration perCall;
    std::int64_t perMille = 0;
};
bool isBeyond(const TrafficFigures& figures, const TrafficDifference& difference, const TrafficTolerance& tolerance);

// Everything that is known of the cells.
std::map<TrafficKey, TrafficFigures> figuresOf(std::span<const store::TrafficHour> posted, const TrafficSums& calls,
                                               const TrafficSums& durations);

// [{"hour","direction","answered","between":"sides","calls":1,"seconds":60,"percent":1.5}], beyond the tolerance alone.
boost::json::array beyondJson(const std::map<TrafficKey, TrafficFigures>& figures, const TrafficTolerance& tolerance);

}  // namespace meetpoint::exchange
