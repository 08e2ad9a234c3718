#include "store/exports.h"

#include <algorithm>
#include <array>

namespace meetpoint::store {
namespace {

constexpr std::array<std::string_view, 7> stateNames{"queued",    "running", "succeeded", "failed",
                                                     "cancelled", "expired", "removed"};

Result<ExportState> readState(std::string_view word) {
    const auto found = std::ranges::find(stateNames, word);
    if (found == stateNames.end()) return fail(corrupt("an export has an unknown state"));
    return static_cast<ExportState>(found - stateNames.begin());
}

constexpr std::string_view selectExports =
    "SELECT shard_key, id, role, carrier_id, tenant_id, client_id, idempotency_key, digest, request, state, "
    "created_at, "
    "started_at, finished_at, expires_at, row_count, byte_count, position, searched_up_to, is_written, sha256, "
    "failure_code, failure_message FROM exports ";

Bytes bytesAt(const Row& row, int column) {
    return {row.bytes(column).begin(), row.bytes(column).end()};
}

Result<Export> readExport(const Row& row) {
    Export job;
    const auto role = domain::readRole(row.text(2));
    if (!role) return fail(corrupt("an export has an unknown role"));
    job.party = {row.integer(0), *role, row.optionalId(3), row.optionalId(4)};
    job.id = row.id(1);
    job.clientId = row.text(5);
    job.idempotencyKey = row.optionalText(6);
    job.digest = bytesAt(row, 7);
    job.request = row.text(8);
    TRY_ASSIGN(job.state, readState(row.text(9)));
    job.createdAt = row.instant(10);
    job.startedAt = row.optionalInstant(11);
    job.finishedAt = row.optionalInstant(12);
    job.expiresAt = row.optionalInstant(13);
    job.rows = row.integer(14);
    job.bytes = row.integer(15);
    if (!row.isNull(16)) job.position = bytesAt(row, 16);
    job.searchedUpTo = row.optionalInstant(17);
    job.isWritten = row.integer(18) != 0;
    job.failureCode = row.optionalText(20);
    job.failureMessage = row.optionalText(21);
    if (row.isNull(19)) return job;
    if (row.bytes(19).size() != Sha256{}.size()) return fail(corrupt("an export has a hash of the wrong length"));
    std::ranges::copy(row.bytes(19), job.sha256.emplace().begin());
    return job;
}

Result<std::vector<Export>> exports(Tx& tx, std::string_view rest, std::initializer_list<Value> parameters) {
    std::vector<Export> found;
    Result<void> read;
    TRY(tx.query(std::string(selectExports) + std::string(rest), parameters, [&](const Row& row) {
        auto job = readExport(row);
        if (job)
            found.push_back(std::move(*job));
        else
            read = fail(std::move(job).error());
    }));
    TRY(read);
    return found;
}

Result<std::optional<Export>> onlyOne(Result<std::vector<Export>> found) {
    if (!found) return fail(std::move(found).error());
    return found->empty() ? std::nullopt : std::optional(std::move(found->front()));
}

Value bytesOrNull(const std::optional<Bytes>& bytes) {
    return bytes ? Value(*bytes) : Value::absent(Value::Type::bytes);
}
Value hashOrNull(const std::optional<Sha256>& hash) {
    return hash ? Value(ByteView(*hash)) : Value::absent(Value::Type::bytes);
}

}  // namespace

std::string_view name(ExportState state) {
    return stateNames[static_cast<std::size_t>(state)];
}

Result<void> insertExport(Tx& tx, const Export& job) {
    return tx.executeLater(
        "INSERT INTO exports (shard_key, id, role, carrier_id, tenant_id, client_id, idempotency_key, digest, request, "
        "state, created_at, row_count, byte_count, is_written) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0, 0)",
        {job.party.shardKey, job.id, domain::name(job.party.role), job.party.carrierId, job.party.tenantId,
         job.clientId, job.idempotencyKey, job.digest, job.request, name(job.state), job.createdAt});
}

Result<bool> updateExport(Tx& tx, const Export& job, ExportState seen) {
    TRY_ASSIGN(const std::int64_t changed,
               tx.execute("UPDATE exports SET state = $3, started_at = $4, finished_at = $5, expires_at = $6, "
                          "row_count = $7, byte_count = $8, position = $9, searched_up_to = $10, is_written = $11, "
                          "sha256 = $12, failure_code = $13, failure_message = $14 "
                          "WHERE shard_key = $1 AND id = $2 AND state = $15",
                          {job.party.shardKey, job.id, name(job.state), job.startedAt, job.finishedAt, job.expiresAt,
                           job.rows, job.bytes, bytesOrNull(job.position), job.searchedUpTo, job.isWritten ? 1 : 0,
                           hashOrNull(job.sha256), job.failureCode, job.failureMessage, name(seen)}));
    return changed == 1;
}

Result<std::optional<Export>> findExport(Tx& tx, const ExportKey& key) {
    return onlyOne(exports(tx, "WHERE shard_key = $1 AND id = $2", {key.shardKey, key.id}));
}

Result<std::optional<Export>> findExportAnywhere(Tx& tx, const Id& id) {
    return onlyOne(exports(tx, "WHERE id = $1", {id}));
}

Result<std::optional<Export>> findExportByKey(Tx& tx, std::int64_t shardKey, std::string_view clientId,
                                              std::string_view idempotencyKey) {
    return onlyOne(exports(tx, "WHERE shard_key = $1 AND client_id = $2 AND idempotency_key = $3",
                           {shardKey, clientId, idempotencyKey}));
}

Result<std::vector<Export>> listExports(Tx& tx, const ExportParty& party, const std::optional<Id>& before,
                                        std::size_t limit) {
    return exports(tx,
                   "WHERE shard_key = $1 AND role = $2 AND ($3 IS NULL OR carrier_id = $3) AND ($4 IS NULL OR "
                   "tenant_id = $4) AND ($5 IS NULL OR id < $5) AND state <> 'removed' ORDER BY id DESC LIMIT $6",
                   {party.shardKey, domain::name(party.role), party.carrierId, party.tenantId, before, limit});
}

Result<std::int64_t> countOpenExports(Tx& tx, const ExportParty& party) {
    std::int64_t count = 0;
    TRY(
        tx.query("SELECT COUNT(*) FROM exports WHERE shard_key = $1 AND role = $2 AND ($3 IS NULL OR carrier_id = $3) "
                 "AND ($4 IS NULL OR tenant_id = $4) AND (state = 'queued' OR state = 'running')",
                 {party.shardKey, domain::name(party.role), party.carrierId, party.tenantId},
                 [&](const Row& row) { count = row.integer(0); }));
    return count;
}

Result<std::vector<ExportKey>> listDueExports(Tx& tx, Instant now, std::size_t limit) {
    std::vector<ExportKey> keys;
    TRY(tx.query(
        "SELECT shard_key, id FROM exports WHERE state = 'queued' OR state = 'running' OR state = 'removed' OR "
        "expires_at <= $1 ORDER BY created_at, id LIMIT $2",
        {now, limit}, [&](const Row& row) {
            keys.push_back({row.integer(0), row.id(1)});
        }));
    return keys;
}

Result<void> deleteExport(Tx& tx, const ExportKey& key) {
    return tx.executeLater("DELETE FROM exports WHERE shard_key = $1 AND id = $2", {key.shardKey, key.id});
}

Result<void> insertExportChunk(Tx& tx, const ExportKey& key, std::int64_t firstByte, ByteView content) {
    return tx.executeLater(
        "INSERT INTO export_chunks (shard_key, export_id, first_byte, content) VALUES ($1, $2, $3, $4)",
        {key.shardKey, key.id, firstByte, content});
}

Result<std::optional<ExportChunk>> readExportChunk(Tx& tx, const ExportKey& key, std::int64_t byte) {
    std::optional<ExportChunk> chunk;
    TRY(
        tx.query("SELECT first_byte, content FROM export_chunks WHERE shard_key = $1 AND export_id = $2 AND first_byte "
                 "<= $3 ORDER BY first_byte DESC LIMIT 1",
                 {key.shardKey, key.id, byte}, [&](const Row& row) {
                     chunk = ExportChunk{row.integer(0), bytesAt(row, 1)};
                 }));
    if (chunk && byte >= chunk->firstByte + static_cast<std::int64_t>(chunk->content.size())) chunk.reset();
    return chunk;
}

Result<std::int64_t> deleteExportChunks(Tx& tx, const ExportKey& key, std::size_t limit) {
    return tx.execute(
        "DELETE FROM export_chunks WHERE shard_key = $1 AND export_id = $2 AND first_byte IN "
        "(SELECT first_byte FROM export_chunks WHERE shard_key = $1 AND export_id = $2 ORDER BY first_byte DESC "
        "LIMIT $3)",
        {key.shardKey, key.id, limit});
}

}  // namespace meetpoint::store
