// Traffic totals as the two sides posted them. Every posting of an hour is a version of its own and stays; the newest
// one counts. They lie by the carrier's shard key.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "domain/side.h"
#include "store/db.h"

namespace meetpoint::store {

struct TrafficCell {
    bool isOutbound = false;
    bool isAnswered = false;
    std::int64_t calls = 0;
    std::int64_t seconds = 0;  // connected
    bool operator==(const TrafficCell&) const = default;
};

// One UTC hour of calls as a side posted it; kinds that are not among `cells` had no calls.
struct TrafficHour {
    std::int64_t hour = 0;  // since 1970-01-01T00:00Z
    domain::Side side = domain::Side::platform;
    std::int64_t version = 1;
    Instant postedAt;
    std::string postedBy;            // client
    std::vector<TrafficCell> cells;  // at least one; in order of direction, then answered
};

// Of hours and versions that are not there yet.
Result<void> insertTraffic(Tx& tx, std::int64_t shardKey, std::span<const TrafficHour> hours);
// The newest version of each hour in [from, to) and side, in order of hour and side.
Result<std::vector<TrafficHour>> latestTraffic(Tx& tx, std::int64_t shardKey, std::int64_t from, std::int64_t to);
// All versions of one hour, by side, oldest first.
Result<std::vector<TrafficHour>> trafficVersions(Tx& tx, std::int64_t shardKey, std::int64_t hour);

}  // namespace meetpoint::store
