#include "exchange/consents.h"

#include <set>

#include <boost/json.hpp>

#include "domain/country.h"
#include "store/numbers.h"

namespace meetpoint::exchange {
namespace {

using domain::ConsentState;

constexpr std::size_t longestNoticeName = 64;

bool isLive(ConsentState state) {
    return state == ConsentState::requested || state == ConsentState::agreementSigned;
}

Result<void> checkCountries(const std::vector<std::string>& countries) {
    if (countries.empty()) return fail(invalidInput("bad-country", "Name at least one country in 'countries'."));
    for (const std::string& country : countries)
        if (!domain::isCountryCode(country))
            return fail(invalidInput("bad-country", "'countries' must be ISO 3166-1 alpha-2, e.g. CH."));
    return {};
}

// Only the newest version can be accepted: an older one was replaced for a reason.
Result<void> checkNotice(store::Tx& tx, const std::string& version) {
    TRY_ASSIGN(const auto notices, store::listNotices(tx));
    const auto found = std::ranges::find(notices, version, &store::Notice::version);
    if (found == notices.end())
        return fail(invalidInput("unknown-notice", "There is no version '" + version +
                                                       "' of the notice. Read GET /v1/notices; the first is the one "
                                                       "to accept."));
    if (found != notices.begin())
        return fail(conflict("notice-superseded", "Version '" + version + "' of the notice was superseded by '" +
                                                      notices.front().version + "'. Show and accept that one."));
    return {};
}

Result<void> recordStep(store::Tx& tx, const store::Consent& consent, std::string_view actor, Instant at) {
    return store::insertConsentStep(tx, consent.id,
                                    {consent.version, at, std::string(actor), consent.state, consent.noticeVersion,
                                     consent.countries, consent.reason});
}

Result<void> storeChange(store::Tx& tx, const store::Consent& consent, std::string_view actor, Instant at) {
    TRY_ASSIGN(const bool done, store::updateConsent(tx, consent));
    if (!done) return fail(conflict("version-mismatch", "The consent was changed meanwhile. Read it again."));
    TRY(recordStep(tx, consent, actor, at));
    return store::raiseLedgerChanges(tx);
}

bool isSide(const domain::Caller& caller, const store::Consent& consent) {
    return caller.role == domain::Role::platform || caller.role == domain::Role::auditor ||
           caller.actsFor(consent.carrierId) ||
           (caller.role == domain::Role::tenant && caller.tenant == consent.tenantId);
}

// A consent that the caller is a side of.
Result<store::Consent> ownConsent(store::Tx& tx, const domain::Caller& caller, const Id& id) {
    TRY_ASSIGN(const auto consent, store::findConsent(tx, id));
    if (!consent || !isSide(caller, *consent)) return fail(notFound("There is no such consent."));
    return *consent;
}

Error notAllowed(ConsentState from, std::string_view to) {
    return conflict("transition-not-allowed", "A consent that is '" + std::string(name(from)) +
                                                  "' cannot be moved to '" + std::string(to) + "' by this client.");
}

// Countries in which numbers are held stay covered until those are released.
Result<void> checkCountriesInUse(store::Tx& tx, const store::Consent& consent,
                                 const std::vector<std::string>& countries) {
    for (const std::string& country : consent.countries) {
        if (std::ranges::find(countries, country) != countries.end()) continue;
        store::NumberQuery query;
        query.carrier = consent.carrierId;
        query.tenant = consent.tenantId;
        query.country = country;
        TRY_ASSIGN(const auto held, store::countNumbers(tx, query));
        if (held > 0)
            return fail(conflict("country-in-use", std::to_string(held) + " numbers of " + country +
                                                       " are held under this consent. The carrier releases them "
                                                       "first."));
    }
    return {};
}

}  // namespace

Result<store::Notice> publishNotice(const Services& services, const domain::Caller& caller, const NewNotice& wanted) {
    std::set<std::string_view> languages;
    boost::json::object texts;
    for (const auto& [language, text] : wanted.texts) {
        if (language.empty() || text.empty() || !languages.insert(language).second)
            return fail(invalidInput("bad-notice", "Each text needs a language of its own, such as en or de-CH."));
        texts[language] = text;
    }
    if (wanted.version.empty() || wanted.version.size() > longestNoticeName || texts.empty())
        return fail(invalidInput("bad-notice", "A notice needs a version of at most 64 characters and a text."));
    store::Notice notice{wanted.version, 0, boost::json::serialize(texts), caller.clientId, services.clock.now()};
    TRY(services.db.write(store::ledgerWrite(), [&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(notice, store::insertNotice(tx, notice));
        return {};
    }));
    return notice;
}

Result<std::vector<store::Notice>> listNotices(const Services& services) {
    std::vector<store::Notice> notices;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(notices, store::listNotices(tx));
        return {};
    }));
    return notices;
}

Result<store::Notice> findNotice(const Services& services, const std::string& version) {
    std::optional<store::Notice> notice;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(notice, store::findNotice(tx, version));
        return {};
    }));
    if (!notice) return fail(notFound("There is no such version of the notice."));
    return *notice;
}

