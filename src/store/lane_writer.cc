// Appending to a lane: head row, classification, sequences, blocks, key index, entry.
#include <charconv>

#include "columns/content_hash.h"
#include "store/block_calendar.h"
#include "store/classification.h"
#include "store/key_pages.h"
#include "store/lanes.h"
#include "store/rows_by_hash.h"
#include "store/stored_keys.h"

namespace meetpoint::store {

using columns::Block;
using columns::Part;
using columns::Records;

std::string_view name(Outcome outcome) {
    constexpr std::string_view names[] = {"created", "updated", "unchanged", "outdated", "conflict"};
    return names[static_cast<std::size_t>(outcome)];
}

namespace {

std::vector<Block> encodeAll(const Records& records, const KeyedHash& secret) {
    std::vector<Block> blocks;
    if (records.rows() <= columns::maxBlockRows) {
        if (records.rows() > 0) blocks.push_back(encodeBlock(records, columns::Compression::lz4, secret));
        return blocks;
    }
    for (std::size_t first = 0; first < records.rows(); first += columns::maxBlockRows) {
        const std::size_t count = std::min(columns::maxBlockRows, records.rows() - first);
        blocks.push_back(encodeBlock(records.slice(first, count), columns::Compression::lz4, secret));
    }
    return blocks;
}

Bytes joined(const std::array<Sha256, columns::partCount>& hashes) {
    Bytes out;
    for (const Sha256& hash : hashes)
        out.insert(out.end(), hash.begin(), hash.end());
    return out;
}

// How many columns each part had when the entry was written, as later columns do not count in its hash; then by which
// rule it was hashed.
Bytes columnCountsOf(columns::LaneKind kind) {
    Bytes counts;
    for (const columns::Schema* schema : columns::schemaOf(kind).parts)
        counts.push_back(schema ? static_cast<std::uint8_t>(schema->fields.size()) : 0);
    counts.push_back(static_cast<std::uint8_t>(columns::currentHashRule));
    return counts;
}

}  // namespace

std::string topicOf(LaneId lane) {
    return std::to_string(lane.shardKey) + "/" + std::to_string(lane.kindNumber());
}

std::optional<LaneId> laneOfTopic(std::string_view topic) {
    LaneId lane;
    std::int64_t kind = 0;
    const char* end = topic.data() + topic.size();
    const auto shard = std::from_chars(topic.data(), end, lane.shardKey);
    if (shard.ec != std::errc() || shard.ptr == end || *shard.ptr != '/') return std::nullopt;
    const auto number = std::from_chars(shard.ptr + 1, end, kind);
    if (number.ec != std::errc() || number.ptr != end || kind < 0 || kind >= columns::laneKinds) return std::nullopt;
    lane.kind = static_cast<columns::LaneKind>(kind);
    return lane;
}

Sha256 entryHash(const EntryFacts& facts) {
    Sha256Builder hash;
    hash.add(viewOf("meetpoint entry 1"));
    hash.addU64(static_cast<std::uint64_t>(facts.lane.shardKey));
    hash.addU64(static_cast<std::uint64_t>(facts.lane.kind));
    hash.addU64(static_cast<std::uint64_t>(facts.firstSequence));
    hash.addU64(static_cast<std::uint64_t>(facts.rows));
    hash.addU64(static_cast<std::uint64_t>(facts.storedAt.ms));
    hash.addU64(facts.writer.size());
    hash.add(viewOf(facts.writer));
    hash.add(facts.columnCounts);
    hash.add(facts.contentHashes);
    hash.add(facts.previousHash);
    return hash.finish();
}

PreparedAppend Lanes::prepare(LaneId lane, Records records, std::vector<std::uint32_t> fingerprints) const {
    PreparedAppend prepared{.lane = lane, .records = std::move(records), .fingerprints = std::move(fingerprints)};
    prepared.hashes.resize(prepared.records.rows());
    prepared.checks.resize(prepared.records.rows());
    for (std::size_t row = 0; row < prepared.hashes.size(); ++row) {
        prepared.hashes[row] = keyHash(prepared.records, row, secret_);
        prepared.checks[row] = columns::keyCheck(keyBytes(prepared.records, row), secret_);
    }
    prepared.byHash = rowsByHash(prepared.hashes);
    prepared.blocks = encodeAll(prepared.records, secret_);
    prepared.contentHashes = contentHashes(prepared.records);
    return prepared;
}

Result<LaneHead> Lanes::lock(Tx& tx, LaneId lane) {
    // An UPDATE takes the row's lock on every store; PostgreSQL would otherwise want FOR UPDATE, which SQLite does not
    // know.
    std::optional<LaneHead> head;
    const auto take = [&]() -> Result<void> {
        return tx.query(
            "UPDATE lanes SET next_sequence = next_sequence WHERE shard_key = $1 AND kind = $2 "
            "RETURNING next_sequence, last_stored_at, last_hash",
            {lane.shardKey, lane.kindNumber()}, [&](const Row& row) {
                head = LaneHead{row.integer(0), row.instant(1), {}};
                if (row.bytes(2).size() == head->lastHash.size())
                    std::ranges::copy(row.bytes(2), head->lastHash.begin());
            });
    };
    TRY(take());
    if (head) return *head;
    TRY(tx.execute(
        "INSERT INTO lanes (shard_key, kind, next_sequence, last_stored_at, last_hash) VALUES ($1, $2, 1, 0, $3) "
        "ON CONFLICT (shard_key, kind) DO NOTHING",
        {lane.shardKey, lane.kindNumber(), ByteView(LaneHead().lastHash)}));
    TRY(take());
    if (!head) return fail(internalError("a lane's head row cannot be made"));
    return *head;
}

Result<void> Lanes::passTime(Tx& tx, LaneId lane, Instant until) {
    TRY_ASSIGN(const LaneHead head, lock(tx, lane));
    if (head.lastStoredAt >= until) return {};
    TRY(tx.execute("UPDATE lanes SET last_stored_at = $3 WHERE shard_key = $1 AND kind = $2",
                   {lane.shardKey, lane.kindNumber(), until}));
    return {};
}

namespace {

// The index's entries of the rows that are stored, which get their sequences in the order of `storedRows`.
Result<std::vector<KeyEntry>> keyEntries(const PreparedAppend& prepared, const std::vector<std::uint32_t>& storedRows,
                                         std::int64_t firstSequence) {
    if ((firstSequence + static_cast<std::int64_t>(storedRows.size())) >> KeyEntry::sequenceBits != 0)
        return fail(internalError("a lane has as many records as its key index can name"));
    std::vector<KeyEntry> entries;
    entries.reserve(storedRows.size());
    const auto enter = [&](std::uint32_t row, std::int64_t sequence) {
        entries.push_back({prepared.hashes[row], KeyEntry::placeOf(sequence, prepared.checks[row]),
                           versionOf(prepared.records, row), prepared.fingerprints[row]});
    };
    if (storedRows.size() == prepared.hashes.size()) {
        for (const std::uint32_t row : prepared.byHash)
            enter(row, firstSequence + row);
        return entries;
    }
    std::vector<std::int64_t> sequenceOf(prepared.hashes.size(), 0);  // 0: not stored
    for (std::size_t i = 0; i < storedRows.size(); ++i)
        sequenceOf[storedRows[i]] = firstSequence + static_cast<std::int64_t>(i);
    for (const std::uint32_t row : prepared.byHash)
        if (sequenceOf[row] != 0) enter(row, sequenceOf[row]);
    return entries;
}

}  // namespace

Result<std::vector<KeyEntry>> Lanes::findKeys(Tx& tx, LaneId lane, std::span<const KeyRun> runs,
                                              std::span<const std::uint64_t> hashes) {
    TRY_ASSIGN(auto found, keys_.find(tx, lane, runs, hashes));
    TRY(addMissingChecks(tx, lane, found, secret_));
    return found;
}

Result<Classified> Lanes::classify(Tx& tx, const PreparedAppend& prepared, std::span<const KeyRun> runs) {
    std::vector<std::uint64_t> sorted;
    sorted.reserve(prepared.hashes.size());
    for (const std::uint32_t row : prepared.byHash)
        if (sorted.empty() || sorted.back() != prepared.hashes[row]) sorted.push_back(prepared.hashes[row]);
    TRY_ASSIGN(const auto found, findKeys(tx, prepared.lane, runs, sorted));
    return store::classify(prepared, found);
}

Result<void> Lanes::insertBlocks(Tx& tx, LaneId lane, std::int64_t firstSequence, Instant storedAt,
                                 const std::vector<Block>& blocks) {
    RowBatch directory{"blocks",
                       {"shard_key", "kind", "first_sequence", "row_count", "day", "min_time", "max_time", "answered",
                        "duration_ms", "calendar_days"},
                       {}};
    std::vector<PlacedBlock> placed;
    for (const Block& block : blocks) {
        directory.rows.push_back({lane.shardKey, lane.kindNumber(), firstSequence, block.rows, dayOf(storedAt).number,
                                  block.minTime, block.maxTime, block.answered, block.durationMs,
                                  calendarDaysOf(block)});
        placed.push_back({firstSequence, dayOf(storedAt), &block});
        firstSequence += static_cast<std::int64_t>(block.rows);
    }
    TRY(tx.copyIn(directory));
    TRY(enterFilters(tx, lane, placed));
    TRY(enterCalendar(tx, lane, placed));
    return insertParts(tx, lane, placed);
}

Result<void> Lanes::markSuperseded(Tx& tx, LaneId lane, std::vector<std::int64_t> sequences) {
    std::ranges::sort(sequences);
    for (std::size_t at = 0; at < sequences.size();) {
        std::optional<std::int64_t> first;
        std::int64_t count = 0;
        Bytes bitmap;
        TRY(
            tx.query("SELECT first_sequence, row_count, superseded FROM blocks WHERE shard_key = $1 AND kind = $2 AND "
                     "first_sequence <= $3 ORDER BY first_sequence DESC LIMIT 1",
                     {lane.shardKey, lane.kindNumber(), sequences[at]}, [&](const Row& row) {
                         first = row.integer(0);
                         count = row.integer(1);
                         bitmap.assign(row.bytes(2).begin(), row.bytes(2).end());
                     }));
        if (!first || sequences[at] >= *first + count) return fail(corrupt("a superseded record is not there"));
        bitmap.resize(static_cast<std::size_t>((count + 7) / 8), 0);
        for (; at < sequences.size() && sequences[at] < *first + count; ++at) {
            const auto row = static_cast<std::size_t>(sequences[at] - *first);
            bitmap[row >> 3] |= static_cast<std::uint8_t>(1u << (row & 7));
        }
        TRY(tx.executeLater(
            "UPDATE blocks SET superseded = $4 WHERE shard_key = $1 AND kind = $2 AND first_sequence = $3",
            {lane.shardKey, lane.kindNumber(), *first, bitmap}));
    }
    return {};
}

Result<LaneHead> Lanes::insertEntry(Tx& tx, LaneId lane, const LaneHead& head, std::int64_t rows, Instant storedAt,
                                    std::string_view writer,
                                    const std::array<Sha256, columns::partCount>& contentHashes) {
    const Bytes columnCounts = columnCountsOf(lane.kind);
    const Bytes hashes = joined(contentHashes);
    const Sha256 own =
        entryHash({lane, head.nextSequence, rows, storedAt, writer, columnCounts, hashes, head.lastHash});
    TRY(tx.executeLater(
        "INSERT INTO entries (shard_key, kind, first_sequence, row_count, stored_at, writer, column_counts, "
        "content_hashes, "
        "previous_hash, own_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        {lane.shardKey, lane.kindNumber(), head.nextSequence, rows, storedAt, writer, columnCounts, hashes,
         ByteView(head.lastHash), ByteView(own)}));
    return LaneHead{head.nextSequence + rows, storedAt, own};
}

