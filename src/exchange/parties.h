// Who takes part: carriers, tenants, what a tenant's numbers can be assigned to, and the consents between them.
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

struct NewTenant {
    std::string name;
    std::string country;    // ISO 3166-1 alpha-2
    std::string sipDomain;  // of SIP URIs that no target names itself
};
// Codes "name-taken", "bad-country", "bad-sip-uri".
Result<store::Tenant> addTenant(const Services& services, const NewTenant& wanted);
// All for the platform; a tenant sees itself, a carrier those that have a consent with it.
Result<std::vector<store::Tenant>> listTenants(const Services& services, const domain::Caller& caller);
Result<store::Tenant> findTenant(const Services& services, const domain::Caller& caller, const Id& id);

// All or nothing; each target is inserted or replaced. Codes "bad-target-type", "bad-sip-uri" with a fault per target.
Result<void> putTargets(const Services& services, const domain::Caller& caller, const Id& tenant,
                        std::vector<store::Target> targets);
Result<std::vector<store::Target>> listTargets(const Services& services, const domain::Caller& caller, const Id& tenant,
                                               const std::optional<Id>& after, std::size_t limit);

// What a tenant's administrator accepts for one carrier: a version of the data transfer notice, and countries.
struct NewConsent {
    Id tenantId;
    Id carrierId;
    std::string noticeVersion;
    std::vector<std::string> countries;
};
// Code "consent-exists" while an earlier one between the two is not declined or ended.
Result<store::Consent> acceptNotice(const Services& services, const domain::Caller& caller, const NewConsent& wanted);
// The carrier signs or declines; either side ends. Codes "transition-not-allowed", "reason-required",
// "version-mismatch".
Result<store::Consent> moveConsent(const Services& services, const domain::Caller& caller, const Id& id,
                                   domain::ConsentState to, const std::optional<std::string>& reason);
Result<std::vector<store::Consent>> listConsents(const Services& services, const domain::Caller& caller);

// Whether the caller may see this tenant or carrier at all.
bool maySeeTenant(const domain::Caller& caller, const Id& tenant, const std::vector<store::Consent>& consents);

}  // namespace meetpoint::exchange
