// The ledger's rows: who takes part, what they agreed, which client speaks for whom. Plain structs, one function a
// query; every change raises `version`, and a change made on an old version changes nothing.
#pragma once

#include "domain/access.h"
#include "domain/consent.h"
#include "store/db.h"

namespace meetpoint::store {

struct Carrier {
    Id id;
    std::int64_t shardKey = 0;  // first in every key of its lanes; 0 is the platform's own lane of unattributed calls
    std::string name;
    std::string defaultRegion;  // ISO 3166-1 alpha-2; empty: its records are in E.164
    std::int64_t toleranceMs = 2000;
    Instant createdAt;
    std::int64_t version = 1;
};

struct Tenant {
    Id id;
    std::string name;
    std::string country;  // ISO 3166-1 alpha-2; decides what is masked
    std::string sipDomain;
    Instant createdAt;
    std::int64_t version = 1;
    std::optional<std::string> sipUriTemplate;  // domain::sipUriFromTemplate; none: number and domain
};

struct Target {
    Id tenantId;
    Id id;
    std::string type;  // domain::targetTypes
    std::string displayName;
    std::optional<std::string> userPrincipalName;
    std::optional<std::string> sipUri;
    std::optional<std::string> country;
    std::optional<std::string> externalId;  // the directory's own name for it (SCIM externalId)
    bool active = true;                     // numbers are assigned to active targets only
    Instant createdAt;
    Instant changedAt;
    std::int64_t version = 1;
};

struct Consent {
    Id id;
    Id tenantId;
    Id carrierId;
    domain::ConsentState state = domain::ConsentState::requested;
    std::string noticeVersion;
    std::vector<std::string> countries;
    std::string acceptedBy;
    Instant acceptedAt;
    std::optional<Instant> signedAt;
    std::optional<Instant> endedAt;
    std::optional<std::string> reason;
    std::int64_t version = 1;
    std::optional<std::string> contactName, contactEmail;  // whom the carrier may ask at the tenant
};

// One step of a consent, as it is after it.
struct ConsentStep {
    std::int64_t version = 1;
    Instant at;
    std::string actor;
    domain::ConsentState state = domain::ConsentState::requested;
    std::string noticeVersion;
    std::vector<std::string> countries;
    std::optional<std::string> reason;
};

// A version of the data transfer notice, in one or more languages; published once and never changed.
struct Notice {
    std::string version;
    std::int64_t ordinal = 0;  // the newest has the greatest
    std::string texts;         // JSON object: BCP 47 language → text
    std::string publishedBy;
    Instant publishedAt;
};

struct Client {
    std::string id;
    std::string name;
    domain::Role role = domain::Role::auditor;
    std::vector<Id> carriers;
    std::optional<Id> tenantId;
    std::vector<std::string> scopes;
    std::vector<std::string> secretHashes;  // Argon2id strings; two while a secret is rotated
    Instant createdAt;
    std::optional<Instant> expiresAt;
    std::int64_t version = 1;
};

// Code "name-taken" where another carrier or tenant has the name. The carrier is given its shard key.
Result<Carrier> insertCarrier(Tx& tx, Carrier carrier);
Result<std::optional<Carrier>> findCarrier(Tx& tx, const Id& id);
Result<std::vector<Carrier>> listCarriers(Tx& tx);

Result<void> insertTenant(Tx& tx, const Tenant& tenant);
Result<std::optional<Tenant>> findTenant(Tx& tx, const Id& id);
Result<std::vector<Tenant>> listTenants(Tx& tx);

// Inserts, or replaces what has the same id, with a version one higher than it had.
Result<void> putTarget(Tx& tx, const Target& target);
Result<void> deleteTarget(Tx& tx, const Id& tenant, const Id& id);
Result<std::optional<Target>> findTarget(Tx& tx, const Id& tenant, const Id& id);
// In order of id, after `after`, at most `limit`.
Result<std::vector<Target>> listTargets(Tx& tx, const Id& tenant, const std::optional<Id>& after, std::size_t limit);
// All that is given must hold; names and external ids are compared without regard to the case of ASCII letters.
struct TargetQuery {
    std::optional<std::string> type, userPrincipalName, externalId;
    std::size_t skip = 0, limit = 100;
};
// In order of id.
Result<std::vector<Target>> searchTargets(Tx& tx, const Id& tenant, const TargetQuery& query);
Result<std::int64_t> countTargets(Tx& tx, const Id& tenant, const TargetQuery& query);

Result<void> insertConsent(Tx& tx, const Consent& consent);
Result<void> insertConsentStep(Tx& tx, const Id& consent, const ConsentStep& step);
Result<std::vector<ConsentStep>> listConsentSteps(Tx& tx, const Id& consent);
// False where the stored version is another than `consent.version - 1`.
Result<bool> updateConsent(Tx& tx, const Consent& consent);
Result<std::optional<Consent>> findConsent(Tx& tx, const Id& id);
// Of one tenant, of one carrier, of a pair, or all.
Result<std::vector<Consent>> listConsents(Tx& tx, const std::optional<Id>& tenant, const std::optional<Id>& carrier);

// Code "notice-exists" where the version is published already. The notice is given its ordinal.
Result<Notice> insertNotice(Tx& tx, Notice notice);
Result<std::optional<Notice>> findNotice(Tx& tx, std::string_view version);
// The newest first.
Result<std::vector<Notice>> listNotices(Tx& tx);

Result<void> insertClient(Tx& tx, const Client& client);
Result<std::optional<Client>> findClient(Tx& tx, std::string_view id);
Result<std::vector<Client>> listClients(Tx& tx);

// The next number of a counter, from 1. Nobody else is given one until this transaction ends, so numbers come in the
// order of commits and none is left out.
Result<std::int64_t> nextNumber(Tx& tx, std::string_view counter);

// How often the ledger's cached part (carriers, tenants, consents) has changed; raised by the writer of each change.
Result<std::int64_t> ledgerChanges(Tx& tx);
Result<void> raiseLedgerChanges(Tx& tx);

// Named values of the store itself: its kind, its secrets.
Result<std::optional<Bytes>> findMeta(Tx& tx, std::string_view name);
Result<void> insertMeta(Tx& tx, std::string_view name, ByteView value);
Result<void> deleteMeta(Tx& tx, std::string_view name);

}  // namespace meetpoint::store
