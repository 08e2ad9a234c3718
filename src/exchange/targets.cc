#include "exchange/targets.h"

#include "domain/call.h"
#include "domain/country.h"
#include "domain/number.h"
#include "domain/sip_uri.h"
#include "exchange/switch_work.h"

namespace meetpoint::exchange {
namespace {

// A tenant's directory names people: its carriers and auditors do not read it, and cannot tell that it is there.
Result<void> requireDirectory(store::Tx& tx, const domain::Caller& caller, const Id& tenant) {
    const bool own =
        caller.role == domain::Role::platform || (caller.role == domain::Role::tenant && caller.tenant == tenant);
    if (own) {
        TRY_ASSIGN(const auto found, store::findTenant(tx, tenant));
        if (found) return {};
    }
    return fail(notFound("There is no such tenant."));
}

Result<void> checkTargets(std::vector<store::Target>& targets) {
    Error error =
        invalidInput("invalid-targets", "Some targets cannot be stored; none was. Correct them and send all again.");
    for (std::size_t i = 0; i < targets.size(); ++i) {
        store::Target& target = targets[i];
        const std::string at = "/targets/" + std::to_string(i);
        if (!domain::indexIn(domain::targetTypes, target.type))
            error.faults.push_back({at + "/type", "bad-target-type",
                                    "'" + target.type + "' is none of " + std::string(domain::targetTypes), 0});
        if (target.country && !domain::isCountryCode(*target.country))
            error.faults.push_back({at + "/country", "bad-country", "write ISO 3166-1 alpha-2, e.g. CH", 0});
        if (!target.sipUri) continue;
        const auto uri = domain::readSipUri(*target.sipUri);
        if (uri)
            target.sipUri = *uri;
        else
            error.faults.push_back({at + "/sipUri", uri.error().code, uri.error().message, 0});
    }
    if (error.faults.empty()) return {};
    return fail(std::move(error));
}

// A number was assigned by what its target is: that stays as long as the target has numbers.
Result<void> checkTypeStays(store::Tx& tx, const store::Target& target) {
    TRY_ASSIGN(const auto before, store::findTarget(tx, target.tenantId, target.id));
    if (!before || before->type == target.type) return {};
    TRY_ASSIGN(const auto numbers, store::numbersOfTarget(tx, target.tenantId, target.id));
    if (numbers.empty()) return {};
    return fail(conflict("target-in-use", "A " + before->type + " that has numbers cannot become a " + target.type +
                                              ". Unassign them first."));
}

Result<void> checkNameIsFree(store::Tx& tx, const store::Target& user) {
    store::TargetQuery query;
    query.userPrincipalName = user.userPrincipalName;
    TRY_ASSIGN(const auto named, store::searchTargets(tx, user.tenantId, query));
    for (const auto& one : named)
        if (one.id != user.id)
            return fail(conflict("name-taken", "The tenant has a target with this principal name already."));
    return {};
}

bool isBeingTaken(const store::Number& number) {
    return number.state == domain::NumberState::unassignPending;
}

Result<void> takeNumbersFrom(store::Tx& tx, const Services& services, const Limits& limits,
                             std::vector<store::Number> numbers, const std::string& actor) {
    NumberSteps steps(tx, services, actor);
    for (store::Number& number : numbers) {
        TRY_ASSIGN(const auto carrier, store::findCarrier(tx, number.carrierId));
        if (!carrier) return fail(corrupt("a number's carrier is missing"));
        TRY(moveBySwitch(tx, services, limits.provisioning, steps, *carrier, number, domain::NumberAction::unassign,
                         actor, "targetDeleted"));
    }
    return steps.finish();
}

// Takes the numbers of one carrier from the target: a transaction writes to one carrier's lane. False: there are no
// more.
Result<bool> takeSomeNumbersFrom(const Services& services, const Limits& limits, const domain::Caller& caller,
                                 const Id& tenant, const Id& target) {
    bool any = false;
    TRY(services.db.write(store::ledgerWrite(2), [&](store::Tx& tx) -> Result<void> {
        TRY(requireDirectory(tx, caller, tenant));
        TRY_ASSIGN(auto numbers, store::numbersOfTarget(tx, tenant, target));
        std::erase_if(numbers, isBeingTaken);
        any = !numbers.empty();
        if (!any) return {};
        const Id carrier = numbers.front().carrierId;
        std::erase_if(numbers, [&](const store::Number& number) { return number.carrierId != carrier; });
        return takeNumbersFrom(tx, services, limits, std::move(numbers), caller.clientId);
    }));
    return any;
}

}  // namespace

Result<void> putTargets(const Services& services, const domain::Caller& caller, const Id& tenant,
                        std::vector<store::Target> targets) {
    TRY(checkTargets(targets));
    for (store::Target& target : targets) {
        target.tenantId = tenant;
        target.changedAt = services.clock.now();
    }
    return services.db.write(store::ledgerWrite(targets.size()), [&](store::Tx& tx) -> Result<void> {
        TRY(requireDirectory(tx, caller, tenant));
        for (const store::Target& target : targets) {
            TRY(checkTypeStays(tx, target));
            TRY(store::putTarget(tx, target));
        }
        return {};
    });
}

Result<std::vector<store::Target>> listTargets(const Services& services, const domain::Caller& caller, const Id& tenant,
                                               const std::optional<Id>& after, std::size_t limit) {
    std::vector<store::Target> targets;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY(requireDirectory(tx, caller, tenant));
        TRY_ASSIGN(targets, store::listTargets(tx, tenant, after, limit));
        return {};
    }));
    return targets;
}

