// Which blocks of a lane have records in a time: the table block_days, and those blocks that are not in it. What a
// search, a scan or a key figure reads first. Every function runs inside the caller's transaction.
#pragma once

#include <set>

#include "store/lane_parts.h"

namespace meetpoint::store {

// A block by its place in its lane. The same place always holds the same records, however they are stored.
struct BlockPlace {
    std::int64_t first = 0;  // sequence
    std::int64_t rows = 0;
    auto operator<=>(const BlockPlace&) const = default;
};

// One UTC day of a block.
struct CalendarEntry {
    BlockPlace block;
    Day day;
    columns::MinuteSet minutes;
};

// What the directory row of a block says: in how many days of the calendar it stands; nothing if in none.
std::optional<std::int64_t> calendarDaysOf(const columns::Block& block);
// Enters blocks that are stored in the same transaction.
Result<void> enterCalendar(Tx& tx, LaneId lane, const std::vector<PlacedBlock>& blocks);
// Takes out those whose first sequence is in [first, end) and whose records lie in [minTime, maxTime].
Result<void> leaveCalendar(Tx& tx, LaneId lane, std::int64_t first, std::int64_t end, Instant minTime, Instant maxTime);

// The entries of the days [from, to), by day and then by sequence. Code "corrupt-data". An entry may name a block that
// is not there any more: readPlace() tells.
Result<void> listCalendar(Tx& tx, LaneId lane, Day from, Day to, const std::function<void(CalendarEntry)>& use);
// The first and the last day of any entry; nothing if there is none.
Result<std::optional<std::pair<Day, Day>>> calendarSpan(Tx& tx, LaneId lane);

// A block that is not in the calendar: its records lie anywhere in [minTime, maxTime].
struct UncalendaredBlock {
    BlockPlace block;
    Instant minTime, maxTime;
};
// Those that may have records in [from, to).
Result<std::vector<UncalendaredBlock>> listUncalendared(Tx& tx, LaneId lane, Instant from, Instant to);

// The days of which records with the sequences [first, end) may be. A block that holds others too brings theirs along.
Result<std::set<Day>> daysOfRecords(Tx& tx, LaneId lane, std::int64_t first, std::int64_t end);

// What is known of a block now; nothing if none lies in exactly that place.
struct BlockState {
    Bytes superseded;  // a bit a row; empty: none
    bool isSuperseded(std::size_t row) const {
        return !superseded.empty() && (superseded[row >> 3] >> (row & 7) & 1) != 0;
    }
};
Result<std::optional<BlockState>> readPlace(Tx& tx, LaneId lane, const BlockPlace& block);

// The blocks that may have records in [from, to), in order of sequence.
Result<std::vector<BlockPlace>> blocksWithin(Tx& tx, LaneId lane, Instant from, Instant to);

}  // namespace meetpoint::store
