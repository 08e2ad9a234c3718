#include "store/operations.h"

#include <array>

namespace meetpoint::store {
namespace {

constexpr std::array<std::string_view, 5> statusNames{"notStarted", "running", "succeeded", "partiallySucceeded",
                                                      "failed"};

OperationStatus readStatus(std::string_view word) {
    const auto found = std::ranges::find(statusNames, word);
    return found == statusNames.end() ? OperationStatus::failed
                                      : static_cast<OperationStatus>(found - statusNames.begin());
}

std::optional<std::int64_t> optionalInteger(const Row& row, int column) {
    return row.isNull(column) ? std::nullopt : std::optional(row.integer(column));
}

constexpr std::string_view selectOperations =
    "SELECT id, client_id, carrier_id, tenant_id, kind, status, created_at, updated_at, finished_at, request, total, "
    "succeeded, failed, number_id, sequence, expected_by, reason, version, idempotency_key, digest FROM operations ";

Operation readOperation(const Row& row) {
    return {row.id(0),
            std::string(row.text(1)),
            row.optionalId(2),
            row.optionalId(3),
            std::string(row.text(4)),
            readStatus(row.text(5)),
            row.instant(6),
            row.instant(7),
            row.optionalInstant(8),
            std::string(row.text(9)),
            row.integer(10),
            row.integer(11),
            row.integer(12),
            row.optionalId(13),
            optionalInteger(row, 14),
            row.optionalInstant(15),
            row.optionalText(16),
            row.integer(17),
            row.optionalText(18),
            Bytes(row.bytes(19).begin(), row.bytes(19).end())};
}

Result<std::vector<Operation>> operations(Tx& tx, std::string_view rest, std::initializer_list<Value> parameters) {
    std::vector<Operation> found;
    TRY(tx.query(std::string(selectOperations) + std::string(rest), parameters,
                 [&](const Row& row) { found.push_back(readOperation(row)); }));
    return found;
}

}  // namespace

std::string_view name(OperationStatus status) {
    return statusNames[static_cast<std::size_t>(status)];
}

Result<void> insertOperation(Tx& tx, const Operation& operation) {
    return tx.executeLater(
        "INSERT INTO operations (id, client_id, carrier_id, tenant_id, kind, status, created_at, updated_at, "
        "finished_at, request, total, succeeded, failed, number_id, sequence, expected_by, reason, version, "
        "idempotency_key, digest) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, "
        "$18, $19, $20)",
        {operation.id,           operation.clientId,  operation.carrierId, operation.tenantId,       operation.kind,
         name(operation.status), operation.createdAt, operation.updatedAt, operation.finishedAt,     operation.request,
         operation.total,        operation.succeeded, operation.failed,    operation.numberId,       operation.sequence,
         operation.expectedBy,   operation.reason,    operation.version,   operation.idempotencyKey, operation.digest});
}

Result<bool> updateOperation(Tx& tx, const Operation& operation) {
    TRY_ASSIGN(const auto changed,
               tx.execute("UPDATE operations SET status = $2, updated_at = $3, finished_at = $4, succeeded = $5, "
                          "failed = $6, reason = $7, version = $8 WHERE id = $1 AND version = $8 - 1",
                          {operation.id, name(operation.status), operation.updatedAt, operation.finishedAt,
                           operation.succeeded, operation.failed, operation.reason, operation.version}));
    return changed == 1;
}

Result<std::optional<Operation>> findOperation(Tx& tx, const Id& id) {
    TRY_ASSIGN(auto found, operations(tx, "WHERE id = $1", {id}));
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<std::optional<Operation>> findOperationByKey(Tx& tx, std::string_view clientId, std::string_view key) {
    TRY_ASSIGN(auto found, operations(tx, "WHERE client_id = $1 AND idempotency_key = $2", {clientId, key}));
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<std::vector<Id>> listStalledOrders(Tx& tx, Instant before, std::size_t limit) {
    std::vector<Id> ids;
    TRY(
        tx.query("SELECT id FROM operations WHERE (status = 'notStarted' OR status = 'running') AND updated_at <= $1 "
                 "AND sequence IS NULL AND total > 0 ORDER BY updated_at, id LIMIT $2",
                 {before, limit}, [&](const Row& row) { ids.push_back(row.id(0)); }));
    return ids;
}

Result<std::vector<Operation>> listSwitchWork(Tx& tx, std::int64_t fromSequence, std::size_t limit) {
    return operations(tx, "WHERE sequence >= $1 ORDER BY sequence LIMIT $2", {fromSequence, limit});
}

Result<void> insertOperationNumbers(Tx& tx, const Id& operation, const std::vector<OperationNumber>& numbers) {
    RowBatch batch{"operation_numbers",
                   {"operation_id", "position", "telephone_number", "request", "status", "code", "message"},
                   {}};
    batch.rows.reserve(numbers.size());
    for (const OperationNumber& number : numbers)
        batch.rows.push_back({operation, number.position, number.telephoneNumber, number.request, number.status,
                              number.code, number.message});
    return tx.copyIn(batch);
}

Result<void> updateOperationNumber(Tx& tx, const Id& operation, const OperationNumber& number) {
    return tx.executeLater(
        "UPDATE operation_numbers SET status = $3, number_id = $4, work_id = $5, code = $6, message = $7 "
        "WHERE operation_id = $1 AND position = $2",
        {operation, number.position, number.status, number.numberId, number.workId, number.code, number.message});
}

Result<std::vector<OperationNumber>> listOperationNumbers(Tx& tx, const Id& operation, std::int64_t fromPosition,
                                                          const std::optional<std::string>& status, std::size_t limit) {
    std::vector<OperationNumber> numbers;
    TRY(
        tx.query("SELECT position, telephone_number, request, status, number_id, work_id, code, message FROM "
                 "operation_numbers WHERE operation_id = $1 AND position >= $2 AND ($3 IS NULL OR status = $3) "
                 "ORDER BY position LIMIT $4",
                 {operation, fromPosition, status, limit}, [&](const Row& row) {
                     numbers.push_back({row.integer(0), std::string(row.text(1)), std::string(row.text(2)),
                                        std::string(row.text(3)), row.optionalId(4), row.optionalId(5),
                                        row.optionalText(6), row.optionalText(7)});
                 }));
    return numbers;
}

}  // namespace meetpoint::store