Result<store::Target> findTarget(const Services& services, const domain::Caller& caller, const Id& tenant,
                                 const Id& id) {
    std::optional<store::Target> target;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY(requireDirectory(tx, caller, tenant));
        TRY_ASSIGN(target, store::findTarget(tx, tenant, id));
        return {};
    }));
    if (!target) return fail(notFound("The tenant has no such target."));
    return *target;
}

Result<TargetPage> searchTargets(const Services& services, const domain::Caller& caller, const Id& tenant,
                                 const store::TargetQuery& query) {
    TargetPage page;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY(requireDirectory(tx, caller, tenant));
        TRY_ASSIGN(page.targets, store::searchTargets(tx, tenant, query));
        TRY_ASSIGN(page.total, store::countTargets(tx, tenant, query));
        return {};
    }));
    return page;
}

Result<store::Target> addUser(const Services& services, const domain::Caller& caller, const Id& tenant,
                              store::Target user) {
    user.tenantId = tenant;
    user.type = "user";
    user.createdAt = user.changedAt = services.clock.now();
    TRY(services.db.write(store::ledgerWrite(), [&](store::Tx& tx) -> Result<void> {
        TRY(requireDirectory(tx, caller, tenant));
        TRY(checkNameIsFree(tx, user));
        return store::putTarget(tx, user);
    }));
    return user;
}

Result<store::Target> replaceUser(const Services& services, const domain::Caller& caller, const Id& tenant,
                                  store::Target user) {
    user.tenantId = tenant;
    user.type = "user";
    user.changedAt = services.clock.now();
    TRY(services.db.write(store::ledgerWrite(), [&](store::Tx& tx) -> Result<void> {
        TRY(requireDirectory(tx, caller, tenant));
        TRY_ASSIGN(const auto before, store::findTarget(tx, tenant, user.id));
        if (!before || before->type != user.type) return fail(notFound("The tenant has no such user."));
        TRY(checkNameIsFree(tx, user));
        user.createdAt = before->createdAt;
        user.version = before->version + 1;
        return store::putTarget(tx, user);
    }));
    return user;
}

Result<void> deleteTarget(const Services& services, const Limits& limits, const domain::Caller& caller,
                          const Id& tenant, const Id& id, NumbersOfDeleted numbers) {
    if (numbers == NumbersOfDeleted::unassign)
        for (bool more = true; more;) {
            TRY_ASSIGN(more, takeSomeNumbersFrom(services, limits, caller, tenant, id));
        }
    return services.db.write(store::ledgerWrite(), [&](store::Tx& tx) -> Result<void> {
        TRY(requireDirectory(tx, caller, tenant));
        TRY_ASSIGN(const auto target, store::findTarget(tx, tenant, id));
        if (!target) return fail(notFound("The tenant has no such target."));
        TRY_ASSIGN(auto held, store::numbersOfTarget(tx, tenant, id));
        std::erase_if(held, isBeingTaken);
        if (!held.empty())
            return fail(conflict("target-in-use", std::to_string(held.size()) +
                                                      " numbers are assigned to this target. Unassign them first."));
        return store::deleteTarget(tx, tenant, id);
    });
}

}  // namespace meetpoint::exchange
