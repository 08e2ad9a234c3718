// Agreements between the platform and its carriers, and every step that they took. A proposal is changed by its
// version; a signed one never. The terms are JSON that only `exchange` reads.
#pragma once

#include "domain/agreement.h"
#include "store/db.h"

namespace meetpoint::store {

struct Agreement {
    Id id;
    Id carrierId;
    std::int64_t number = 0;  // of the carrier's, from 1, in order of proposal
    domain::AgreementState state = domain::AgreementState::proposed;
    Day validFrom;  // UTC day of the call
    std::string terms;
    domain::Side proposedBy = domain::Side::platform;
    Instant proposedAt;
    std::optional<Instant> signedAt;
    std::optional<std::string> reason;  // why it was declined or withdrawn
    std::int64_t version = 1;
};

// One step of an agreement, as it is after it.
struct AgreementStep {
    std::int64_t version = 1;
    Instant at;
    std::string actor;  // client
    domain::Side side = domain::Side::platform;
    domain::AgreementState state = domain::AgreementState::proposed;
    Day validFrom;
    std::string terms;
    std::optional<std::string> reason;
};

// The agreement is given its number.
Result<Agreement> insertAgreement(Tx& tx, Agreement agreement);
// False where the stored version is another than `agreement.version - 1`.
Result<bool> updateAgreement(Tx& tx, const Agreement& agreement);
Result<std::optional<Agreement>> findAgreement(Tx& tx, const Id& id);

struct AgreementQuery {
    std::optional<Id> carrierId;
    std::optional<domain::AgreementState> state;
    std::optional<Id> after;
    std::size_t limit = 100;
};
// In order of id, which is that of proposal.
Result<std::vector<Agreement>> listAgreements(Tx& tx, const AgreementQuery& query);
// Signed ones of all carriers, so that of those with a carrier and a day in common the one that counts comes last.
Result<std::vector<Agreement>> listSignedAgreements(Tx& tx);
Result<std::int64_t> countProposals(Tx& tx, const Id& carrierId);

Result<void> insertAgreementStep(Tx& tx, const Id& agreement, const AgreementStep& step);
// Oldest first.
Result<std::vector<AgreementStep>> listAgreementSteps(Tx& tx, const Id& agreement);

}  // namespace meetpoint::store
