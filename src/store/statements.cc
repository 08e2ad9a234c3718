#include "store/statements.h"

#include <algorithm>

namespace meetpoint::store {
namespace {

template <class Hash>
void readHash(ByteView bytes, Hash& hash) {
    if (bytes.size() == hash.size()) std::ranges::copy(bytes, hash.begin());
}

Statement readStatement(LaneId lane, const Row& row) {
    Statement statement{lane, row.instant(0), row.integer(1), row.integer(2), {}, {}, {}};
    if (!row.isNull(3)) statement.durationMs = row.integer(3);
    readHash(row.bytes(4), statement.contentHash);
    readHash(row.bytes(5), statement.chainHead);
    return statement;
}

StoredEntry readEntry(const Row& row) {
    StoredEntry entry{row.integer(0), row.integer(1), row.instant(2), {}};
    readHash(row.bytes(3), entry.ownHash);
    return entry;
}

}  // namespace

Result<void> insertStatement(Tx& tx, const Statement& statement) {
    const Value none = Value::absent(Value::Type::integer);
    TRY(tx.execute(
        "INSERT INTO delivery_statements (shard_key, kind, hour, first_sequence, last_sequence, duration_ms, "
        "content_hash, chain_head) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        {statement.lane.shardKey, statement.lane.kindNumber(), statement.hour, statement.firstSequence,
         statement.lastSequence, statement.durationMs ? Value(*statement.durationMs) : none,
         ByteView(statement.contentHash), ByteView(statement.chainHead)}));
    return {};
}

Result<std::vector<Statement>> listStatements(Tx& tx, LaneId lane, Instant from, Instant to, std::size_t limit) {
    std::vector<Statement> statements;
    TRY(tx.query(
        "SELECT hour, first_sequence, last_sequence, duration_ms, content_hash, chain_head FROM delivery_statements "
        "WHERE shard_key = $1 AND kind = $2 AND hour >= $3 AND hour < $4 ORDER BY hour LIMIT $5",
        {lane.shardKey, lane.kindNumber(), from, to, static_cast<std::int64_t>(limit)},
        [&](const Row& row) { statements.push_back(readStatement(lane, row)); }));
    return statements;
}

Result<std::optional<Statement>> lastStatement(Tx& tx, LaneId lane) {
    std::optional<Statement> statement;
    TRY(tx.query(
        "SELECT hour, first_sequence, last_sequence, duration_ms, content_hash, chain_head FROM delivery_statements "
        "WHERE shard_key = $1 AND kind = $2 ORDER BY hour DESC LIMIT 1",
        {lane.shardKey, lane.kindNumber()}, [&](const Row& row) { statement = readStatement(lane, row); }));
    return statement;
}

Result<std::optional<StoredEntry>> entryAt(Tx& tx, LaneId lane, std::int64_t sequence) {
    std::optional<StoredEntry> entry;
    TRY(tx.query(
        "SELECT first_sequence, row_count, stored_at, own_hash FROM entries WHERE shard_key = $1 AND kind = $2 "
        "AND first_sequence <= $3 ORDER BY first_sequence DESC LIMIT 1",
        {lane.shardKey, lane.kindNumber(), sequence}, [&](const Row& row) { entry = readEntry(row); }));
    if (entry && sequence >= entry->first + entry->rows) entry.reset();
    return entry;
}

Result<std::vector<StoredEntry>> listEntries(Tx& tx, LaneId lane, std::int64_t sequence, std::size_t limit) {
    std::vector<StoredEntry> entries;
    TRY(tx.query(
        "SELECT first_sequence, row_count, stored_at, own_hash FROM entries WHERE shard_key = $1 AND kind = $2 "
        "AND first_sequence >= $3 ORDER BY first_sequence LIMIT $4",
        {lane.shardKey, lane.kindNumber(), sequence, static_cast<std::int64_t>(limit)}, [&](const Row& row) {
            StoredEntry entry{row.integer(0), row.integer(1), row.instant(2), {}};
            readHash(row.bytes(3), entry.ownHash);
            entries.push_back(entry);
        }));
    return entries;
}

}  // namespace meetpoint::store
