#include "exchange/parties.h"

#include "domain/call.h"
#include "domain/number.h"
#include "domain/sip_uri.h"
#include "exchange/ledger_cache.h"

namespace meetpoint::exchange {
namespace {

bool isCountry(std::string_view text) {
    return text.size() == 2 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool seesAll(const domain::Caller& caller) {
    return caller.role == domain::Role::platform || caller.role == domain::Role::auditor;
}

// The consents that the caller is a side of; all for platform and auditor.
Result<std::vector<store::Consent>> consentsOf(store::Tx& tx, const domain::Caller& caller) {
    TRY_ASSIGN(auto consents, store::listConsents(tx, caller.tenant, std::nullopt));
    if (caller.role == domain::Role::carrier)
        std::erase_if(consents, [&](const store::Consent& c) { return !caller.actsFor(c.carrierId); });
    return consents;
}

bool maySeeCarrier(const domain::Caller& caller, const Id& carrier, const std::vector<store::Consent>& consents) {
    if (seesAll(caller) || caller.actsFor(carrier)) return true;
    return caller.role == domain::Role::tenant &&
           std::ranges::any_of(consents, [&](const store::Consent& c) { return c.carrierId == carrier; });
}

Result<void> checkTargets(const Id& tenant, std::vector<store::Target>& targets) {
    Error error =
        invalidInput("invalid-targets", "Some targets cannot be stored; none was. Correct them and send all again.");
    for (std::size_t i = 0; i < targets.size(); ++i) {
        store::Target& target = targets[i];
        target.tenantId = tenant;
        const std::string at = "/targets/" + std::to_string(i);
        if (!domain::indexIn(domain::targetTypes, target.type))
            error.faults.push_back({at + "/type", "bad-target-type",
                                    "'" + target.type + "' is none of " + std::string(domain::targetTypes), 0});
        if (target.country && !isCountry(*target.country))
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

}  // namespace

bool maySeeTenant(const domain::Caller& caller, const Id& tenant, const std::vector<store::Consent>& consents) {
    if (seesAll(caller) || caller.tenant == tenant) return true;
    return caller.role == domain::Role::carrier && std::ranges::any_of(consents, [&](const store::Consent& c) {
               return c.tenantId == tenant && caller.actsFor(c.carrierId);
           });
}

Result<store::Carrier> addCarrier(const Services& services, const NewCarrier& wanted) {
    if (!wanted.defaultRegion.empty() && !isCountry(wanted.defaultRegion))
        return fail(invalidInput("bad-country", "'defaultRegion' must be ISO 3166-1 alpha-2, e.g. CH."));
    store::Carrier carrier;
    TRY(services.db.write(store::WritePriority::ledger, 1, [&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(carrier,
                   store::insertCarrier(tx, {makeId(services.clock, services.random), 0, wanted.name,
                                             wanted.defaultRegion, wanted.toleranceMs, services.clock.now(), 1}));
        return store::raiseLedgerChanges(tx);
    }));
    return carrier;
}

Result<std::vector<store::Carrier>> listCarriers(const Services& services, const domain::Caller& caller) {
    std::vector<store::Carrier> carriers;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(carriers, store::listCarriers(tx));
        TRY_ASSIGN(const auto consents, consentsOf(tx, caller));
        std::erase_if(carriers,
                      [&](const store::Carrier& carrier) { return !maySeeCarrier(caller, carrier.id, consents); });
        return {};
    }));
    return carriers;
}

Result<store::Carrier> findCarrier(const Services& services, const domain::Caller& caller, const Id& id) {
    TRY_ASSIGN(const auto carriers, listCarriers(services, caller));
    for (const auto& carrier : carriers)
        if (carrier.id == id) return carrier;
    return fail(notFound("There is no such carrier."));
}

Result<store::Tenant> addTenant(const Services& services, const NewTenant& wanted) {
    if (!isCountry(wanted.country))
        return fail(invalidInput("bad-country", "'country' must be ISO 3166-1 alpha-2, e.g. CH."));
    TRY(domain::readSipUri("sip:user@" + wanted.sipDomain));
    const store::Tenant tenant{makeId(services.clock, services.random),
                               wanted.name,
                               wanted.country,
                               wanted.sipDomain,
                               services.clock.now(),
                               1};
    TRY(services.db.write(store::WritePriority::ledger, 1, [&](store::Tx& tx) -> Result<void> {
        TRY(store::insertTenant(tx, tenant));
        return store::raiseLedgerChanges(tx);
    }));
    return tenant;
}

Result<std::vector<store::Tenant>> listTenants(const Services& services, const domain::Caller& caller) {
    std::vector<store::Tenant> tenants;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(tenants, store::listTenants(tx));
        TRY_ASSIGN(const auto consents, consentsOf(tx, caller));
        std::erase_if(tenants, [&](const store::Tenant& tenant) { return !maySeeTenant(caller, tenant.id, consents); });
        return {};
    }));
    return tenants;
}

