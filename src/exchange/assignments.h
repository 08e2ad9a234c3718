// Assigning numbers to what a tenant's directory holds.
#pragma once

#include "exchange/switch_work.h"

namespace meetpoint::exchange {

// To whom a number goes. A target is named by its id, or a user by its principal name.
struct Assignment {
    std::optional<Id> targetId;
    std::optional<std::string> userPrincipalName;
    std::optional<std::string> sipUri;        // else the target's own, else made by the tenant's template
    std::optional<std::string> category;      // of domain::assignmentCategories; else primary
    std::optional<std::string> locationId{};  // changes the number's, at most 64 characters; empty takes it away
};

struct Assigned {
    store::Number number;
    store::Operation operation;
};
// `expectedVersion` is the caller's If-Match. Codes "unknown-target", "target-inactive", "usage-mismatch",
// "primary-exists", "bad-category", "transition-not-allowed", "bad-sip-uri", "version-mismatch", "consent-missing",
// "text-too-long".
Result<Assigned> assignNumber(const Services& services, const Limits& limits, const domain::Caller& caller,
                              const Id& id, const Assignment& assignment,
                              const std::optional<std::int64_t>& expectedVersion);
// Possible also while a consent winds down.
Result<Assigned> unassignNumber(const Services& services, const Limits& limits, const domain::Caller& caller,
                                const Id& id, const std::optional<std::string>& reason,
                                const std::optional<std::int64_t>& expectedVersion);

// The same for one number of a transaction that moves several; `number` is changed.
Result<store::Operation> assignIn(store::Tx& tx, const Services& services, const Provisioning& rules,
                                  NumberSteps& steps, const store::Carrier& carrier, store::Number& number,
                                  const Assignment& assignment, std::string_view clientId);

}  // namespace meetpoint::exchange
