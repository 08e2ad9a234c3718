// Who takes part: carriers and tenants.
#pragma once

#include "exchange/services.h"
#include "store/ledger.h"

namespace meetpoint::exchange {

struct NewCarrier {
    std::string name;
    std::string defaultRegion;
    std::int64_t toleranceMs = 2000;
};
// Code "name-taken".
Result<store::Carrier> addCarrier(const Services& services, const NewCarrier& wanted);
// All for the platform; a carrier sees itself, a tenant those that it has a consent with.
Result<std::vector<store::Carrier>> listCarriers(const Services& services, const domain::Caller& caller);
Result<store::Carrier> findCarrier(const Services& services, const domain::Caller& caller, const Id& id);

// One of them within a transaction, whoever asks. Code not-found.
Result<store::Carrier> carrierIn(store::Tx& tx, const Id& id);

struct NewTenant {
    std::string name;
    std::string country;                        // ISO 3166-1 alpha-2
    std::string sipDomain;                      // of SIP URIs that no target names itself
    std::optional<std::string> sipUriTemplate;  // how those are made; else domain::defaultSipUriTemplate
};
// Codes "name-taken", "bad-country", "bad-sip-uri", "bad-sip-uri-template".
Result<store::Tenant> addTenant(const Services& services, const NewTenant& wanted);
// All for the platform; a tenant sees itself, a carrier those that have a consent with it.
Result<std::vector<store::Tenant>> listTenants(const Services& services, const domain::Caller& caller);
Result<store::Tenant> findTenant(const Services& services, const domain::Caller& caller, const Id& id);

// Whether the caller may see this tenant or carrier at all.
bool maySeeTenant(const domain::Caller& caller, const Id& tenant, const std::vector<store::Consent>& consents);

}  // namespace meetpoint::exchange
