#include "store/lane_verifier.h"

#include <fmt/format.h>

#include "columns/content_hash.h"
#include "store/block_calendar.h"

namespace meetpoint::store {
namespace {

using columns::HashRule;
using columns::Part;
using columns::Records;

constexpr std::size_t faultsKept = 100;

struct StoredEntry {
    std::int64_t first = 0, rows = 0;
    Instant storedAt;
    std::string writer;
    Bytes columnCounts, contentHashes, previousHash, ownHash;
};

// Whether the calendar has a block in exactly the minutes in which its records lie.
Result<bool> isWhereItsRecordsAre(Tx& tx, LaneId lane, const BlockPlace& block, const Records& records,
                                  std::optional<std::int64_t> calendarDays) {
    const auto expected =
        columns::calendarOf(records.part(Part::core)[columns::schemaOf(lane.kind).time].as<std::int64_t>());
    if (!calendarDays) return true;  // found by its first and last time
    if (expected.empty() || *calendarDays != static_cast<std::int64_t>(expected.size())) return false;
    std::vector<columns::DayMinutes> stored;
    const Day end{expected.back().day.number + 1};
    TRY(listCalendar(tx, lane, expected.front().day, end, [&](CalendarEntry entry) {
        if (entry.block == block) stored.push_back({entry.day, entry.minutes});
    }));
    return stored == expected;
}

// Hands out the records of [first, first + count) by walking the blocks forward.
class RecordWalk {
public:
    RecordWalk(Tx& tx, LaneId lane, const KeyedHash& secret) : tx_(tx), lane_(lane), secret_(secret) {}

    // Blocks that were passed and that the calendar does not show where their records are.
    const std::vector<std::int64_t>& misplaced() const { return misplaced_; }
    // Blocks whose own numbers are in other rows than its filters say.
    const std::vector<std::int64_t>& misnumbered() const { return misnumbered_; }

    Result<Records> take(std::int64_t first, std::int64_t count) {
        std::optional<Records> out;
        while (count > 0) {
            if (!block_ || first >= first_ + static_cast<std::int64_t>(block_->rows())) TRY(load(first));
            const auto offset = static_cast<std::size_t>(first - first_);
            const std::size_t part = std::min<std::size_t>(static_cast<std::size_t>(count), block_->rows() - offset);
            Records slice = block_->slice(offset, part);
            out ? out->append(slice) : void(out.emplace(std::move(slice)));
            first += static_cast<std::int64_t>(part);
            count -= static_cast<std::int64_t>(part);
        }
        return std::move(*out);
    }

private:
    Result<void> load(std::int64_t sequence) {
        std::int64_t first = -1, rows = 0;
        std::optional<std::int64_t> calendarDays;
        Bytes ownNumbers;
        TRY(tx_.query(
            "SELECT first_sequence, row_count, calendar_days, (SELECT own_numbers FROM block_filters AS beside "
            "WHERE beside.shard_key = $1 AND beside.kind = $2 AND beside.first_sequence = "
            "blocks.first_sequence AND beside.row_count = blocks.row_count) FROM blocks WHERE shard_key = $1 "
            "AND kind = $2 AND first_sequence <= $3 ORDER BY first_sequence DESC LIMIT 1",
            {lane_.shardKey, lane_.kindNumber(), sequence}, [&](const Row& row) {
                first = row.integer(0);
                rows = row.integer(1);
                if (!row.isNull(2)) calendarDays = row.integer(2);
                ownNumbers.assign(row.bytes(3).begin(), row.bytes(3).end());
            }));
        if (first < 0 || sequence >= first + rows)
            return fail(corrupt(fmt::format("no block holds sequence {}", sequence)));
        TRY_ASSIGN(block_, readBlock(tx_, lane_, first, PartSet::all()));
        if (static_cast<std::int64_t>(block_->rows()) != rows)
            return fail(corrupt(
                fmt::format("block {} holds {} records, its directory row says {}", first, block_->rows(), rows)));
        first_ = first;
        TRY_ASSIGN(const bool isFound, isWhereItsRecordsAre(tx_, lane_, {first, rows}, *block_, calendarDays));
        if (!isFound) misplaced_.push_back(first);
        const bool isTold = !ownNumbers.empty();
        if (isTold && ownNumbers != columns::ownNumbersOf(*block_, secret_)) misnumbered_.push_back(first);
        return {};
    }

