#include "store/receipts.h"

#include "store/conditions.h"

namespace meetpoint::store {
namespace {

Upload readUpload(const Row& row) {
    return {row.id(0),           std::string(row.text(1)), std::string(row.text(2)), row.optionalText(3),
            row.instant(4),      row.optionalInstant(5),   std::string(row.text(6)), row.optionalInstant(7),
            row.optionalText(8), row.optionalText(9)};
}
constexpr const char* selectUploads =
    "SELECT id, client_id, kind, idempotency_key, created_at, finished_at, counts, withdrawn_at, withdrawn_reason, "
    "declared FROM uploads ";

Receipt readReceipt(const Row& row) {
    return {{row.integer(0), static_cast<columns::LaneKind>(row.integer(1))},
            row.id(2),
            row.integer(3),
            Bytes(row.bytes(4).begin(), row.bytes(4).end()),
            std::string(row.text(5)),
            std::string(row.text(6)),
            std::string(row.text(7)),
            row.isNull(8) ? std::nullopt : std::optional(row.integer(8)),
            row.integer(9),
            row.integer(10) != 0};
}
constexpr const char* selectReceipts =
    "SELECT shard_key, kind, upload_id, chunk, digest, outcomes, counts, problems, first_sequence, stored_rows, "
    "withdrawn FROM receipts ";

ReconciliationRun readRun(const Row& row) {
    return {row.integer(0), row.integer(1),           {static_cast<std::int32_t>(row.integer(2))},
            row.instant(3), row.instant(4),           row.integer(5),
            row.integer(6), std::string(row.text(7)), std::string(row.text(8))};
}
constexpr const char* selectRuns =
    "SELECT shard_key, run, day, started_at, finished_at, items, changed, rules, report FROM reconciliation_runs ";

}  // namespace

Result<Upload> openUpload(Tx& tx, const Upload& upload) {
    TRY(tx.execute(
        "INSERT INTO uploads (id, client_id, kind, idempotency_key, created_at, counts, declared) VALUES "
        "($1, $2, $3, $4, $5, '{}', $6) "
        "ON CONFLICT (client_id, kind, idempotency_key) DO NOTHING",
        {upload.id, upload.clientId, upload.kind, upload.idempotencyKey, upload.createdAt, upload.declared}));
    std::optional<Upload> stored;
    TRY(tx.query(
        std::string(selectUploads) + "WHERE id = $1 OR (client_id = $2 AND kind = $3 AND idempotency_key = $4)",
        {upload.id, upload.clientId, upload.kind, upload.idempotencyKey},
        [&](const Row& row) { stored = readUpload(row); }));
    if (!stored) return fail(internalError("an upload that was just opened is not there"));
    return *stored;
}

Result<void> finishUpload(Tx& tx, const Id& id, Instant at, std::string_view counts) {
    TRY(tx.execute("UPDATE uploads SET finished_at = $2, counts = $3 WHERE id = $1", {id, at, counts}));
    return {};
}

Result<std::optional<Upload>> findUpload(Tx& tx, const Id& id) {
    std::optional<Upload> found;
    TRY(tx.query(std::string(selectUploads) + "WHERE id = $1", {id}, [&](const Row& row) { found = readUpload(row); }));
    return found;
}

Result<std::vector<Upload>> listUploads(Tx& tx, const UploadFilter& filter) {
    std::vector<Upload> uploads;
    Conditions conditions;
    conditions.addEqual("client_id", filter.clientId);
    conditions.addEqual("kind", filter.kind);
    if (filter.after) conditions.add("id < " + conditions.next(*filter.after));
    const std::string page = " ORDER BY id DESC LIMIT " + conditions.next(filter.limit);
    TRY(tx.query(std::string(selectUploads) + conditions.where() + page, conditions.values(),
                 [&](const Row& row) { uploads.push_back(readUpload(row)); }));
    return uploads;
}

Result<void> noteWithdrawal(Tx& tx, const Id& id, Instant at, std::string_view reason) {
    TRY(tx.execute("UPDATE uploads SET withdrawn_at = $2, withdrawn_reason = $3 WHERE id = $1 AND withdrawn_at IS NULL",
                   {id, at, reason}));
    return {};
}

Result<std::optional<Receipt>> findReceipt(Tx& tx, LaneId lane, const Id& upload, std::int64_t chunk) {
    std::optional<Receipt> found;
    TRY(tx.query(std::string(selectReceipts) + "WHERE shard_key = $1 AND kind = $2 AND upload_id = $3 AND chunk = $4",
                 {lane.shardKey, lane.kindNumber(), upload, chunk}, [&](const Row& row) { found = readReceipt(row); }));
    return found;
}

Result<void> insertReceipt(Tx& tx, const Receipt& receipt) {
    return tx.executeLater(
        "INSERT INTO receipts (shard_key, kind, upload_id, chunk, digest, outcomes, counts, problems, first_sequence, "
        "stored_rows) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        {receipt.lane.shardKey, receipt.lane.kindNumber(), receipt.uploadId, receipt.chunk, receipt.digest,
         receipt.outcomes, receipt.counts, receipt.problems, receipt.firstSequence, receipt.storedRows});
}

