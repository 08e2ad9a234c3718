// Records of several lanes in order of time, page by page. The lanes lie in order of arrival: a page opens the blocks
// whose calendar touches the time that it goes through, one after the other, and gives out a record once nothing that
// is not open yet can come before it. Memory is bounded by the page, work by ScanLimits; what was not looked through
// is never passed over silently.
#pragma once

#include "exchange/block_matcher.h"

namespace meetpoint::exchange {

// A place in the order (time, key, shard key, version). Without a key: before everything at that time, or in
// descending order behind it.
struct TimePosition {
    Instant at;
    std::string key;
    std::int64_t shardKey = 0;
    std::int32_t version = 0;
    // A record or block of that lane that must still be kept for the position to mean something; 0: none.
    std::int64_t sequence = 0;
};

// A position as bytes, and back. Code "corrupt-data".
Bytes bytesOf(const TimePosition& position);
Result<TimePosition> readTimePosition(ByteView bytes);

struct ScanLimits {
    std::size_t blocks = 1'000;         // that one page opens, beyond those of its first minute
    std::size_t calendarRows = 50'000;  // that one page lists, beyond those of its first days
};

struct TimeScan {
    ReadableLanes lanes;
    bool descending = false;
    std::optional<TimePosition> after;
    std::size_t limit = 100;   // records; at least 1
    std::optional<Bytes> key;  // only this record
};

// A page, projected: each record by slice and row, in order.
struct ScannedPage {
    struct Place {
        std::size_t slice, row;
    };
    std::vector<store::LaneSlice> slices;
    std::vector<std::optional<Id>> carriers;  // of each slice
    std::vector<Place> order;
    std::optional<TimePosition> next;  // where there may be more
};

// Runs in the caller's transaction, after the ledger was refreshed in it. Code "cursor-expired" (gone).
Result<ScannedPage> scanByTime(store::Tx& tx, const Services& services, const ScanLimits& limits,
                               const MatchRequest& request, const TimeScan& scan);

}  // namespace meetpoint::exchange