Result<store::Tenant> findTenant(const Services& services, const domain::Caller& caller, const Id& id) {
    TRY_ASSIGN(const auto tenants, listTenants(services, caller));
    for (const auto& tenant : tenants)
        if (tenant.id == id) return tenant;
    return fail(notFound("There is no such tenant."));
}

Result<void> putTargets(const Services& services, const domain::Caller& caller, const Id& tenant,
                        std::vector<store::Target> targets) {
    TRY(findTenant(services, caller, tenant));
    TRY(checkTargets(tenant, targets));
    return services.db.write(store::WritePriority::ledger, targets.size(), [&](store::Tx& tx) -> Result<void> {
        for (const store::Target& target : targets)
            TRY(store::putTarget(tx, target));
        return {};
    });
}

Result<std::vector<store::Target>> listTargets(const Services& services, const domain::Caller& caller, const Id& tenant,
                                               const std::optional<Id>& after, std::size_t limit) {
    // A tenant's directory names people: its carriers do not read it.
    if (caller.role != domain::Role::platform && caller.tenant != tenant)
        return fail(notFound("There is no such tenant."));
    TRY(findTenant(services, caller, tenant));
    std::vector<store::Target> targets;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(targets, store::listTargets(tx, tenant, after, limit));
        return {};
    }));
    return targets;
}

Result<store::Consent> acceptNotice(const Services& services, const domain::Caller& caller, const NewConsent& wanted) {
    if (caller.role != domain::Role::platform && caller.tenant != wanted.tenantId)
        return fail(notFound("There is no such tenant."));
    for (const std::string& country : wanted.countries)
        if (!isCountry(country))
            return fail(invalidInput("bad-country", "'countries' must be ISO 3166-1 alpha-2, e.g. CH."));
    store::Consent consent;
    consent.id = makeId(services.clock, services.random);
    consent.tenantId = wanted.tenantId;
    consent.carrierId = wanted.carrierId;
    consent.noticeVersion = wanted.noticeVersion;
    consent.countries = wanted.countries;
    consent.acceptedBy = caller.clientId;
    consent.acceptedAt = services.clock.now();
    TRY(services.db.write(store::WritePriority::ledger, 1, [&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto tenant, store::findTenant(tx, wanted.tenantId));
        TRY_ASSIGN(const auto carrier, store::findCarrier(tx, wanted.carrierId));
        if (!tenant) return fail(notFound("There is no such tenant."));
        if (!carrier) return fail(notFound("There is no such carrier."));
        TRY_ASSIGN(const auto earlier, store::listConsents(tx, wanted.tenantId, wanted.carrierId));
        for (const auto& one : earlier)
            if (one.state == domain::ConsentState::requested || one.state == domain::ConsentState::agreementSigned)
                return fail(conflict("consent-exists",
                                     "This tenant already has a consent with this carrier: " + formatId(one.id) + "."));
        TRY(store::insertConsent(tx, consent));
        return store::raiseLedgerChanges(tx);
    }));
    return consent;
}

Result<store::Consent> moveConsent(const Services& services, const domain::Caller& caller, const Id& id,
                                   domain::ConsentState to, const std::optional<std::string>& reason) {
    store::Consent moved;
    TRY(services.db.write(store::WritePriority::ledger, 1, [&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto consent, store::findConsent(tx, id));
        const bool own = consent && (caller.role == domain::Role::platform || caller.actsFor(consent->carrierId) ||
                                     caller.tenant == consent->tenantId);
        if (!own) return fail(notFound("There is no such consent."));
        const bool byTenant = caller.role == domain::Role::tenant;
        if (!domain::mayMove(consent->state, to) || (byTenant && to != domain::ConsentState::ended))
            return fail(conflict("transition-not-allowed", "A consent that is '" + std::string(name(consent->state)) +
                                                               "' cannot be moved to '" + std::string(name(to)) +
                                                               "' by this client."));
        if (domain::needsReason(to) && (!reason || reason->empty()))
            return fail(invalidInput("reason-required", "Say why in 'reason' when you decline or end a consent."));
        moved = *consent;
        moved.state = to;
        moved.version += 1;
        if (to == domain::ConsentState::agreementSigned) moved.signedAt = services.clock.now();
        if (to == domain::ConsentState::ended) moved.endedAt = services.clock.now();
        moved.reason = reason;
        TRY_ASSIGN(const bool done, store::updateConsent(tx, moved));
        if (!done) return fail(conflict("version-mismatch", "The consent was changed meanwhile. Read it again."));
        return store::raiseLedgerChanges(tx);
    }));
    return moved;
}

Result<std::vector<store::Consent>> listConsents(const Services& services, const domain::Caller& caller) {
    std::vector<store::Consent> consents;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(consents, consentsOf(tx, caller));
        return {};
    }));
    return consents;
}

}  // namespace meetpoint::exchange
