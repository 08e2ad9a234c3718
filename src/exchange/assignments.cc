#include "exchange/assignments.h"

#include "domain/call.h"
#include "domain/sip_uri.h"
#include "exchange/consents.h"

namespace meetpoint::exchange {
namespace {

using domain::NumberAction;

constexpr std::size_t longestName = 64;

// The number, if the caller may assign it, and its carrier.
Result<std::pair<store::Number, store::Carrier>> numberToAssign(store::Tx& tx, const domain::Caller& caller,
                                                                const Id& id,
                                                                const std::optional<std::int64_t>& expectedVersion) {
    TRY_ASSIGN(const auto number, store::findNumber(tx, id));
    const bool own = number && (caller.role == domain::Role::platform ||
                                (caller.role == domain::Role::tenant && caller.tenant == number->tenantId));
    if (!own) return fail(notFound("There is no such number."));
    if (expectedVersion && *expectedVersion != number->version)
        return fail(Error{ErrorKind::preconditionFailed,
                          "version-mismatch",
                          "The number was changed since you read it. Read it again.",
                          {},
                          {},
                          0});
    TRY_ASSIGN(const auto carrier, store::findCarrier(tx, number->carrierId));
    if (!carrier) return fail(corrupt("a number's carrier is missing"));
    return std::pair{*number, *carrier};
}

Error unknownTarget() {
    return {ErrorKind::notFound,
            "unknown-target",
            "The tenant has no such target. Add it first (POST /v1/tenants/{id}/targets).",
            {},
            {},
            0};
}

Result<store::Target> targetOf(store::Tx& tx, const Id& tenant, const Assignment& assignment) {
    std::optional<store::Target> target;
    if (assignment.targetId) {
        TRY_ASSIGN(target, store::findTarget(tx, tenant, *assignment.targetId));
    } else if (assignment.userPrincipalName) {
        store::TargetQuery query;
        query.userPrincipalName = assignment.userPrincipalName;
        query.limit = 2;
        TRY_ASSIGN(const auto found, store::searchTargets(tx, tenant, query));
        if (found.size() == 1) target = found.front();
    }
    if (!target) return fail(unknownTarget());
    if (!target->active)
        return fail(conflict("target-inactive", "This target is not active in the tenant's directory."));
    return *target;
}

Result<void> checkUsage(const store::Number& number, const store::Target& target) {
    const std::string_view needed = domain::usageFor(target.type);
    if (number.usage == needed || number.additionalUsage == needed) return {};
    return fail(conflict("usage-mismatch", "This number is for '" + number.usage + "', and a " + target.type +
                                               " needs '" + std::string(needed) + "'."));
}

// A target has one primary number, and as many private and alternate ones as it likes.
Result<void> checkCategory(store::Tx& tx, const store::Number& number, const store::Target& target,
                           const std::string& category) {
    if (!domain::indexIn(domain::assignmentCategories, category))
        return fail(invalidInput("bad-category",
                                 "'" + category + "' is none of " + std::string(domain::assignmentCategories) + "."));
    // Bridges and applications answer on all their numbers alike.
    if (category != "primary" || (target.type != "user" && target.type != "resourceAccount")) return {};
    TRY_ASSIGN(const auto others, store::numbersOfTarget(tx, number.tenantId, target.id));
    for (const auto& other : others)
        if (other.id != number.id && other.category.value_or("primary") == "primary" &&
            other.state != domain::NumberState::assignmentFailed)
            return fail(conflict("primary-exists",
                                 "This target has a primary number already. Unassign that one, or "
                                 "assign this one as 'alternate' or 'private'."));
    return {};
}

Result<void> changeLocation(store::Number& number, const std::optional<std::string>& locationId) {
    if (!locationId) return {};
    if (locationId->size() > longestName)
        return fail(invalidInput("text-too-long", "A location's id has at most 64 characters."));
    number.locationId = locationId->empty() ? std::nullopt : locationId;
    return {};
}

Result<std::string> sipUriFor(store::Tx& tx, const store::Number& number, const store::Target& target,
                              const Assignment& assignment) {
    if (assignment.sipUri) return domain::readSipUri(*assignment.sipUri);
    if (target.sipUri) return *target.sipUri;
    TRY_ASSIGN(const auto tenant, store::findTenant(tx, number.tenantId));
    if (!tenant) return fail(corrupt("a number's tenant is missing"));
    return domain::sipUriFromTemplate(
        tenant->sipUriTemplate.value_or(std::string(domain::defaultSipUriTemplate)),
        {domain::format(number.e164), tenant->sipDomain, target.userPrincipalName.value_or(""), formatId(target.id)});
}

}  // namespace

Result<store::Operation> assignIn(store::Tx& tx, const Services& services, const Provisioning& rules,
                                  NumberSteps& steps, const store::Carrier& carrier, store::Number& number,
                                  const Assignment& assignment, std::string_view clientId) {
    TRY(requireConsent(tx, number.tenantId, carrier.id));
    TRY_ASSIGN(const auto target, targetOf(tx, number.tenantId, assignment));
    TRY(checkUsage(number, target));
    const std::string category = assignment.category.value_or("primary");
    TRY(checkCategory(tx, number, target, category));
    TRY(changeLocation(number, assignment.locationId));
    TRY_ASSIGN(number.sipUri, sipUriFor(tx, number, target, assignment));
    number.targetType = target.type;
    number.targetId = target.id;
    number.category = category;
    return moveBySwitch(tx, services, rules, steps, carrier, number, NumberAction::assign, clientId);
}

Result<Assigned> assignNumber(const Services& services, const Limits& limits, const domain::Caller& caller,
                              const Id& id, const Assignment& assignment,
                              const std::optional<std::int64_t>& expectedVersion) {
    Assigned assigned;
    TRY(services.db.write(store::ledgerWrite(2), [&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(auto found, numberToAssign(tx, caller, id, expectedVersion));
        auto& [number, carrier] = found;
        NumberSteps steps(tx, services, caller.clientId);
        TRY_ASSIGN(assigned.operation,
                   assignIn(tx, services, limits.provisioning, steps, carrier, number, assignment, caller.clientId));
        assigned.number = number;
        return steps.finish();
    }));
    return assigned;
}

Result<Assigned> unassignNumber(const Services& services, const Limits& limits, const domain::Caller& caller,
                                const Id& id, const std::optional<std::string>& reason,
                                const std::optional<std::int64_t>& expectedVersion) {
    Assigned unassigned;
    TRY(services.db.write(store::ledgerWrite(2), [&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(auto found, numberToAssign(tx, caller, id, expectedVersion));
        auto& [number, carrier] = found;
        NumberSteps steps(tx, services, caller.clientId);
        TRY_ASSIGN(unassigned.operation, moveBySwitch(tx, services, limits.provisioning, steps, carrier, number,
                                                      NumberAction::unassign, caller.clientId, reason));
        unassigned.number = number;
        return steps.finish();
    }));
    return unassigned;
}

}  // namespace meetpoint::exchange
