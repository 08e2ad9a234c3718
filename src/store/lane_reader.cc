// Reading a lane: by sequence for feeds, by time of call for everything else.
#include "store/block_calendar.h"
#include "store/key_pages.h"
#include "store/lane_parts.h"
#include "store/lanes.h"

namespace meetpoint::store {

using columns::Part;

namespace {

// When each of the rows [first, first + rows) was stored: entries cover the lane without a gap.
Result<std::vector<Instant>> storedTimes(Tx& tx, LaneId lane, std::int64_t first, std::int64_t rows) {
    std::vector<Instant> times(static_cast<std::size_t>(rows));
    TRY(
        tx.query("SELECT first_sequence, row_count, stored_at FROM entries WHERE shard_key = $1 AND kind = $2 AND "
                 "first_sequence < $4 "
                 "AND first_sequence >= (SELECT MAX(first_sequence) FROM entries WHERE shard_key = $1 AND kind = $2 "
                 "AND first_sequence <= $3)",
                 {lane.shardKey, lane.kindNumber(), first, first + rows}, [&](const Row& row) {
                     const std::int64_t from = std::max(row.integer(0), first);
                     const std::int64_t to = std::min(row.integer(0) + row.integer(1), first + rows);
                     for (std::int64_t at = from; at < to; ++at)
                         times[static_cast<std::size_t>(at - first)] = row.instant(2);
                 }));
    return times;
}

// The records that lie at these rows of a block, with sequence and time of storing.
Result<LaneSlice> sliceOf(Tx& tx, LaneId lane, std::int64_t blockFirst, columns::Records records,
                          std::span<const std::uint32_t> rows) {
    if (rows.empty()) return LaneSlice{columns::Records(lane.kind), {}, {}};
    const auto [lowest, highest] = std::ranges::minmax(rows);
    TRY_ASSIGN(const auto times, storedTimes(tx, lane, blockFirst + lowest, std::int64_t{highest} - lowest + 1));
    LaneSlice slice{std::move(records), {}, {}};
    slice.sequences.reserve(rows.size());
    slice.storedAt.reserve(rows.size());
    for (const std::uint32_t row : rows) {
        slice.sequences.push_back(blockFirst + row);
        slice.storedAt.push_back(times[row - lowest]);
    }
    return slice;
}

// The rows of a block that a request asks for.
void rowsWithin(const columns::Batch& core, LaneId lane, const ScanRequest& request, const BlockState& state,
                std::vector<std::uint32_t>& rows) {
    rows.clear();
    const auto times = core[columns::schemaOf(lane.kind).time].as<std::int64_t>();
    for (std::size_t row = 0; row < times.size(); ++row) {
        const bool inTime = times[row] >= request.from.ms && times[row] < request.to.ms;
        if (inTime && !(request.newestOnly && state.isSuperseded(row))) rows.push_back(static_cast<std::uint32_t>(row));
    }
}

Result<std::optional<BlockPlace>> blockAt(Tx& tx, LaneId lane, std::int64_t sequence) {
    std::optional<BlockPlace> block;
    TRY(
        tx.query("SELECT first_sequence, row_count FROM blocks WHERE shard_key = $1 AND kind = $2 AND "
                 "first_sequence <= $3 ORDER BY first_sequence DESC LIMIT 1",
                 {lane.shardKey, lane.kindNumber(), sequence}, [&](const Row& row) {
                     block = BlockPlace{row.integer(0), row.integer(1)};
                 }));
    if (block && sequence >= block->first + block->rows) block.reset();
    return block;
}

// The row that an entry of the key index points at; nothing if it is of another key, or past its retention.
Result<std::optional<LaneSlice>> rowOfKey(Tx& tx, LaneId lane, const KeyEntry& entry, ByteView key, PartSet parts) {
    TRY_ASSIGN(const auto block, blockAt(tx, lane, entry.sequence()));
    if (!block) return std::nullopt;
    const std::uint32_t rows[] = {static_cast<std::uint32_t>(entry.sequence() - block->first)};
    TRY_ASSIGN(auto records, readBlockRows(tx, lane, block->first, rows, parts));
    if (!std::ranges::equal(keyBytes(records, 0), key)) return std::nullopt;
    TRY_ASSIGN(auto slice, sliceOf(tx, lane, block->first, std::move(records), rows));
    return slice;
}

}  // namespace

Result<LaneHead> Lanes::head(Tx& tx, LaneId lane) const {
    LaneHead head;
    TRY(tx.query("SELECT next_sequence, last_stored_at, last_hash FROM lanes WHERE shard_key = $1 AND kind = $2",
                 {lane.shardKey, lane.kindNumber()}, [&](const Row& row) {
                     head.nextSequence = row.integer(0);
                     head.lastStoredAt = row.instant(1);
                     if (row.bytes(2).size() == head.lastHash.size())
                         std::ranges::copy(row.bytes(2), head.lastHash.begin());
                 }));
    return head;
}

Result<std::int64_t> Lanes::firstKept(Tx& tx, LaneId lane) const {
    std::int64_t first = 1;
    TRY(tx.query("SELECT COALESCE(MIN(first_sequence), 1) FROM blocks WHERE shard_key = $1 AND kind = $2",
                 {lane.shardKey, lane.kindNumber()}, [&](const Row& row) { first = row.integer(0); }));
    return first;
}

// Time never goes back in a lane, so the entries are halved until one is left.
Result<std::int64_t> Lanes::firstStoredAfter(Tx& tx, LaneId lane, Instant at) const {
    TRY_ASSIGN(const LaneHead head, this->head(tx, lane));
    std::int64_t low = 1, high = head.nextSequence;  // what is looked for is in [low, high]
    while (low < high && head.lastStoredAt > at) {
        const std::int64_t middle = low + (high - low) / 2;
        std::int64_t first = 0, rows = 0;
        Instant storedAt;
        TRY(tx.query(
            "SELECT first_sequence, row_count, stored_at FROM entries WHERE shard_key = $1 AND kind = $2 AND "
            "first_sequence <= $3 ORDER BY first_sequence DESC LIMIT 1",
            {lane.shardKey, lane.kindNumber(), middle},
            [&](const Row& row) { first = row.integer(0), rows = row.integer(1), storedAt = row.instant(2); }));
        if (rows > 0 && storedAt > at)
            high = std::max(low, first);
        else
            low = rows > 0 ? first + rows : middle + 1;
    }
    return head.lastStoredAt > at ? low : head.nextSequence;
}

Result<bool> Lanes::isKept(Tx& tx, LaneId lane, std::int64_t sequence) const {
    TRY_ASSIGN(const auto block, blockAt(tx, lane, sequence));
    return block.has_value();
}

Result<LaneSlice> Lanes::readFrom(Tx& tx, LaneId lane, std::int64_t sequence, std::size_t maxRows,
                                  PartSet parts) const {
    TRY_ASSIGN(const LaneHead head, this->head(tx, lane));
    if (sequence >= head.nextSequence) return LaneSlice{columns::Records(lane.kind), {}, {}};
    TRY_ASSIGN(const auto block, blockAt(tx, lane, sequence));
    if (!block)
        return fail(Error{ErrorKind::gone,
                          "cursor-expired",
                          "What this cursor points at is no longer kept. Read the feed from its start (no cursor) and "
                          "take its first item's "
                          "sequence as the new beginning.",
                          {},
                          {},
                          0});
    std::vector<std::uint32_t> rows;
    for (std::int64_t at = sequence; at < block->first + block->rows && rows.size() < maxRows; ++at)
        rows.push_back(static_cast<std::uint32_t>(at - block->first));
    return readRows(tx, lane, block->first, rows, parts);
}

Result<std::vector<BlockPlace>> Lanes::blocksFor(Tx& tx, LaneId lane, const ScanRequest& request) {
    TRY_ASSIGN(auto blocks, blocksWithin(tx, lane, request.from, request.to));
    if (request.ownNumber) {
        TRY_ASSIGN(const auto found,
                   filters_.rowsOfNumber(tx, lane, blocks, *request.ownNumber, request.from, request.to));
        blocks.clear();
        for (const BlockRows& where : found)
            blocks.push_back(where.block);
    }
    if (request.signallingId) {
        TRY_ASSIGN(blocks, filters_.thatMayHold(tx, lane, blocks, {{*request.signallingId}}));
    }
    return blocks;
}

Result<void> Lanes::scan(Tx& tx, LaneId lane, const ScanRequest& request,
                         const std::function<Result<void>(LaneSlice)>& use) {
    TRY_ASSIGN(const auto blocks, blocksFor(tx, lane, request));
    std::vector<std::uint32_t> rows;
    for (const BlockPlace& block : blocks) {
        TRY_ASSIGN(const auto state, readPlace(tx, lane, block));
        if (!state) continue;  // a place of before a merge
        TRY_ASSIGN(auto records, readBlock(tx, lane, block.first, request.parts));
        rowsWithin(records.part(Part::core), lane, request, *state, rows);
        if (rows.empty()) continue;
        if (rows.size() < records.rows()) records = records.gather(rows);
        TRY_ASSIGN(auto slice, sliceOf(tx, lane, block.first, std::move(records), rows));
        TRY(use(std::move(slice)));
    }
    return {};
}

Result<void> Lanes::scanColumns(Tx& tx, LaneId lane, const ColumnScan& wanted, const UseColumns& use) {
    const ScanRequest& request = wanted.request;
    TRY_ASSIGN(const auto blocks, blocksFor(tx, lane, request));
    std::vector<std::uint32_t> rows;
    for (const BlockPlace& block : blocks) {
        TRY_ASSIGN(const auto state, readPlace(tx, lane, block));
        if (!state) continue;  // a place of before a merge
        TRY_ASSIGN(const auto core, findColumns(tx, lane, block.first, Part::core, wanted.core));
        if (!core) return fail(corrupt("a block lacks its part core"));
        rowsWithin(core->batch, lane, request, *state, rows);
        if (rows.empty()) continue;
        TRY_ASSIGN(const auto parties, findColumns(tx, lane, block.first, Part::parties, wanted.parties));
        if (!parties) return fail(corrupt("a block lacks its part parties"));
        TRY(use(core->batch, parties->batch, rows, block.first));
    }
    return {};
}

Result<std::vector<LaneStretch>> Lanes::listStretches(Tx& tx, LaneId lane, Instant from, Instant to,
                                                      std::int64_t sequence, std::size_t limit) const {
    std::vector<LaneStretch> stretches;
    TRY(tx.query(
        "SELECT first_sequence, row_count, superseded FROM blocks WHERE shard_key = $1 AND kind = $2 AND max_time >= "
        "$3 AND min_time < $4 AND first_sequence >= $5 ORDER BY first_sequence LIMIT $6",
        {lane.shardKey, lane.kindNumber(), from, to, sequence, limit}, [&](const Row& row) {
            stretches.push_back(
                {lane, row.integer(0), row.integer(1), Bytes(row.bytes(2).begin(), row.bytes(2).end())});
        }));
    return stretches;
}

Result<StretchColumns> readStretch(Tx& tx, const LaneStretch& stretch, const columns::ColumnSet& core,
                                   const columns::ColumnSet& network) {
    TRY_ASSIGN(auto first, findColumns(tx, stretch.lane, stretch.firstSequence, Part::core, core));
    std::int64_t blockFirst = stretch.firstSequence;
    if (!first) {
        // Merging joins whole blocks that follow each other: another one holds the stretch now.
        TRY_ASSIGN(const auto block, blockAt(tx, stretch.lane, stretch.firstSequence));
        if (block) blockFirst = block->first;
        TRY_ASSIGN(first, findColumns(tx, stretch.lane, blockFirst, Part::core, core));
    }
    const auto firstRow = static_cast<std::size_t>(stretch.firstSequence - blockFirst);
    if (!first || first->rows < firstRow + static_cast<std::size_t>(stretch.rows))
        return fail(corrupt("the lane lacks records from sequence " + std::to_string(stretch.firstSequence) + " on"));
    StretchColumns columns{
        firstRow, std::move(first->batch),
        columns::Batch(*columns::schemaOf(stretch.lane.kind).parts[static_cast<std::size_t>(Part::network)])};
    if (network.isEmpty()) return columns;
    TRY_ASSIGN(auto second, findColumns(tx, stretch.lane, blockFirst, Part::network, network));
    if (!second) return fail(corrupt("a block lacks its part network"));
    columns.network = std::move(second->batch);
    return columns;
}

Result<LaneSlice> readRows(Tx& tx, LaneId lane, std::int64_t firstSequence, std::span<const std::uint32_t> rows,
                           PartSet parts) {
    TRY_ASSIGN(auto records, readBlockRows(tx, lane, firstSequence, rows, parts));
    return sliceOf(tx, lane, firstSequence, std::move(records), rows);
}

Result<std::vector<KeyEntry>> Lanes::versionsNewestFirst(Tx& tx, LaneId lane, ByteView key) {
    const std::uint64_t hashes[] = {secret_(key)};
    TRY_ASSIGN(const auto runs, listRuns(tx, lane));
    TRY_ASSIGN(auto entries, keys_.find(tx, lane, runs, hashes));
    std::ranges::sort(entries, std::greater(), &KeyEntry::version);
    return entries;
}

Result<std::optional<LaneSlice>> Lanes::findByKey(Tx& tx, LaneId lane, ByteView key, PartSet parts) {
    TRY_ASSIGN(const auto entries, versionsNewestFirst(tx, lane, key));
    for (const KeyEntry& entry : entries) {
        TRY_ASSIGN(auto slice, rowOfKey(tx, lane, entry, key, parts));
        if (slice) return slice;
    }
    return std::nullopt;
}

Result<std::vector<LaneSlice>> Lanes::findVersions(Tx& tx, LaneId lane, ByteView key, PartSet parts,
                                                   std::optional<std::int32_t> version) {
    TRY_ASSIGN(const auto entries, versionsNewestFirst(tx, lane, key));
    std::vector<LaneSlice> found;
    for (const KeyEntry& entry : entries) {
        if (version && entry.version != *version) continue;
        TRY_ASSIGN(auto slice, rowOfKey(tx, lane, entry, key, parts));
        if (slice) found.push_back(std::move(*slice));
    }
    std::ranges::reverse(found);
    return found;
}

Result<std::vector<std::int32_t>> Lanes::newestVersions(Tx& tx, LaneId lane, const columns::Records& records) {
    std::vector<std::uint64_t> hashes(records.rows());
    for (std::size_t row = 0; row < hashes.size(); ++row)
        hashes[row] = keyHash(records, row, secret_);
    std::vector<std::uint64_t> sorted = hashes;
    std::ranges::sort(sorted);
    sorted.erase(std::ranges::unique(sorted).begin(), sorted.end());
    TRY_ASSIGN(const auto runs, listRuns(tx, lane));
    TRY_ASSIGN(const auto found, findKeys(tx, lane, runs, sorted));
    std::vector<std::int32_t> newest(hashes.size(), 0);
    for (std::size_t row = 0; row < hashes.size(); ++row) {
        const std::uint32_t check = columns::keyCheck(keyBytes(records, row), secret_);
        for (const KeyEntry& entry : std::ranges::equal_range(found, hashes[row], {}, &KeyEntry::hash))
            if (entry.check() == check) newest[row] = std::max(newest[row], entry.version);
    }
    return newest;
}

Result<std::vector<LaneTail>> Lanes::tails(Tx& tx) const {
    std::vector<LaneTail> lanes;
    TRY(tx.query("SELECT shard_key, kind, next_sequence FROM lanes ORDER BY shard_key, kind", {}, [&](const Row& row) {
        lanes.push_back({{row.integer(0), static_cast<columns::LaneKind>(row.integer(1))}, row.integer(2)});
    }));
    return lanes;
}

Result<std::vector<LaneId>> Lanes::list(Tx& tx) const {
    TRY_ASSIGN(const auto found, tails(tx));
    std::vector<LaneId> lanes;
    for (const LaneTail& tail : found)
        lanes.push_back(tail.lane);
    return lanes;
}

}  // namespace meetpoint::store