Result<store::Consent> acceptNotice(const Services& services, const domain::Caller& caller, const NewConsent& wanted) {
    if (caller.role != domain::Role::platform && caller.tenant != wanted.tenantId)
        return fail(notFound("There is no such tenant."));
    TRY(checkCountries(wanted.countries));
    store::Consent consent;
    consent.id = makeId(services.clock, services.random);
    consent.tenantId = wanted.tenantId;
    consent.carrierId = wanted.carrierId;
    consent.noticeVersion = wanted.noticeVersion;
    consent.countries = wanted.countries;
    consent.acceptedBy = caller.clientId;
    consent.acceptedAt = services.clock.now();
    consent.contactName = wanted.contactName;
    consent.contactEmail = wanted.contactEmail;
    TRY(services.db.write(store::ledgerWrite(), [&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto tenant, store::findTenant(tx, wanted.tenantId));
        TRY_ASSIGN(const auto carrier, store::findCarrier(tx, wanted.carrierId));
        if (!tenant) return fail(notFound("There is no such tenant."));
        if (!carrier) return fail(notFound("There is no such carrier."));
        TRY(checkNotice(tx, wanted.noticeVersion));
        TRY_ASSIGN(const auto earlier, store::listConsents(tx, wanted.tenantId, wanted.carrierId));
        for (const auto& one : earlier)
            if (isLive(one.state))
                return fail(conflict("consent-exists",
                                     "This tenant already has a consent with this carrier: " + formatId(one.id) + "."));
        TRY(store::insertConsent(tx, consent));
        TRY(recordStep(tx, consent, caller.clientId, consent.acceptedAt));
        return store::raiseLedgerChanges(tx);
    }));
    return consent;
}

Result<store::Consent> acceptAgain(const Services& services, const domain::Caller& caller, const Id& id,
                                   const std::string& noticeVersion, const std::vector<std::string>& countries) {
    TRY(checkCountries(countries));
    store::Consent consent;
    TRY(services.db.write(store::ledgerWrite(), [&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(consent, ownConsent(tx, caller, id));
        // What is accepted is the tenant's to accept.
        if (caller.role == domain::Role::carrier || !isLive(consent.state))
            return fail(notAllowed(consent.state, "accepted"));
        TRY(checkNotice(tx, noticeVersion));
        TRY(checkCountriesInUse(tx, consent, countries));
        consent.noticeVersion = noticeVersion;
        consent.countries = countries;
        consent.acceptedBy = caller.clientId;
        consent.acceptedAt = services.clock.now();
        consent.version += 1;
        return storeChange(tx, consent, caller.clientId, consent.acceptedAt);
    }));
    return consent;
}

Result<store::Consent> moveConsent(const Services& services, const domain::Caller& caller, const Id& id,
                                   ConsentState to, const std::optional<std::string>& reason) {
    store::Consent consent;
    TRY(services.db.write(store::ledgerWrite(), [&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(consent, ownConsent(tx, caller, id));
        const bool byTenant = caller.role == domain::Role::tenant;
        if (!domain::mayMove(consent.state, to) || (byTenant && to != ConsentState::ended))
            return fail(notAllowed(consent.state, name(to)));
        if (domain::needsReason(to) && (!reason || reason->empty()))
            return fail(invalidInput("reason-required", "Say why in 'reason' when you decline or end a consent."));
        const Instant now = services.clock.now();
        consent.state = to;
        consent.version += 1;
        if (to == ConsentState::agreementSigned) consent.signedAt = now;
        if (to == ConsentState::ended) consent.endedAt = now;
        consent.reason = reason;
        return storeChange(tx, consent, caller.clientId, now);
    }));
    return consent;
}

Result<std::vector<store::Consent>> consentsOf(store::Tx& tx, const domain::Caller& caller) {
    TRY_ASSIGN(auto consents, store::listConsents(tx, caller.tenant, std::nullopt));
    std::erase_if(consents, [&](const store::Consent& consent) { return !isSide(caller, consent); });
    return consents;
}

Result<std::vector<store::Consent>> listConsents(const Services& services, const domain::Caller& caller) {
    std::vector<store::Consent> consents;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(consents, consentsOf(tx, caller));
        return {};
    }));
    return consents;
}

Result<std::vector<store::ConsentStep>> consentHistory(const Services& services, const domain::Caller& caller,
                                                       const Id& id) {
    std::vector<store::ConsentStep> steps;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY(ownConsent(tx, caller, id));
        TRY_ASSIGN(steps, store::listConsentSteps(tx, id));
        return {};
    }));
    return steps;
}

Result<store::Consent> requireConsent(store::Tx& tx, const Id& tenant, const Id& carrier) {
    TRY_ASSIGN(const auto consents, store::listConsents(tx, tenant, carrier));
    const auto found = std::ranges::find(consents, ConsentState::agreementSigned, &store::Consent::state);
    if (found != consents.end()) return *found;
    return fail(conflict("consent-missing",
                         "This tenant and this carrier have no signed consent. The tenant accepts the notice "
                         "(POST /v1/consents), then the carrier signs it."));
}

}  // namespace meetpoint::exchange
