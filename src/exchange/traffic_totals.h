// Traffic totals: each side posts what it had, by UTC hour of the call, and reads both sides' figures beside those of
// the stored records. They show where to look first and never replace matching. Docs: docs/guide/reconciliation.md.
#pragma once

#include "exchange/services.h"
#include "exchange/traffic_sums.h"

namespace meetpoint::exchange {

struct PostedTraffic {
    TrafficKey key;
    std::int64_t calls = 0;
    std::int64_t seconds = 0;
};
struct PostedHour {
    std::int64_t hour = 0;
    std::int64_t version = 1;
    bool isNew = true;  // else it says what the version before said, and nothing was stored
};
struct TrafficPosting {
    Id carrierId;
    domain::Side side = domain::Side::platform;
    std::vector<PostedHour> hours;  // in order
};
// Each hour named replaces what this side posted of it before; kinds that are left out had no calls. All or nothing. A
// day of which something new is posted becomes stale. Codes "carrier-required", not-found; "bad-totals" with a fault a
// cell (pointer /totals/N); tooLarge "too-many-hours"; conflict "too-many-versions".
Result<TrafficPosting> postTraffic(const Services& services, const Limits& limits, const domain::Caller& caller,
                                   const std::optional<Id>& carrierId, std::span<const PostedTraffic> totals);

struct TrafficQuery {
    std::optional<Id> carrierId;
    Instant from, to;  // whole hours
};
struct TrafficView {
    Id carrierId;
    std::vector<store::TrafficHour> posted;
    std::map<TrafficKey, TrafficFigures> figures;  // cells of which anything is known
};
// Reads the records of the time: blocks for as long as that takes. Codes "carrier-required", not-found, "bad-range",
// "range-too-long".
Result<TrafficView> readTraffic(const Services& services, const Limits& limits, const domain::Caller& caller,
                                const TrafficQuery& query);

struct TrafficVersions {
    Id carrierId;
    std::vector<store::TrafficHour> versions;
};
// Every posting of one hour, by side, oldest first. Codes as above.
Result<TrafficVersions> trafficHistory(const Services& services, const domain::Caller& caller,
                                       const std::optional<Id>& carrierId, Instant hour);

// Where traffic totals of a day differ from each other or from the stored records, beyond the tolerance (beyondJson);
// nothing where none were posted.
Result<boost::json::array> trafficBeyond(store::Tx& tx, const Services& services, std::int64_t shardKey, Day day,
                                         const TrafficTolerance& tolerance);

}  // namespace meetpoint::exchange
