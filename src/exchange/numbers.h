// Numbers: ordered by carriers, assigned by tenants. Each step is history, changes who holds the number, and is an
// event to the carrier, all in one transaction.
#pragma once

#include "exchange/cursors.h"
#include "exchange/services.h"
#include "store/numbers.h"
#include "store/receipts.h"

namespace meetpoint::exchange {

enum class OrderKind { upload, release };

struct OrderedNumber {
    std::string telephoneNumber;           // E.164
    std::optional<std::string> reference;  // the carrier's own, at most 64 characters
};
struct NumberOrder {
    OrderKind kind = OrderKind::upload;
    std::optional<Id> carrierId;  // of an aggregator's order
    Id tenantId;
    std::string usage = "callingUserAssignment";
    std::vector<OrderedNumber> numbers;
};
// Works through the order; each number succeeds or is refused by itself. The operation's `results` hold per number its
// spelling, status, number id or code and message. Codes of numbers: "bad-number", "numberNotAvailable" (held or not
// orderable: told apart to nobody), "number-not-found", "transition-not-allowed". Codes of the order:
// "consent-missing", "too-many-numbers", "bad-usage".
Result<store::Operation> orderNumbers(const Services& services, const Limits& limits, const domain::Caller& caller,
                                      const NumberOrder& order);
Result<store::Operation> findOperation(const Services& services, const domain::Caller& caller, const Id& id);

struct NumberPage {
    std::vector<store::Number> numbers;
    std::optional<std::string> next;  // where there is more
};
// Those that the caller may see, in order of number: a carrier's own, a tenant's own, or all. `query.limit` is the
// page's size. Code "bad-cursor".
Result<NumberPage> listNumbers(const Services& services, const CursorKey& cursors, const domain::Caller& caller,
                               store::NumberQuery query, const std::optional<std::string>& cursor);
Result<store::Number> findNumber(const Services& services, const domain::Caller& caller, const Id& id);
Result<std::vector<store::NumberStep>> numberHistory(const Services& services, const domain::Caller& caller,
                                                     const Id& id);

struct Assignment {
    Id targetId;
    std::optional<std::string> sipUri;  // else the target's own, else built from the tenant's domain
};
// `expectedVersion` is the caller's If-Match. Codes "unknown-target", "usage-mismatch", "transition-not-allowed",
// "bad-sip-uri", "version-mismatch", "consent-missing".
Result<store::Number> assignNumber(const Services& services, const domain::Caller& caller, const Id& id,
                                   const Assignment& assignment, const std::optional<std::int64_t>& expectedVersion);
Result<store::Number> unassignNumber(const Services& services, const domain::Caller& caller, const Id& id,
                                     const std::optional<std::string>& reason,
                                     const std::optional<std::int64_t>& expectedVersion);

}  // namespace meetpoint::exchange
