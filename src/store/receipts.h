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
};
// Inserts, or gives the one that the client began with the same key.
Result<Upload> openUpload(Tx& tx, const Upload& upload);
Result<void> finishUpload(Tx& tx, const Id& id, Instant at, std::string_view counts);
Result<std::optional<Upload>> findUpload(Tx& tx, const Id& id);

// One chunk of an upload in one lane.
struct Receipt {
    LaneId lane;
    Id uploadId;
    std::int64_t chunk = 0;  // from 0
    Bytes digest;            // SHA-256 of the chunk's records as sent
    std::string outcomes;    // a letter a record that the lane judged, in order
    std::string counts;      // JSON object: outcome → number
    std::string problems;    // JSON array of what was refused: index, line, key, code, pointer
};
Result<std::optional<Receipt>> findReceipt(Tx& tx, LaneId lane, const Id& upload, std::int64_t chunk);
Result<void> insertReceipt(Tx& tx, const Receipt& receipt);
// Of one chunk, in all lanes.
Result<std::vector<Receipt>> listChunkReceipts(Tx& tx, const Id& upload, std::int64_t chunk);
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
