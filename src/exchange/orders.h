// Orders of numbers: taken in at once, worked through in the background in small transactions, with a result a number.
#pragma once

#include <deque>
#include <functional>
#include <mutex>

#include "exchange/cursors.h"
#include "exchange/services.h"
#include "store/operations.h"

namespace meetpoint::exchange {

// The first three are a carrier's, the others a tenant's or the platform's.
enum class OrderKind { upload, release, port, assign, unassign };
std::string_view name(OrderKind kind);

struct OrderedNumber {
    std::string telephoneNumber;           // E.164; the plus may be left out
    std::optional<std::string> reference;  // the carrier's own, at most 64 characters
    // Of an order to assign; see exchange/assignments.h.
    std::optional<Id> targetId;
    std::optional<std::string> userPrincipalName, sipUri, category;
    std::optional<std::string> reason;  // of an order to unassign
};
struct NumberOrder {
    OrderKind kind = OrderKind::upload;
    std::optional<Id> carrierId;  // of an aggregator's order
    std::optional<Id> tenantId;   // a tenant's own order need not name it
    std::string usage = "callingUserAssignment";
    std::optional<std::string> additionalUsage;
    std::vector<std::string> capabilities;  // of domain::numberCapabilities; empty: calls both ways
    std::optional<std::string> country;     // ISO 3166-1 alpha-2; else the number says
    std::optional<std::string> locationId, callingProfileId, ticketId;  // at most 64 characters each
    std::optional<Instant> portAt;                                      // a port is not completed before
    bool dryRun = false;                        // says what would become of it, and changes nothing
    std::optional<std::string> idempotencyKey;  // the same order with the same key again is the same operation
    std::vector<OrderedNumber> numbers;
};

// The kind of an order's operation: "numberUpload", "numberRelease", "numberPort", "numberAssignment",
// "numberUnassignment".
std::string operationKind(OrderKind kind);

// Where orders come in and wait for this node's worker. Safe from several threads.
class OrderDesk {
public:
    OrderDesk(const Services& services, const Limits& limits) : services_(services), limits_(limits) {}

    // Stores the order; what becomes of its numbers is in the operation, which another node finishes should this one
    // die. Codes "consent-missing", "too-many-numbers", "bad-usage", "bad-capability", "bad-country", "text-too-long",
    // "tenant-required", "carrier-required", "idempotency-key-reused" (with another order), not-found.
    Result<store::Operation> accept(const domain::Caller& caller, const NumberOrder& order);

    // Does one transaction of the work that is due on this node. False: nothing is due.
    Result<bool> workOnce();
    // `ring` is called for each order that comes in. It must be quick and must not call the desk.
    void ringFor(std::function<void()> ring);

private:
    void add(const Id& order);
    Result<void> findLeftOver();

    const Services& services_;
    const Limits& limits_;
    std::mutex mutex_;
    std::function<void()> ring_ = [] {};
    std::deque<Id> waiting_;
};

// What an operation says of itself and of its numbers: to the client that began it, its carrier, its tenant and the
// platform.
Result<store::Operation> findOperation(const Services& services, const domain::Caller& caller, const Id& id);
struct OperationNumberPage {
    std::vector<store::OperationNumber> numbers;
    std::optional<std::string> next;
};
// In the order's order; only those of a status where one is named. Code "bad-cursor".
Result<OperationNumberPage> operationNumbers(const Services& services, const CursorKey& cursors,
                                             const domain::Caller& caller, const Id& id,
                                             const std::optional<std::string>& status,
                                             const std::optional<std::string>& cursor, std::size_t limit);

}  // namespace meetpoint::exchange
