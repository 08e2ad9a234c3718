// Exports: what somebody has asked to be written out, how far that is, and what is written of it, in chunks of bounded
// size. They lie beside the lanes of the carrier that asked; those of other parties at shard key 0. Every function
// runs inside the caller's transaction.
#pragma once

#include <optional>
#include <vector>

#include "base/hash.h"
#include "domain/access.h"
#include "store/db.h"

namespace meetpoint::store {

enum class ExportState : std::uint8_t {
    queued,
    running,
    succeeded,
    failed,
    cancelled,
    expired,
    removed,  // by its party: nobody sees it any more, and its chunks are on their way out
};
std::string_view name(ExportState state);
inline bool isOpen(ExportState state) {
    return state == ExportState::queued || state == ExportState::running;
}

struct ExportKey {
    std::int64_t shardKey = 0;
    Id id;
    auto operator<=>(const ExportKey&) const = default;
};

// Who an export belongs to: a carrier, a tenant, or all clients of the role where neither is named.
struct ExportParty {
    std::int64_t shardKey = 0;
    domain::Role role = domain::Role::auditor;
    std::optional<Id> carrierId, tenantId;
    bool operator==(const ExportParty&) const = default;
};

struct Export {
    Id id;
    ExportParty party;
    std::string clientId;                       // that asked
    std::optional<std::string> idempotencyKey;  // unique per client
    Bytes digest;                               // of what was asked
    std::string request = "{}";                 // JSON object: what was asked (exchange/export_text.h)
    ExportState state = ExportState::queued;
    Instant createdAt;
    std::optional<Instant> startedAt, finishedAt;
    std::optional<Instant> expiresAt;  // when what is written is kept no longer, or, past that, this row
    std::int64_t rows = 0, bytes = 0;  // written so far
    std::optional<Bytes> position;     // behind the last record that is written; none before the first page
    std::optional<Instant> searchedUpTo;
    bool isWritten = false;        // to the end; what is left is the hash
    std::optional<Sha256> sha256;  // of all bytes, once it has succeeded
    std::optional<std::string> failureCode, failureMessage;

    ExportKey key() const { return {party.shardKey, id}; }
};

Result<void> insertExport(Tx& tx, const Export& job);
// Stores state, times, counts, position and what came of it, where it still is in the state `seen`. False: it is not.
Result<bool> updateExport(Tx& tx, const Export& job, ExportState seen);
Result<std::optional<Export>> findExport(Tx& tx, const ExportKey& key);
// Wherever it lies; for transactions that write nothing.
Result<std::optional<Export>> findExportAnywhere(Tx& tx, const Id& id);
// The one that the client asked for with that key.
Result<std::optional<Export>> findExportByKey(Tx& tx, std::int64_t shardKey, std::string_view clientId,
                                              std::string_view idempotencyKey);
// A party's, the newest first, from those made before `before` on; none that were removed.
Result<std::vector<Export>> listExports(Tx& tx, const ExportParty& party, const std::optional<Id>& before,
                                        std::size_t limit);
// How many of a party's are queued or running.
Result<std::int64_t> countOpenExports(Tx& tx, const ExportParty& party);
// Where there is something to do: those that are queued or running, that were removed, or that have expired by `now`;
// the oldest first, of all shard keys.
Result<std::vector<ExportKey>> listDueExports(Tx& tx, Instant now, std::size_t limit);
// The row itself; its chunks must be gone before.
Result<void> deleteExport(Tx& tx, const ExportKey& key);

struct ExportChunk {
    std::int64_t firstByte = 0;
    Bytes content;
};
Result<void> insertExportChunk(Tx& tx, const ExportKey& key, std::int64_t firstByte, ByteView content);
// The chunk in which a byte lies; nothing behind the end.
Result<std::optional<ExportChunk>> readExportChunk(Tx& tx, const ExportKey& key, std::int64_t byte);
// At most so many, the last ones first. Gives how many there were.
Result<std::int64_t> deleteExportChunks(Tx& tx, const ExportKey& key, std::size_t limit);

}  // namespace meetpoint::store
