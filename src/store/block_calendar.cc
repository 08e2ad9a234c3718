#include "store/block_calendar.h"

namespace meetpoint::store {
namespace {

// Beyond so many days the directory itself is read rather than the calendar.
constexpr std::int32_t longestCalendarLook = 400;

// Rows of the calendar for one block.
void addRows(LaneId lane, const PlacedBlock& placed, std::vector<Bytes>& minutes, RowBatch& batch) {
    for (const columns::DayMinutes& day : placed.block->calendar) {
        minutes.push_back(day.minutes.toBytes());
        batch.rows.push_back({lane.shardKey, lane.kindNumber(), std::int64_t{day.day.number}, placed.firstSequence,
                              placed.block->rows, ByteView(minutes.back())});
    }
}

// The directory's blocks whose first and last time touch [from, to).
Result<std::vector<BlockPlace>> listDirectory(Tx& tx, LaneId lane, Instant from, Instant to) {
    std::vector<BlockPlace> blocks;
    TRY(tx.query(
        "SELECT first_sequence, row_count FROM blocks WHERE shard_key = $1 AND kind = $2 AND max_time >= $3 AND "
        "min_time < $4 ORDER BY first_sequence",
        {lane.shardKey, lane.kindNumber(), from, to}, [&](const Row& row) {
            blocks.push_back({row.integer(0), row.integer(1)});
        }));
    return blocks;
}

// Whether any of the entry's minutes touches [from, to).
bool touches(const CalendarEntry& entry, Instant from, Instant to) {
    const std::int64_t start = std::int64_t{entry.day.number} * columns::minutesPerDay;
    const std::int64_t first = std::max<std::int64_t>(columns::minuteOf(from) - start, 0);
    const std::int64_t last = columns::minuteOf(to - milliseconds(1)) - start;
    if (first >= columns::minutesPerDay || last < 0) return false;
    const auto found = entry.minutes.firstFrom(static_cast<int>(first));
    return found && *found <= last;
}

}  // namespace

std::optional<std::int64_t> calendarDaysOf(const columns::Block& block) {
    if (block.calendar.empty()) return std::nullopt;
    return static_cast<std::int64_t>(block.calendar.size());
}

Result<void> enterCalendar(Tx& tx, LaneId lane, const std::vector<PlacedBlock>& blocks) {
    RowBatch batch{"block_days", {"shard_key", "kind", "day", "first_sequence", "row_count", "minutes"}, {}};
    std::size_t rows = 0;
    for (const PlacedBlock& placed : blocks)
        rows += placed.block->calendar.size();
    if (rows == 0) return {};
    std::vector<Bytes> minutes;  // the batch points into it
    minutes.reserve(rows);
    for (const PlacedBlock& placed : blocks)
        addRows(lane, placed, minutes, batch);
    return tx.copyIn(batch);
}

Result<void> leaveCalendar(Tx& tx, LaneId lane, std::int64_t first, std::int64_t end, Instant minTime,
                           Instant maxTime) {
    TRY(
        tx.execute("DELETE FROM block_days WHERE shard_key = $1 AND kind = $2 AND day >= $3 AND day <= $4 AND "
                   "first_sequence >= $5 AND first_sequence < $6",
                   {lane.shardKey, lane.kindNumber(), std::int64_t{dayOf(minTime).number},
                    std::int64_t{dayOf(maxTime).number}, first, end}));
    return {};
}

Result<void> listCalendar(Tx& tx, LaneId lane, Day from, Day to, const std::function<void(CalendarEntry)>& use) {
    Result<void> read;
    TRY(tx.query(
        "SELECT first_sequence, row_count, day, minutes FROM block_days WHERE shard_key = $1 AND kind = $2 AND "
        "day >= $3 AND day < $4 ORDER BY day, first_sequence",
        {lane.shardKey, lane.kindNumber(), std::int64_t{from.number}, std::int64_t{to.number}}, [&](const Row& row) {
            auto minutes = columns::MinuteSet::fromBytes(row.bytes(3));
            if (!minutes)
                read = fail(minutes.error());
            else
                use({{row.integer(0), row.integer(1)}, Day{static_cast<std::int32_t>(row.integer(2))}, *minutes});
        }));
    return read;
}

Result<std::optional<std::pair<Day, Day>>> calendarSpan(Tx& tx, LaneId lane) {
    std::optional<std::pair<Day, Day>> span;
    const auto dayAt = [](const Row& row, int column) { return Day{static_cast<std::int32_t>(row.integer(column))}; };
    TRY(tx.query("SELECT MIN(day), MAX(day) FROM block_days WHERE shard_key = $1 AND kind = $2",
                 {lane.shardKey, lane.kindNumber()}, [&](const Row& row) {
                     if (!row.isNull(0)) span = std::pair(dayAt(row, 0), dayAt(row, 1));
                 }));
    return span;
}

Result<std::vector<UncalendaredBlock>> listUncalendared(Tx& tx, LaneId lane, Instant from, Instant to) {
    std::vector<UncalendaredBlock> blocks;
    TRY(
        tx.query("SELECT first_sequence, row_count, min_time, max_time FROM blocks WHERE shard_key = $1 AND kind = $2 "
                 "AND calendar_days IS NULL AND max_time >= $3 AND min_time < $4",
                 {lane.shardKey, lane.kindNumber(), from, to}, [&](const Row& row) {
                     blocks.push_back({{row.integer(0), row.integer(1)}, row.instant(2), row.instant(3)});
                 }));
    return blocks;
}

Result<std::set<Day>> daysOfRecords(Tx& tx, LaneId lane, std::int64_t first, std::int64_t end) {
    struct Touched {
        std::int64_t first;
        Day from, to;  // both included
        bool isInCalendar;
    };
    std::vector<Touched> blocks;
    TRY(tx.query(
        "SELECT first_sequence, min_time, max_time, calendar_days FROM blocks WHERE shard_key = $1 AND kind = $2 "
        "AND first_sequence < $4 AND first_sequence >= COALESCE((SELECT MAX(first_sequence) FROM blocks AS before "
        "WHERE before.shard_key = $1 AND before.kind = $2 AND before.first_sequence <= $3), 0)",
        {lane.shardKey, lane.kindNumber(), first, end}, [&](const Row& row) {
            blocks.push_back({row.integer(0), dayOf(row.instant(1)), dayOf(row.instant(2)), !row.isNull(3)});
        }));
    std::set<Day> days;
    for (const Touched& block : blocks) {
        const bool isOneDay = block.from == block.to;
        if (isOneDay || !block.isInCalendar) {
            for (Day day = block.from; day <= block.to; ++day.number)
                days.insert(day);
            continue;
        }
        TRY(
            tx.query("SELECT day FROM block_days WHERE shard_key = $1 AND kind = $2 AND day >= $3 AND day <= $4 AND "
                     "first_sequence = $5",
                     {lane.shardKey, lane.kindNumber(), block.from.number, block.to.number, block.first},
                     [&](const Row& row) { days.insert(Day{static_cast<std::int32_t>(row.integer(0))}); }));
    }
    return days;
}

Result<std::optional<BlockState>> readPlace(Tx& tx, LaneId lane, const BlockPlace& block) {
    std::optional<BlockState> state;
    TRY(tx.query("SELECT row_count, superseded FROM blocks WHERE shard_key = $1 AND kind = $2 AND first_sequence = $3",
                 {lane.shardKey, lane.kindNumber(), block.first}, [&](const Row& row) {
                     if (row.integer(0) == block.rows)
                         state = BlockState{Bytes(row.bytes(1).begin(), row.bytes(1).end())};
                 }));
    return state;
}

Result<std::vector<BlockPlace>> blocksWithin(Tx& tx, LaneId lane, Instant from, Instant to) {
    if (to <= from) return std::vector<BlockPlace>();
    if (from.ms < 0 || to.ms / days(1).ms - from.ms / days(1).ms > longestCalendarLook)
        return listDirectory(tx, lane, from, to);
    std::set<BlockPlace> found;
    TRY(listCalendar(tx, lane, dayOf(from), Day{dayOf(to - milliseconds(1)).number + 1}, [&](CalendarEntry entry) {
        if (touches(entry, from, to)) found.insert(entry.block);
    }));
    TRY_ASSIGN(const auto others, listUncalendared(tx, lane, from, to));
    for (const UncalendaredBlock& other : others)
        found.insert(other.block);
    return std::vector<BlockPlace>(found.begin(), found.end());
}

}  // namespace meetpoint::store
