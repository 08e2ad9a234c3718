// Agreements between the platform and a carrier: proposed by one side, signed by the other, in force from a day on.
// Both see the same. Docs: docs/guide/agreements.md.
#pragma once

#include "exchange/agreement_terms.h"
#include "exchange/services.h"
#include "store/agreements.h"

namespace meetpoint::exchange {

struct AgreementView {
    store::Agreement agreement;
    domain::AgreementTerms terms;
};

struct AgreementProposal {
    Day validFrom;
    domain::AgreementTerms terms;
};

// Codes "bad-agreement", "unknown-time-zone", "carrier-required", not-found; conflict "valid-from-closed" where a day
// from validFrom on is closed already, "too-many-proposals".
Result<AgreementView> proposeAgreement(const Services& services, const Limits& limits, const domain::Caller& caller,
                                       const std::optional<Id>& carrierId, const AgreementProposal& wanted);
// The proposer says it anew while nobody has answered. Codes as above; conflict "transition-not-allowed",
// "too-many-proposals" where it was changed too often; preconditionFailed "version-mismatch".
Result<AgreementView> amendProposal(const Services& services, const Limits& limits, const domain::Caller& caller,
                                    const Id& id, std::optional<std::int64_t> expectedVersion,
                                    const AgreementProposal& wanted);
// The other side signs or declines, the proposer withdraws. What is signed holds for days from validFrom on: those that
// were run by other rules become stale. Codes "transition-not-allowed", "reason-required" (to decline),
// "valid-from-closed", "version-mismatch", not-found.
Result<AgreementView> moveAgreement(const Services& services, const domain::Caller& caller, const Id& id,
                                    std::optional<std::int64_t> expectedVersion, domain::AgreementState to,
                                    const std::optional<std::string>& reason);

struct AgreementQuery {
    std::optional<Id> carrierId;
    std::optional<domain::AgreementState> state;
    std::optional<Day> inForceOn;  // those that hold for calls of this UTC day; one a carrier at most
    std::optional<Id> after;
    std::size_t limit = 100;
};
// In order of proposal. Codes "carrier-required", not-found.
Result<std::vector<AgreementView>> listAgreements(const Services& services, const domain::Caller& caller,
                                                  const AgreementQuery& query);
Result<AgreementView> findAgreement(const Services& services, const domain::Caller& caller, const Id& id);
// Oldest first.
Result<std::vector<store::AgreementStep>> agreementHistory(const Services& services, const domain::Caller& caller,
                                                           const Id& id);

}  // namespace meetpoint::exchange