Result<void> Lanes::moveHead(Tx& tx, LaneId lane, const LaneHead& head) {
    return tx.executeLater(
        "UPDATE lanes SET next_sequence = $3, last_stored_at = $4, last_hash = $5 WHERE shard_key = $1 AND kind = $2",
        {lane.shardKey, lane.kindNumber(), head.nextSequence, head.lastStoredAt, ByteView(head.lastHash)});
}

Result<void> Lanes::enterKeys(Tx& tx, const PreparedAppend& keys, std::int64_t firstSequence) {
    TRY_ASSIGN(auto runs, listRuns(tx, keys.lane));
    TRY_ASSIGN(Classified classified, classify(tx, keys, runs));
    const auto isNew = [](Outcome outcome) { return outcome == Outcome::created || outcome == Outcome::updated; };
    if (!std::ranges::all_of(classified.outcomes, isNew) || !classified.supersededRows.empty())
        return fail(internalError("a long append has records that are there already"));
    TRY_ASSIGN(const auto entries, keyEntries(keys, classified.storedRows, firstSequence));
    TRY(keys_.add(tx, keys.lane, std::move(runs), entries));
    return markSuperseded(tx, keys.lane, std::move(classified.supersededSequences));
}

Result<Appended> Lanes::append(Tx& tx, const PreparedAppend& prepared, std::string_view writer) {
    const LaneId lane = prepared.lane;
    TRY_ASSIGN(const LaneHead head, lock(tx, lane));
    TRY_ASSIGN(auto runs, listRuns(tx, lane));
    TRY_ASSIGN(Classified classified, classify(tx, prepared, runs));
    // Time never goes back within a lane, whatever the clock does: an hour that the lane has passed is final.
    Appended appended{std::move(classified.outcomes), head.nextSequence,
                      static_cast<std::int64_t>(classified.storedRows.size()),
                      std::max(clock_.now(), head.lastStoredAt)};
    if (appended.stored == 0) return appended;

    const bool whole = classified.storedRows.size() == prepared.records.rows();
    std::optional<Records> chosen;
    if (!whole) chosen = prepared.records.gather(classified.storedRows);
    const auto reencoded = whole ? std::vector<Block>() : encodeAll(*chosen, secret_);
    TRY(insertBlocks(tx, lane, appended.firstSequence, appended.storedAt, whole ? prepared.blocks : reencoded));

    TRY_ASSIGN(const auto entries, keyEntries(prepared, classified.storedRows, appended.firstSequence));
    TRY(keys_.add(tx, lane, std::move(runs), entries));
    for (const std::uint32_t position : classified.supersededRows)
        classified.supersededSequences.push_back(appended.firstSequence + position);
    TRY(markSuperseded(tx, lane, std::move(classified.supersededSequences)));

    TRY_ASSIGN(const LaneHead next, insertEntry(tx, lane, head, appended.stored, appended.storedAt, writer,
                                                whole ? prepared.contentHashes : contentHashes(*chosen)));
    TRY(moveHead(tx, lane, next));
    tx.announce(topicOf(lane));
    return appended;
}

}  // namespace meetpoint::store
