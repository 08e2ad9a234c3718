// Delivery statements: what a feed held of each hour of storing. And the entries that they are made from. Every
// function runs inside the caller's transaction.
#pragma once

#include <array>
#include <optional>

#include "base/hash.h"
#include "store/keys.h"

namespace meetpoint::store {

// The sum modulo 2^128 of the first 16 bytes, as a big-endian number, of SHA-256 of each record's canonical JSON;
// itself big-endian.
using StatementHash = std::array<std::uint8_t, 16>;

// One hour of a lane in which something was stored.
struct Statement {
    LaneId lane;
    Instant hour;  // its beginning
    std::int64_t firstSequence = 0;
    std::int64_t lastSequence = 0;
    std::optional<std::int64_t> durationMs;  // of all its records, where they have durations
    StatementHash contentHash{};
    Sha256 chainHead{};  // the hash of the hour's last entry
};
Result<void> insertStatement(Tx& tx, const Statement& statement);
// At most `limit` whose hours begin in [from, to), in order.
Result<std::vector<Statement>> listStatements(Tx& tx, LaneId lane, Instant from, Instant to, std::size_t limit);
Result<std::optional<Statement>> lastStatement(Tx& tx, LaneId lane);

// One commit to a lane.
struct StoredEntry {
    std::int64_t first = 0;
    std::int64_t rows = 0;
    Instant storedAt;
    Sha256 ownHash{};
};
// The entry that holds a sequence; nothing where the lane has none, or keeps it no longer.
Result<std::optional<StoredEntry>> entryAt(Tx& tx, LaneId lane, std::int64_t sequence);
// At most `limit` entries whose first sequence is at least `sequence`, in order.
Result<std::vector<StoredEntry>> listEntries(Tx& tx, LaneId lane, std::int64_t sequence, std::size_t limit);

}  // namespace meetpoint::store
