// What a tenant's numbers can be assigned to: users, resource accounts, conference bridges, applications. The directory
// is the tenant's own; its carriers never read it.
#pragma once

#include "exchange/services.h"
#include "store/ledger.h"

namespace meetpoint::exchange {

// All or nothing; each target is inserted or replaced. Codes "invalid-targets" with a fault per target
// ("bad-target-type", "bad-country", "bad-sip-uri", "target-in-use" where its type changes while it has numbers).
Result<void> putTargets(const Services& services, const domain::Caller& caller, const Id& tenant,
                        std::vector<store::Target> targets);
Result<std::vector<store::Target>> listTargets(const Services& services, const domain::Caller& caller, const Id& tenant,
                                               const std::optional<Id>& after, std::size_t limit);
Result<store::Target> findTarget(const Services& services, const domain::Caller& caller, const Id& tenant,
                                 const Id& id);
struct TargetPage {
    std::vector<store::Target> targets;
    std::int64_t total = 0;  // that the query finds in all
};
Result<TargetPage> searchTargets(const Services& services, const domain::Caller& caller, const Id& tenant,
                                 const store::TargetQuery& query);
// One target, only if there is none of that principal name yet. Code "name-taken".
Result<store::Target> addUser(const Services& services, const domain::Caller& caller, const Id& tenant,
                              store::Target user);
// Replaces a user that is there. Codes "name-taken", not-found.
Result<store::Target> replaceUser(const Services& services, const domain::Caller& caller, const Id& tenant,
                                  store::Target user);
// What becomes of the numbers of a target that is deleted.
enum class NumbersOfDeleted {
    refuse,    // "target-in-use" while it has any
    unassign,  // they are taken from it
};
// Codes not-found, "target-in-use", "transition-not-allowed" (a number's assignment is still pending).
Result<void> deleteTarget(const Services& services, const Limits& limits, const domain::Caller& caller,
                          const Id& tenant, const Id& id, NumbersOfDeleted numbers);

}  // namespace meetpoint::exchange