    Tx& tx_;
    LaneId lane_;
    const KeyedHash& secret_;
    std::vector<std::int64_t> misplaced_, misnumbered_;
    std::int64_t first_ = 0;
    std::optional<Records> block_;
};

// By which rule an entry was hashed; nothing if none that is known. Entries from before there were rules name none.
std::optional<HashRule> ruleOf(ByteView columnCounts) {
    if (columnCounts.size() == columns::partCount) return HashRule::everyColumn;
    if (columnCounts.size() != columns::partCount + 1) return std::nullopt;
    const auto rule = static_cast<HashRule>(columnCounts.back());
    return rule == HashRule::filledColumns ? std::optional(rule) : std::nullopt;
}

Bytes hashesOf(const Records& records, ByteView columnCounts, HashRule rule) {
    Bytes out;
    for (std::size_t i = 0; i < columns::partCount; ++i) {
        const auto part = static_cast<Part>(i);
        const Sha256 hash =
            records.has(part) ? columns::contentHash(records.part(part), columnCounts[i], rule) : Sha256{};
        out.insert(out.end(), hash.begin(), hash.end());
    }
    return out;
}

Result<std::vector<StoredEntry>> entriesOf(Tx& tx, LaneId lane) {
    std::vector<StoredEntry> entries;
    const auto copy = [](ByteView bytes) { return Bytes(bytes.begin(), bytes.end()); };
    TRY(tx.query(
        "SELECT first_sequence, row_count, stored_at, writer, column_counts, content_hashes, previous_hash, own_hash "
        "FROM entries "
        "WHERE shard_key = $1 AND kind = $2 ORDER BY first_sequence",
        {lane.shardKey, lane.kindNumber()}, [&](const Row& row) {
            entries.push_back({row.integer(0), row.integer(1), row.instant(2), std::string(row.text(3)),
                               copy(row.bytes(4)), copy(row.bytes(5)), copy(row.bytes(6)), copy(row.bytes(7))});
        }));
    return entries;
}

}  // namespace

Result<LaneProof> verifyLane(Tx& tx, const Lanes& lanes, LaneId lane) {
    LaneProof proof;
    proof.lane = lane;
    const auto fault = [&](std::string what) {
        if (proof.faults.size() < faultsKept) proof.faults.push_back(std::move(what));
    };
    TRY_ASSIGN(const auto entries, entriesOf(tx, lane));
    TRY_ASSIGN(const LaneHead head, lanes.head(tx, lane));
    RecordWalk walk(tx, lane, lanes.secret());
    Sha256 previous{};
    std::int64_t expected = 1;
    Instant lastStored{INT64_MIN};
    std::vector<std::pair<std::uint64_t, std::int32_t>> versions;
    for (const StoredEntry& entry : entries) {
        if (entry.first != expected)
            fault(fmt::format("sequence {} follows {}: records are missing or doubled", entry.first, expected - 1));
        if (entry.storedAt < lastStored)
            fault(fmt::format("entry {} was stored before the one that precedes it", entry.first));
        if (!std::ranges::equal(entry.previousHash, previous))
            fault(fmt::format("entry {} does not name the hash of the one before it", entry.first));
        const Sha256 own = entryHash({lane, entry.first, entry.rows, entry.storedAt, entry.writer, entry.columnCounts,
                                      entry.contentHashes, entry.previousHash});
        if (!std::ranges::equal(entry.ownHash, own))
            fault(fmt::format("entry {} was changed after it was written", entry.first));
        const auto records = walk.take(entry.first, entry.rows);
        if (!records) {
            fault(records.error().message);
        } else {
            const auto rule = ruleOf(entry.columnCounts);
            if (!rule || hashesOf(*records, entry.columnCounts, *rule) != entry.contentHashes)
                fault(fmt::format("the records of entry {} are not those that were stored", entry.first));
            for (std::size_t row = 0; row < records->rows(); ++row)
                versions.emplace_back(keyHash(*records, row, lanes.secret()), versionOf(*records, row));
        }
        std::ranges::copy(entry.ownHash.size() == previous.size() ? ByteView(entry.ownHash) : ByteView(own),
                          previous.begin());
        lastStored = entry.storedAt;
        expected = entry.first + entry.rows;
        proof.records += entry.rows;
        ++proof.entries;
    }
    for (const std::int64_t first : walk.misplaced())
        fault(fmt::format("the calendar does not show block {} where its records are", first));
    for (const std::int64_t first : walk.misnumbered())
        fault(fmt::format("the filters of block {} show own numbers in other rows than they are", first));
    if (head.nextSequence != expected)
        fault(fmt::format("the head says {} comes next, the entries say {}", head.nextSequence, expected));
    if (head.lastHash != previous) fault("the head does not name the last entry's hash");
    std::ranges::sort(versions);
    if (std::ranges::adjacent_find(versions) != versions.end())
        fault("a record of the same key and version is stored twice");
    for (std::size_t i = 0; i < versions.size(); ++i)
        proof.distinctKeys += i == 0 || versions[i].first != versions[i - 1].first;
    proof.head = previous;
    return proof;
}

}  // namespace meetpoint::store
