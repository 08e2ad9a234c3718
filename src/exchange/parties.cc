#include "exchange/parties.h"

#include "domain/country.h"
#include "domain/sip_uri.h"
#include "exchange/consents.h"

namespace meetpoint::exchange {
namespace {

bool seesAll(const domain::Caller& caller) {
    return caller.role == domain::Role::platform || caller.role == domain::Role::auditor;
}

bool maySeeCarrier(const domain::Caller& caller, const Id& carrier, const std::vector<store::Consent>& consents) {
    if (seesAll(caller) || caller.actsFor(carrier)) return true;
    return caller.role == domain::Role::tenant &&
           std::ranges::any_of(consents, [&](const store::Consent& c) { return c.carrierId == carrier; });
}

}  // namespace

bool maySeeTenant(const domain::Caller& caller, const Id& tenant, const std::vector<store::Consent>& consents) {
    if (seesAll(caller) || caller.tenant == tenant) return true;
    return caller.role == domain::Role::carrier && std::ranges::any_of(consents, [&](const store::Consent& c) {
               return c.tenantId == tenant && caller.actsFor(c.carrierId);
           });
}

Result<store::Carrier> addCarrier(const Services& services, const NewCarrier& wanted) {
    if (!wanted.defaultRegion.empty() && !domain::isCountryCode(wanted.defaultRegion))
        return fail(invalidInput("bad-country", "'defaultRegion' must be ISO 3166-1 alpha-2, e.g. CH."));
    store::Carrier carrier;
    TRY(services.db.write(store::ledgerWrite(), [&](store::Tx& tx) -> Result<void> {
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

Result<store::Carrier> carrierIn(store::Tx& tx, const Id& id) {
    TRY_ASSIGN(auto carrier, store::findCarrier(tx, id));
    if (!carrier) return fail(notFound("There is no such carrier."));
    return std::move(*carrier);
}

Result<store::Tenant> addTenant(const Services& services, const NewTenant& wanted) {
    if (!domain::isCountryCode(wanted.country))
        return fail(invalidInput("bad-country", "'country' must be ISO 3166-1 alpha-2, e.g. CH."));
    TRY(domain::readSipUri("sip:user@" + wanted.sipDomain));
    // Tried on a target that has everything: what no target has is refused now, not at its first use.
    TRY(domain::sipUriFromTemplate(wanted.sipUriTemplate.value_or(std::string(domain::defaultSipUriTemplate)),
                                   {"+41446681800", wanted.sipDomain, "user@" + wanted.sipDomain, formatId(Id{})}));
    const store::Tenant tenant{makeId(services.clock, services.random),
                               wanted.name,
                               wanted.country,
                               wanted.sipDomain,
                               services.clock.now(),
                               1,
                               wanted.sipUriTemplate};
    TRY(services.db.write(store::ledgerWrite(), [&](store::Tx& tx) -> Result<void> {
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

}  // namespace meetpoint::exchange
