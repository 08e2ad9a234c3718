// Appending to a lane: head row, classification, sequences, blocks, key index, entry.
#include <charconv>

#include "columns/content_hash.h"
#include "store/block_calendar.h"
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
    PreparedAppend prepared{lane, std::move(records), std::move(fingerprints), {}, {}, {}, {}};
    prepared.hashes.resize(prepared.records.rows());
    for (std::size_t row = 0; row < prepared.hashes.size(); ++row)
        prepared.hashes[row] = keyHash(prepared.records, row, secret_);
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

struct Lanes::Classified {
    std::vector<Outcome> outcomes;
    std::vector<std::uint32_t> storedRows;
    std::vector<std::uint32_t> supersededRows;      // positions among the stored ones
    std::vector<std::int64_t> supersededSequences;  // rows that earlier entries stored
};

namespace {

// One version of a key that is known so far: stored before (sequence > 0) or taken from this batch (row >= 0).
struct Known {
    std::int32_t version;
    std::uint32_t fingerprint;
    std::int64_t sequence;
    std::int64_t storedRow;
};

// The index's entries of the rows that are stored, which get their sequences in the order of `storedRows`.
std::vector<KeyEntry> keyEntries(const PreparedAppend& prepared, const std::vector<std::uint32_t>& storedRows,
                                 std::int64_t firstSequence) {
    std::vector<KeyEntry> entries;
    entries.reserve(storedRows.size());
    const auto enter = [&](std::uint32_t row, std::int64_t sequence) {
        entries.push_back(
            {prepared.hashes[row], sequence, versionOf(prepared.records, row), prepared.fingerprints[row]});
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

// Rows whose key's hash neither the index nor another row has: they are new, whatever their key. `found` is sorted by
// hash.
std::vector<bool> aloneOf(const PreparedAppend& prepared, const std::vector<KeyEntry>& found) {
    std::vector<bool> isAlone(prepared.hashes.size(), false);
    const auto hashAt = [&](std::size_t place) { return prepared.hashes[prepared.byHash[place]]; };
    auto known = found.begin();
    for (std::size_t at = 0, end = 0; at < prepared.byHash.size(); at = end) {
        const std::uint64_t hash = hashAt(at);
        for (end = at + 1; end < prepared.byHash.size() && hashAt(end) == hash;)
            ++end;
        while (known != found.end() && known->hash < hash)
            ++known;
        isAlone[prepared.byHash[at]] = end == at + 1 && (known == found.end() || known->hash != hash);
    }
    return isAlone;
}

// A row that takes its record back counts no more itself than the rows before it.
bool isWithdrawal(const Records& records, std::size_t row) {
    const int column = columns::schemaOf(records.kind()).withdrawn;
    return column >= 0 && !records.part(Part::core)[column].isNull(row);
}

Outcome judge(const std::vector<Known>& known, std::int32_t version, std::uint32_t fingerprint) {
    if (known.empty()) return Outcome::created;
    std::int32_t newest = INT32_MIN;
    for (const Known& one : known) {
        if (one.version == version) return one.fingerprint == fingerprint ? Outcome::unchanged : Outcome::conflict;
        newest = std::max(newest, one.version);
    }
    return version > newest ? Outcome::updated : Outcome::outdated;
}

}  // namespace

Result<Lanes::Classified> Lanes::classify(Tx& tx, const PreparedAppend& prepared, std::span<const KeyRun> runs) {
    std::vector<std::uint64_t> sorted;
    sorted.reserve(prepared.hashes.size());
    for (const std::uint32_t row : prepared.byHash)
        if (sorted.empty() || sorted.back() != prepared.hashes[row]) sorted.push_back(prepared.hashes[row]);
    const bool repeats = sorted.size() != prepared.hashes.size();
    TRY_ASSIGN(auto found, keys_.find(tx, prepared.lane, runs, sorted));

    Classified out;
    const std::size_t rows = prepared.records.rows();
    out.outcomes.reserve(rows);
    if (found.empty() && !repeats) {
        out.outcomes.assign(rows, Outcome::created);
        out.storedRows.resize(rows);
        for (std::size_t row = 0; row < rows; ++row)
            out.storedRows[row] = static_cast<std::uint32_t>(row);
        return out;
    }
    const std::vector<bool> isAlone = aloneOf(prepared, found);
    // By the key itself, not by its hash: two keys may share one.
    std::unordered_map<std::string, std::vector<Known>> known;
    std::ranges::sort(found, {}, &KeyEntry::sequence);
    StoredKeys storedKeys(tx, prepared.lane, recentKeys_);
    for (const KeyEntry& entry : found) {
        TRY_ASSIGN(const std::string key, storedKeys.at(entry.sequence));
        known[key].push_back({entry.version, entry.fingerprint, entry.sequence, -1});
    }
    for (std::size_t row = 0; row < rows; ++row) {
        if (isAlone[row]) {
            out.outcomes.push_back(Outcome::created);
            out.storedRows.push_back(static_cast<std::uint32_t>(row));
            continue;
        }
        const std::int32_t version = versionOf(prepared.records, row);
        auto& versions = known[std::string(textOf(keyBytes(prepared.records, row)))];
        const Outcome outcome = judge(versions, version, prepared.fingerprints[row]);
        out.outcomes.push_back(outcome);
        if (outcome == Outcome::unchanged || outcome == Outcome::conflict) continue;
        const auto storedRow = static_cast<std::int64_t>(out.storedRows.size());
        out.storedRows.push_back(static_cast<std::uint32_t>(row));
        if (outcome == Outcome::outdated) out.supersededRows.push_back(static_cast<std::uint32_t>(storedRow));
        if (outcome == Outcome::updated) {
            for (const Known& older : versions) {
                if (older.storedRow >= 0)
                    out.supersededRows.push_back(static_cast<std::uint32_t>(older.storedRow));
                else
                    out.supersededSequences.push_back(older.sequence);
            }
        }
        if (isWithdrawal(prepared.records, row)) out.supersededRows.push_back(static_cast<std::uint32_t>(storedRow));
        versions.push_back({version, prepared.fingerprints[row], 0, storedRow});
    }
    return out;
}

Result<void> Lanes::insertBlocks(Tx& tx, LaneId lane, std::int64_t firstSequence, Instant storedAt,
                                 const std::vector<Block>& blocks) {
    RowBatch directory{"blocks",
                       {"shard_key", "kind", "first_sequence", "row_count", "day", "min_time", "max_time", "answered",
                        "duration_ms", "filter", "calendar_days"},
                       {}};
    std::vector<PlacedBlock> placed;
    for (const Block& block : blocks) {
        directory.rows.push_back({lane.shardKey, lane.kindNumber(), firstSequence, block.rows, dayOf(storedAt).number,
                                  block.minTime, block.maxTime, block.answered, block.durationMs, filterInDirectory,
                                  calendarDaysOf(block)});
        placed.push_back({firstSequence, dayOf(storedAt), &block});
        firstSequence += static_cast<std::int64_t>(block.rows);
    }
    TRY(tx.copyIn(directory));
    TRY(enterCalendar(tx, lane, placed));
    TRY(enterFilters(tx, lane, placed));
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
    TRY(keys_.add(tx, keys.lane, std::move(runs), keyEntries(keys, classified.storedRows, firstSequence)));
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

    TRY(keys_.add(tx, lane, std::move(runs), keyEntries(prepared, classified.storedRows, appended.firstSequence)));
    for (const std::uint32_t position : classified.supersededRows)
        classified.supersededSequences.push_back(appended.firstSequence + position);
    TRY(markSuperseded(tx, lane, std::move(classified.supersededSequences)));

    TRY_ASSIGN(const LaneHead next, insertEntry(tx, lane, head, appended.stored, appended.storedAt, writer,
                                                whole ? prepared.contentHashes : contentHashes(*chosen)));
    TRY(moveHead(tx, lane, next));
    const Records& stored = whole ? prepared.records : *chosen;
    auto keys = std::make_shared<const RecentKeys::Stretch>(
        RecentKeys::Stretch{appended.firstSequence, stored.part(Part::core)[columns::schemaOf(lane.kind).key]});
    tx.onCommit([this, lane, keys = std::move(keys)]() mutable { recentKeys_.keep(lane, std::move(keys)); });
    tx.announce(topicOf(lane));
    return appended;
}

}  // namespace meetpoint::store
