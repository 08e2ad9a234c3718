// Consent: what a tenant's administrator accepts before anything passes between the tenant and a carrier, what the
// carrier answers, and how it ends. Docs: docs/guide/consent.md.
#pragma once

#include "exchange/services.h"
#include "store/ledger.h"

namespace meetpoint::exchange {

struct NewNotice {
    std::string version;                                     // a name such as "2026-11", at most 64 characters
    std::vector<std::pair<std::string, std::string>> texts;  // BCP 47 language, text
};
// Codes "notice-exists", "bad-notice".
Result<store::Notice> publishNotice(const Services& services, const domain::Caller& caller, const NewNotice& wanted);
// The newest first; the first is the one that tenants accept from now on.
Result<std::vector<store::Notice>> listNotices(const Services& services);
Result<store::Notice> findNotice(const Services& services, const std::string& version);

// What a tenant's administrator accepts for one carrier: the newest version of the data transfer notice, and countries.
struct NewConsent {
    Id tenantId;
    Id carrierId;
    std::string noticeVersion;
    std::vector<std::string> countries;                    // ISO 3166-1 alpha-2
    std::optional<std::string> contactName, contactEmail;  // whom the carrier may ask
};
// Codes "consent-exists" while an earlier one between the two is not declined or ended; "unknown-notice",
// "notice-superseded", "bad-country".
Result<store::Consent> acceptNotice(const Services& services, const domain::Caller& caller, const NewConsent& wanted);
// The tenant accepts again: a newer version of the notice, or other countries. The consent stays what it is. Codes as
// above; "country-in-use" where numbers of a country that is left out are held, "transition-not-allowed" where the
// consent is declined or ended.
Result<store::Consent> acceptAgain(const Services& services, const domain::Caller& caller, const Id& id,
                                   const std::string& noticeVersion, const std::vector<std::string>& countries);
// The carrier signs or declines; either side ends. Codes "transition-not-allowed", "reason-required",
// "version-mismatch".
Result<store::Consent> moveConsent(const Services& services, const domain::Caller& caller, const Id& id,
                                   domain::ConsentState to, const std::optional<std::string>& reason);
// Those that the caller is a side of; all for platform and auditor.
Result<std::vector<store::Consent>> listConsents(const Services& services, const domain::Caller& caller);
Result<std::vector<store::ConsentStep>> consentHistory(const Services& services, const domain::Caller& caller,
                                                       const Id& id);

// The consents that the caller is a side of, in the caller's transaction; all for platform and auditor.
Result<std::vector<store::Consent>> consentsOf(store::Tx& tx, const domain::Caller& caller);
// The signed consent of a tenant and a carrier. Code "consent-missing".
Result<store::Consent> requireConsent(store::Tx& tx, const Id& tenant, const Id& carrier);

}  // namespace meetpoint::exchange
