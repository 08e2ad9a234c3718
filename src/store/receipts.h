// Uploads of records and what became of their chunks, runs of reconciliation.
#pragma once

#include "store/keys.h"

namespace meetpoint::store {

struct Upload {
    Id id;
    std::string clientId;
    std::string kind;                           // "calls", "durations"
    std::optional<std::string> idempotencyKey;  // unique per client and kind
    Instant createdAt;
    std::optional<Instant> finishedAt;
    std::string counts;  // JSON object, once finished
    std::optional<Instant> withdrawnAt;
    std::optional<std::string> withdrawnReason;
    std::optional<std::string> declared;  // of durations: JSON object of what was declared of all of them
};
// Inserts, or gives the one that the client began with the same key.
Result<Upload> openUpload(Tx& tx, const Upload& upload);
Result<void> finishUpload(Tx& tx, const Id& id, Instant at, std::string_view counts);
Result<std::optional<Upload>> findUpload(Tx& tx, const Id& id);
// Uploads, newest first, at most `limit`, from behind `after` on: those of a client, or all; of one kind, or all.
struct UploadFilter {
    std::optional<std::string> clientId, kind;
    std::optional<Id> after;
    std::size_t limit = 100;
};
Result<std::vector<Upload>> listUploads(Tx& tx, const UploadFilter& filter);
// Notes that an upload was withdrawn; keeps the instant and the reason of the first time.
Result<void> noteWithdrawal(Tx& tx, const Id& id, Instant at, std::string_view reason);

// One chunk of an upload in one lane.
struct Receipt {
    LaneId lane;
    Id uploadId;
    std::int64_t chunk = 0;  // from 0
    Bytes digest;            // SHA-256 of the chunk's records as sent
    std::string outcomes;    // a letter a record that the lane judged, in order
    std::string counts;      // JSON object: outcome → number
    std::string problems;    // JSON array of what was refused: index, line, key, code, pointer
    // Where in the lane lies what was stored; absent in receipts of before step 14.
    std::optional<std::int64_t> firstSequence;
    std::int64_t storedRows = 0;
    bool isWithdrawn = false;
};
Result<std::optional<Receipt>> findReceipt(Tx& tx, LaneId lane, const Id& upload, std::int64_t chunk);
Result<void> insertReceipt(Tx& tx, const Receipt& receipt);
// Of one chunk, in all lanes.
Result<std::vector<Receipt>> listChunkReceipts(Tx& tx, const Id& upload, std::int64_t chunk);
Result<void> noteReceiptWithdrawn(Tx& tx, const Receipt& receipt);
// All of an upload, by chunk and lane.
Result<std::vector<Receipt>> listReceipts(Tx& tx, const Id& upload);

struct ReconciliationRun {
    std::int64_t shardKey = 0;
    std::int64_t run = 0;  // from 1, per carrier
    Day day;
    Instant startedAt, finishedAt;
    std::int64_t items = 0;
    std::int64_t changed = 0;
    std::string rules;   // JSON: tolerance and the like
    std::string report;  // JSON: counts, totals, diagnosis
};
// The number of the carrier's next run; the caller has locked its lane of items (Lanes::lock).
Result<std::int64_t> nextRun(Tx& tx, std::int64_t shardKey);
Result<void> insertRun(Tx& tx, const ReconciliationRun& run);
// The newest run of each day in [from, to) that is not after run `last`, newest day first.
Result<std::vector<ReconciliationRun>> latestRuns(Tx& tx, std::int64_t shardKey, Day from, Day to,
                                                  std::int64_t last = INT64_MAX);
// All runs of a day, newest first.
Result<std::vector<ReconciliationRun>> listRuns(Tx& tx, std::int64_t shardKey, Day day);

}  // namespace meetpoint::store
