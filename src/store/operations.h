// Operations: what was ordered and is worked through in the background, or waits for the platform's switch, with what
// became of each number.
#pragma once

#include <optional>
#include <vector>

#include "store/db.h"

namespace meetpoint::store {

enum class OperationStatus : std::uint8_t { notStarted, running, succeeded, partiallySucceeded, failed };
std::string_view name(OperationStatus status);
inline bool isFinished(OperationStatus status) {
    return status >= OperationStatus::succeeded;
}

struct Operation {
    Id id;
    std::string clientId;
    std::optional<Id> carrierId;
    std::optional<Id> tenantId;
    std::string kind;  // "numberUpload" …: exchange/orders.h and provisioning.h name them
    OperationStatus status = OperationStatus::notStarted;
    Instant createdAt;
    Instant updatedAt;
    std::optional<Instant> finishedAt;
    std::string request = "{}";                         // JSON object: what was ordered, without the numbers
    std::int64_t total = 0, succeeded = 0, failed = 0;  // numbers
    std::optional<Id> numberId;                         // of work of the switch: its number
    std::optional<std::int64_t> sequence;               // of work of the switch: its place, from 1
    std::optional<Instant> expectedBy;                  // when it should be done at the latest
    std::optional<std::string> reason;                  // why it failed, as far as it concerns the whole
    std::int64_t version = 1;                           // rises with every change
    std::optional<std::string> idempotencyKey;          // unique per client
    Bytes digest;                                       // of what was ordered with it
};
Result<void> insertOperation(Tx& tx, const Operation& operation);
// Stores status, times, counts and reason. False where the stored version is another than `operation.version - 1`.
Result<bool> updateOperation(Tx& tx, const Operation& operation);
Result<std::optional<Operation>> findOperation(Tx& tx, const Id& id);
// The one that the client began with that key.
Result<std::optional<Operation>> findOperationByKey(Tx& tx, std::string_view clientId, std::string_view key);
// Orders that nobody has worked on since `before`, oldest first; work of the switch is none of them.
Result<std::vector<Id>> listStalledOrders(Tx& tx, Instant before, std::size_t limit);
// Work of the platform's switch from that place on, in order.
Result<std::vector<Operation>> listSwitchWork(Tx& tx, std::int64_t fromSequence, std::size_t limit);

// One number of an order.
struct OperationNumber {
    std::int64_t position = 0;       // in the order, from 0
    std::string telephoneNumber;     // as it was sent
    std::string request = "{}";      // JSON object: what was said of this number alone
    std::string status = "pending";  // then "succeeded" or "failed"
    std::optional<Id> numberId;
    std::optional<Id> workId;  // the operation by which the switch does its part
    std::optional<std::string> code, message;
};
Result<void> insertOperationNumbers(Tx& tx, const Id& operation, const std::vector<OperationNumber>& numbers);
Result<void> updateOperationNumber(Tx& tx, const Id& operation, const OperationNumber& number);
// From that position on, in order; only those of a status if one is named.
Result<std::vector<OperationNumber>> listOperationNumbers(Tx& tx, const Id& operation, std::int64_t fromPosition,
                                                          const std::optional<std::string>& status, std::size_t limit);

}  // namespace meetpoint::store
