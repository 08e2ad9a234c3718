// Consents: which tenant has agreed to which carrier, and when.
#include "store/conditions.h"
#include "store/json_text.h"
#include "store/ledger.h"

namespace meetpoint::store {
namespace {

Consent readConsent(const Row& row) {
    return {row.id(0),
            row.id(1),
            row.id(2),
            domain::readConsentState(row.text(3)).value_or(domain::ConsentState::ended),
            std::string(row.text(4)),
            textsFromJson(row.text(5)),
            std::string(row.text(6)),
            row.instant(7),
            row.optionalInstant(8),
            row.optionalInstant(9),
            row.optionalText(10),
            row.integer(11),
            row.optionalText(12),
            row.optionalText(13)};
}
constexpr const char* selectConsents =
    "SELECT id, tenant_id, carrier_id, state, notice_version, countries, accepted_by, accepted_at, signed_at, "
    "ended_at, reason, version, contact_name, contact_email FROM consents ";

}  // namespace

Result<void> insertConsent(Tx& tx, const Consent& consent) {
    TRY(
        tx.execute("INSERT INTO consents (id, tenant_id, carrier_id, state, notice_version, countries, accepted_by, "
                   "accepted_at, version, contact_name, contact_email) "
                   "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                   {consent.id, consent.tenantId, consent.carrierId, name(consent.state), consent.noticeVersion,
                    toJsonText(consent.countries), consent.acceptedBy, consent.acceptedAt, consent.version,
                    consent.contactName, consent.contactEmail}));
    return {};
}

Result<bool> updateConsent(Tx& tx, const Consent& consent) {
    TRY_ASSIGN(
        const auto changed,
        tx.execute("UPDATE consents SET state = $2, signed_at = $3, ended_at = $4, reason = $5, version = $6, "
                   "notice_version = $7, countries = $8, accepted_by = $9, accepted_at = $10 "
                   "WHERE id = $1 AND version = $6 - 1",
                   {consent.id, name(consent.state), consent.signedAt, consent.endedAt, consent.reason, consent.version,
                    consent.noticeVersion, toJsonText(consent.countries), consent.acceptedBy, consent.acceptedAt}));
    return changed == 1;
}

Result<void> insertConsentStep(Tx& tx, const Id& consent, const ConsentStep& step) {
    TRY(tx.execute(
        "INSERT INTO consent_history (consent_id, version, at, actor, state, notice_version, countries, reason) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        {consent, step.version, step.at, step.actor, name(step.state), step.noticeVersion, toJsonText(step.countries),
         step.reason}));
    return {};
}

Result<std::vector<ConsentStep>> listConsentSteps(Tx& tx, const Id& consent) {
    std::vector<ConsentStep> steps;
    TRY(
        tx.query("SELECT version, at, actor, state, notice_version, countries, reason FROM consent_history WHERE "
                 "consent_id = $1 ORDER BY version",
                 {consent}, [&](const Row& row) {
                     steps.push_back({row.integer(0), row.instant(1), std::string(row.text(2)),
                                      domain::readConsentState(row.text(3)).value_or(domain::ConsentState::ended),
                                      std::string(row.text(4)), textsFromJson(row.text(5)), row.optionalText(6)});
                 }));
    return steps;
}

Result<std::optional<Consent>> findConsent(Tx& tx, const Id& id) {
    std::optional<Consent> found;
    TRY(tx.query(std::string(selectConsents) + "WHERE id = $1", {id},
                 [&](const Row& row) { found = readConsent(row); }));
    return found;
}

Result<std::vector<Consent>> listConsents(Tx& tx, const std::optional<Id>& tenant, const std::optional<Id>& carrier) {
    std::vector<Consent> consents;
    Conditions conditions;
    conditions.addEqual("tenant_id", tenant);
    conditions.addEqual("carrier_id", carrier);
    TRY(tx.query(std::string(selectConsents) + conditions.where() + " ORDER BY id", conditions.values(),
                 [&](const Row& row) { consents.push_back(readConsent(row)); }));
    return consents;
}

}  // namespace meetpoint::store