Result<void> noteReceiptWithdrawn(Tx& tx, const Receipt& receipt) {
    return tx.executeLater(
        "UPDATE receipts SET withdrawn = 1 WHERE shard_key = $1 AND kind = $2 AND upload_id = $3 AND chunk = $4",
        {receipt.lane.shardKey, receipt.lane.kindNumber(), receipt.uploadId, receipt.chunk});
}

Result<std::vector<Receipt>> listChunkReceipts(Tx& tx, const Id& upload, std::int64_t chunk) {
    std::vector<Receipt> receipts;
    TRY(tx.query(std::string(selectReceipts) + "WHERE upload_id = $1 AND chunk = $2 ORDER BY shard_key",
                 {upload, chunk}, [&](const Row& row) { receipts.push_back(readReceipt(row)); }));
    return receipts;
}

Result<std::vector<Receipt>> listReceipts(Tx& tx, const Id& upload) {
    std::vector<Receipt> receipts;
    TRY(tx.query(std::string(selectReceipts) + "WHERE upload_id = $1 ORDER BY chunk, shard_key", {upload},
                 [&](const Row& row) { receipts.push_back(readReceipt(row)); }));
    return receipts;
}

Result<std::int64_t> nextRun(Tx& tx, std::int64_t shardKey) {
    std::int64_t next = 1;
    TRY(tx.query("SELECT COALESCE(MAX(run), 0) + 1 FROM reconciliation_runs WHERE shard_key = $1", {shardKey},
                 [&](const Row& row) { next = row.integer(0); }));
    return next;
}

Result<void> insertRun(Tx& tx, const ReconciliationRun& run) {
    TRY(tx.execute(
        "INSERT INTO reconciliation_runs (shard_key, run, day, started_at, finished_at, items, changed, rules, report) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        {run.shardKey, run.run, run.day.number, run.startedAt, run.finishedAt, run.items, run.changed, run.rules,
         run.report}));
    return {};
}

Result<std::vector<ReconciliationRun>> latestRuns(Tx& tx, std::int64_t shardKey, Day from, Day to, std::int64_t last) {
    std::vector<ReconciliationRun> runs;
    TRY(tx.query(
        std::string(selectRuns) +
            "AS r WHERE shard_key = $1 AND day >= $2 AND day < $3 AND run = (SELECT MAX(run) FROM "
            "reconciliation_runs AS newer WHERE newer.shard_key = $1 AND newer.day = r.day AND newer.run <= $4) "
            "ORDER BY day DESC",
        {shardKey, from.number, to.number, last}, [&](const Row& row) { runs.push_back(readRun(row)); }));
    return runs;
}

Result<std::vector<ReconciliationRun>> listRuns(Tx& tx, std::int64_t shardKey, Day day) {
    std::vector<ReconciliationRun> runs;
    TRY(tx.query(std::string(selectRuns) + "WHERE shard_key = $1 AND day = $2 ORDER BY run DESC",
                 {shardKey, day.number}, [&](const Row& row) { runs.push_back(readRun(row)); }));
    return runs;
}

}  // namespace meetpoint::store
