#include "store/block_merger.h"

#include <algorithm>

#include "store/block_calendar.h"

namespace meetpoint::store {
namespace {

using columns::Part;

constexpr auto maxRows = static_cast<std::int64_t>(columns::maxBlockRows);

std::int64_t rowsOf(std::span<const ListedBlock> blocks) {
    return blocks.empty() ? 0 : blocks.back().end() - blocks.front().first;
}

// The longest run of blocks from here on of which none is larger than all others together; empty where there is none
// that is worth it.
std::span<const ListedBlock> balanced(std::span<const ListedBlock> blocks, const BlockMergeLimits& limits) {
    std::size_t found = 0;
    std::int64_t largest = 0;
    for (std::size_t count = 1; count <= std::min(limits.blocksPerStep, blocks.size()); ++count) {
        largest = std::max(largest, blocks[count - 1].rows);
        if (count >= limits.worthMerging && largest * 2 <= rowsOf(blocks.first(count))) found = count;
    }
    return blocks.first(found);
}

// While a group may still grow, only merges that at least double their largest block are worth it: however slowly a
// block fills, each of its records is rewritten no more often than its size can double.
std::optional<BlockGroup> worthWhile(std::span<const ListedBlock> blocks, const BlockMergeLimits& limits) {
    for (std::size_t at = 0; at < blocks.size(); ++at)
        if (const auto run = balanced(blocks.subspan(at), limits); !run.empty())
            return BlockGroup{{run.begin(), run.end()}, false};
    if (blocks.size() <= limits.blocksPerStep) return std::nullopt;
    const auto most = blocks.first(limits.blocksPerStep);
    return BlockGroup{{most.begin(), most.end()}, false};
}

void appendBits(Bytes& bitmap, std::size_t at, ByteView bits, std::size_t count) {
    for (std::size_t i = 0; i < count && i / 8 < bits.size(); ++i)
        if ((bits[i >> 3] >> (i & 7) & 1) != 0)
            bitmap[(at + i) >> 3] |= static_cast<std::uint8_t>(1u << ((at + i) & 7));
}

}  // namespace

std::optional<BlockGroup> chooseBlocks(std::span<const ListedBlock> blocks, std::int64_t oldEnd, Day openDay,
                                       const BlockMergeLimits& limits) {
    std::size_t count = 0;
    const auto belongs = [&](const ListedBlock& block) {
        return block.day == blocks.front().day && block.end() - blocks.front().first <= maxRows;
    };
    while (count < blocks.size() && blocks[count].end() <= oldEnd && (count == 0 || belongs(blocks[count])))
        ++count;
    if (count == 0) return std::nullopt;
    const auto group = blocks.first(count);
    const bool isFull = rowsOf(group) >= maxRows;
    const bool nextIsOther = count < blocks.size() && !belongs(blocks[count]);
    const bool dayIsOver = count == blocks.size() && group.front().day < openDay.number;
    // More blocks than one step takes: what is final is seen once they have become fewer.
    if (count <= limits.blocksPerStep && (isFull || nextIsOther || dayIsOver))
        return BlockGroup{{group.begin(), group.end()}, true};
    return worthWhile(group, limits);
}

Result<BlockPlan> planBlockMerge(Tx& tx, LaneId lane, Instant now, const BlockMergeLimits& limits) {
    TRY_ASSIGN(const std::int64_t done, progressOf(tx, upkeepOf(lane)));
    std::vector<ListedBlock> blocks;
    TRY(
        tx.query("SELECT first_sequence, row_count, day FROM blocks WHERE shard_key = $1 AND kind = $2 AND "
                 "first_sequence >= $3 ORDER BY first_sequence LIMIT $4",
                 {lane.shardKey, lane.kindNumber(), done, limits.blocksPerStep + 1}, [&](const Row& row) {
                     blocks.push_back({row.integer(0), row.integer(1), static_cast<std::int32_t>(row.integer(2))});
                 }));
    if (blocks.empty()) return BlockPlan{};
    // Time never goes back within a lane: what lies before the first entry that is too young is old enough.
    std::int64_t oldEnd = blocks.back().end();
    BlockPlan plan;
    TRY(tx.query(
        "SELECT first_sequence, stored_at FROM entries WHERE shard_key = $1 AND kind = $2 AND first_sequence < $4 AND "
        "first_sequence >= (SELECT MAX(first_sequence) FROM entries WHERE shard_key = $1 AND kind = $2 AND "
        "first_sequence <= $3) AND stored_at > $5 ORDER BY first_sequence LIMIT 1",
        {lane.shardKey, lane.kindNumber(), blocks.front().first, oldEnd, now - limits.age}, [&](const Row& row) {
            oldEnd = row.integer(0);
            plan.lookAgain = row.instant(1) + limits.age;
        }));
    plan.group = chooseBlocks(blocks, oldEnd, dayOf(now - limits.age), limits);
    if (!plan.group && !plan.lookAgain) plan.lookAgain = startOf(Day{blocks.back().day + 1}) + limits.age;
    return plan;
}

Result<BlockMerge> BlockMerge::read(Tx& tx, LaneId lane, BlockGroup group, const KeyedHash& secret) {
    BlockMerge merge(lane, std::move(group));
    TRY_ASSIGN(merge.checksums_, merge.checksums(tx));
    TRY(merge.readParts(tx, secret));
    return merge;
}

Result<BlockMerge::Checksums> BlockMerge::checksums(Tx& tx) const {
    Checksums found;
    for (std::size_t i = 0; i < columns::partCount; ++i) {
        if (!columns::schemaOf(lane_.kind).parts[i]) continue;
        TRY(tx.query("SELECT first_sequence, checksum FROM " + partTable(static_cast<Part>(i)) +
                         " WHERE shard_key = $1 AND kind = $2 AND first_sequence >= $3 AND first_sequence < $4 "
                         "ORDER BY first_sequence",
                     {lane_.shardKey, lane_.kindNumber(), group_.first(), group_.end()}, [&](const Row& row) {
                         found[i].push_back(row.integer(0));
                         found[i].push_back(row.integer(1));
                     }));
    }
    return found;
}

Result<bool> BlockMerge::isCompressed(Tx& tx) const {
    Result<bool> compressed = false;
    TRY(tx.query("SELECT data FROM part_core WHERE shard_key = $1 AND kind = $2 AND first_sequence = $3",
                 {lane_.shardKey, lane_.kindNumber(), group_.first()}, [&](const Row& row) {
                     const auto batch = columns::openBatch(*columns::schemaOf(lane_.kind).parts[0], row.bytes(0));
                     if (batch)
                         compressed = batch->compression == columns::Compression::zstd;
                     else
                         compressed = fail(batch.error());
                 }));
    return compressed;
}

Result<void> BlockMerge::readParts(Tx& tx, const KeyedHash& secret) {
    for (std::size_t i = 0; i < columns::partCount; ++i) {
        if (!columns::schemaOf(lane_.kind).parts[i]) continue;
        TRY(tx.query("SELECT LENGTH(data) FROM " + partTable(static_cast<Part>(i)) +
                         " WHERE shard_key = $1 AND kind = $2 AND first_sequence >= $3 AND first_sequence < $4",
                     {lane_.shardKey, lane_.kindNumber(), group_.first(), group_.end()},
                     [&](const Row& row) { bytesBefore_ += static_cast<std::size_t>(row.integer(0)); }));
    }
    bytesAfter_ = bytesBefore_;
    if (group_.blocks.size() == 1) {
        TRY_ASSIGN(const bool isDone, isCompressed(tx));
        if (isDone) return {};
    }
    std::optional<columns::Records> records;
    for (const ListedBlock& listed : group_.blocks) {
        TRY_ASSIGN(auto read, readBlock(tx, lane_, listed.first, PartSet::all()));
        if (static_cast<std::int64_t>(read.rows()) != listed.rows)
            return fail(corrupt("a block holds other records than its directory row says"));
        records ? records->append(read) : void(records.emplace(std::move(read)));
    }
    block_ = columns::encodeBlock(*records, columns::Compression::zstd, secret);
    bytesAfter_ = 0;
    for (const Bytes& part : block_->parts)
        bytesAfter_ += part.size();
    return {};
}

Result<bool> BlockMerge::swap(Tx& tx) const {
    std::vector<ListedBlock> found;
    std::optional<Bytes> superseded;
    TRY(
        tx.query("SELECT first_sequence, row_count, day, superseded FROM blocks WHERE shard_key = $1 AND kind = $2 AND "
                 "first_sequence >= $3 AND first_sequence < $4 ORDER BY first_sequence",
                 {lane_.shardKey, lane_.kindNumber(), group_.first(), group_.end()}, [&](const Row& row) {
                     found.push_back({row.integer(0), row.integer(1), static_cast<std::int32_t>(row.integer(2))});
                     if (row.isNull(3)) return;
                     if (!superseded) superseded.emplace((group_.rows() + 7) / 8, 0);
                     // Within bounds also where the rows are not those that were read: then nothing is swapped.
                     const std::int64_t at = found.back().first - group_.first();
                     const std::int64_t room = static_cast<std::int64_t>(group_.rows()) - at;
                     appendBits(*superseded, static_cast<std::size_t>(at), row.bytes(3),
                                static_cast<std::size_t>(std::min(found.back().rows, room)));
                 }));
    if (found != group_.blocks) return false;
    TRY_ASSIGN(const Checksums now, checksums(tx));
    if (now != checksums_) return false;
    if (block_) TRY(replace(tx, *block_, superseded));
    if (group_.isFinal) TRY(setProgress(tx, upkeepOf(lane_), group_.end()));
    return true;
}

Result<void> BlockMerge::replace(Tx& tx, const columns::Block& block, const std::optional<Bytes>& superseded) const {
    std::vector<std::string> tables{"blocks", "block_filters"};
    for (std::size_t i = 0; i < columns::partCount; ++i)
        if (columns::schemaOf(lane_.kind).parts[i]) tables.push_back(partTable(static_cast<Part>(i)));
    for (const std::string& table : tables)
        TRY(tx.execute("DELETE FROM " + table +
                           " WHERE shard_key = $1 AND kind = $2 AND first_sequence >= $3 AND first_sequence < $4",
                       {lane_.shardKey, lane_.kindNumber(), group_.first(), group_.end()}));
    TRY(leaveCalendar(tx, lane_, group_.first(), group_.end(), block.minTime, block.maxTime));
    const Day day{group_.blocks.front().day};
    TRY(tx.copyIn(
        {"blocks",
         {"shard_key", "kind", "first_sequence", "row_count", "day", "min_time", "max_time", "answered", "duration_ms",
          "superseded", "calendar_days"},
         {{lane_.shardKey, lane_.kindNumber(), group_.first(), block.rows, std::int64_t{day.number}, block.minTime,
           block.maxTime, block.answered, block.durationMs, superseded, calendarDaysOf(block)}}}));
    const std::vector<PlacedBlock> placed{{group_.first(), day, &block}};
    TRY(enterFilters(tx, lane_, placed));
    TRY(enterCalendar(tx, lane_, placed));
    return insertParts(tx, lane_, placed);
}

}  // namespace meetpoint::store
