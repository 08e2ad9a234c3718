#include "exchange/agreements.h"

#include <algorithm>

#include "exchange/ledger_cache.h"
#include "exchange/parties.h"
#include "store/reconciliation_days.h"

namespace meetpoint::exchange {
namespace {

using domain::AgreementState;
using domain::Side;
using store::Agreement;

bool maySee(const domain::Caller& caller, const Agreement& agreement) {
    switch (caller.role) {
        case domain::Role::platform:
        case domain::Role::auditor:
            return true;
        case domain::Role::carrier:
            return caller.actsFor(agreement.carrierId);
        case domain::Role::tenant:
            return false;
    }
    return false;
}

Result<Agreement> ownAgreement(store::Tx& tx, const domain::Caller& caller, const Id& id) {
    TRY_ASSIGN(auto found, store::findAgreement(tx, id));
    if (!found || !maySee(caller, *found)) return fail(notFound("There is no such agreement."));
    return std::move(*found);
}

Result<Side> sideOf(const domain::Caller& caller) {
    const auto side = domain::sideOf(caller.role);
    if (!side) return fail(notFound("There is no such agreement."));
    return *side;
}

Result<void> checkVersion(const Agreement& agreement, std::optional<std::int64_t> expected) {
    if (!expected || *expected == agreement.version) return {};
    return fail(Error{ErrorKind::preconditionFailed,
                      "version-mismatch",
                      "The agreement was changed meanwhile. Read it again and decide again.",
                      {},
                      {},
                      0});
}

Error notAllowed(const Agreement& agreement, std::string_view what) {
    return conflict("transition-not-allowed", "An agreement that is '" + std::string(name(agreement.state)) +
                                                  "' and was proposed by the " +
                                                  std::string(name(agreement.proposedBy)) + " cannot be " +
                                                  std::string(what) + " by this client.");
}

Result<AgreementView> viewOf(Agreement agreement) {
    AgreementView view;
    TRY_ASSIGN(view.terms, readTerms(agreement.terms));
    view.agreement = std::move(agreement);
    return view;
}

// Of days of which something is known, those that the agreement would hold for.
Result<std::vector<store::ReconciliationDay>> daysFrom(store::Tx& tx, const store::Carrier& carrier, Day from) {
    return store::listDays(tx, carrier.shardKey, from, Day{INT32_MAX});
}

// A closed day is settled by the rules that it was closed under.
Result<void> checkNotClosed(store::Tx& tx, const store::Carrier& carrier, Day validFrom) {
    TRY_ASSIGN(const auto days, daysFrom(tx, carrier, validFrom));
    std::optional<Day> last;
    for (const store::ReconciliationDay& day : days)
        if (day.closedAt) last = day.day;
    if (!last) return {};
    return fail(conflict("valid-from-closed",
                         "The day " + formatDay(*last) + " is closed and stays as it is. Choose a later 'validFrom'."));
}

// Days that were run by other rules are run again.
Result<void> makeStale(store::Tx& tx, const store::Carrier& carrier, Day validFrom) {
    TRY_ASSIGN(const auto days, daysFrom(tx, carrier, validFrom));
    std::set<Day> run;
    for (const store::ReconciliationDay& day : days)
        if (day.lastRunAt) run.insert(day.day);
    return store::noteDays(tx, carrier.shardKey, run);
}

Result<void> recordStep(store::Tx& tx, const Agreement& agreement, const domain::Caller& caller, Side side,
                        Instant at) {
    return store::insertAgreementStep(tx, agreement.id,
                                      {agreement.version, at, caller.clientId, side, agreement.state,
                                       agreement.validFrom, agreement.terms, agreement.reason});
}

Result<void> storeChange(store::Tx& tx, Agreement& agreement, const domain::Caller& caller, Side side, Instant at) {
    agreement.version += 1;
    TRY_ASSIGN(const bool done, store::updateAgreement(tx, agreement));
    if (!done) return fail(conflict("version-mismatch", "The agreement was changed meanwhile. Read it again."));
    return recordStep(tx, agreement, caller, side, at);
}

// The one in force on a day is the last that lists it, as store::listSignedAgreements orders them.
std::vector<Agreement> inForce(std::vector<Agreement> agreements, Day day, const AgreementQuery& query) {
    std::map<Id, Agreement> byCarrier;
    for (Agreement& agreement : agreements)
        if (agreement.validFrom <= day && (!query.carrierId || agreement.carrierId == *query.carrierId))
            byCarrier[agreement.carrierId] = std::move(agreement);
    std::vector<Agreement> found;
    for (auto& [carrier, agreement] : byCarrier)
        if (!query.after || agreement.id > *query.after) found.push_back(std::move(agreement));
    std::ranges::sort(found, {}, &Agreement::id);
    found.resize(std::min(found.size(), query.limit));
    return found;
}

}  // namespace

Result<AgreementView> proposeAgreement(const Services& services, const Limits& limits, const domain::Caller& caller,
                                       const std::optional<Id>& carrierId, const AgreementProposal& wanted) {
    TRY_ASSIGN(const Side side, sideOf(caller));
    TRY_ASSIGN(const Id carrierNamed, carrierOf(caller, carrierId));
    TRY(checkTerms(wanted.terms));
    Agreement agreement;
    agreement.id = makeId(services.clock, services.random);
    agreement.carrierId = carrierNamed;
    agreement.validFrom = wanted.validFrom;
    agreement.terms = termsText(wanted.terms);
    agreement.proposedBy = side;
    agreement.proposedAt = services.clock.now();
    TRY(services.db.write(store::ledgerWrite(2), [&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(const store::Carrier carrier, carrierIn(tx, carrierNamed));
        TRY(checkNotClosed(tx, carrier, agreement.validFrom));
        TRY_ASSIGN(agreement, store::insertAgreement(tx, agreement));
        TRY_ASSIGN(const std::int64_t open, store::countProposals(tx, carrier.id));
        if (static_cast<std::size_t>(open) > limits.agreementProposals)
            return fail(conflict("too-many-proposals", "There are already " +
                                                           std::to_string(limits.agreementProposals) +
                                                           " proposals that nobody has answered. Withdraw one."));
        return recordStep(tx, agreement, caller, side, agreement.proposedAt);
    }));
    return AgreementView{std::move(agreement), wanted.terms};
}

Result<AgreementView> amendProposal(const Services& services, const Limits& limits, const domain::Caller& caller,
                                    const Id& id, std::optional<std::int64_t> expectedVersion,
                                    const AgreementProposal& wanted) {
    TRY_ASSIGN(const Side side, sideOf(caller));
    TRY(checkTerms(wanted.terms));
    Agreement agreement;
    TRY(services.db.write(store::ledgerWrite(2), [&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(agreement, ownAgreement(tx, caller, id));
        TRY(checkVersion(agreement, expectedVersion));
        if (agreement.state != AgreementState::proposed || agreement.proposedBy != side)
            return fail(notAllowed(agreement, "changed"));
        if (static_cast<std::size_t>(agreement.version) >= limits.agreementSteps)
            return fail(conflict("too-many-proposals", "This proposal was changed " +
                                                           std::to_string(limits.agreementSteps) +
                                                           " times. Withdraw it and make another."));
        TRY_ASSIGN(const store::Carrier carrier, carrierIn(tx, agreement.carrierId));
        TRY(checkNotClosed(tx, carrier, wanted.validFrom));
        agreement.validFrom = wanted.validFrom;
        agreement.terms = termsText(wanted.terms);
        return storeChange(tx, agreement, caller, side, services.clock.now());
    }));
    return AgreementView{std::move(agreement), wanted.terms};
}

Result<AgreementView> moveAgreement(const Services& services, const domain::Caller& caller, const Id& id,
                                    std::optional<std::int64_t> expectedVersion, AgreementState to,
                                    const std::optional<std::string>& reason) {
    TRY_ASSIGN(const Side side, sideOf(caller));
    if (to == AgreementState::declined && (!reason || reason->empty()))
        return fail(invalidInput("reason-required", "Say in 'reason' why the proposal is declined."));
    Agreement agreement;
    TRY(services.db.write(store::ledgerWrite(3), [&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(agreement, ownAgreement(tx, caller, id));
        TRY(checkVersion(agreement, expectedVersion));
        if (!domain::mayMove(agreement.state, to, agreement.proposedBy, side))
            return fail(notAllowed(agreement, name(to)));
        const Instant now = services.clock.now();
        agreement.state = to;
        agreement.reason = reason;
        if (to == AgreementState::signed_) {
            agreement.signedAt = now;
            TRY_ASSIGN(const store::Carrier carrier, carrierIn(tx, agreement.carrierId));
            TRY(checkNotClosed(tx, carrier, agreement.validFrom));
            TRY(makeStale(tx, carrier, agreement.validFrom));
            TRY(store::raiseLedgerChanges(tx));
        }
        return storeChange(tx, agreement, caller, side, now);
    }));
    return viewOf(std::move(agreement));
}

Result<std::vector<AgreementView>> listAgreements(const Services& services, const domain::Caller& caller,
                                                  const AgreementQuery& query) {
    AgreementQuery asked = query;
    if (caller.role == domain::Role::carrier) {
        TRY_ASSIGN(asked.carrierId, carrierOf(caller, query.carrierId));
    }
    std::vector<Agreement> found;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        if (asked.carrierId) TRY(carrierIn(tx, *asked.carrierId));
        if (!asked.inForceOn) {
            TRY_ASSIGN(found, store::listAgreements(tx, {asked.carrierId, asked.state, asked.after, asked.limit}));
            return {};
        }
        if (asked.state && *asked.state != AgreementState::signed_) return {};
        TRY_ASSIGN(auto all, store::listSignedAgreements(tx));
        found = inForce(std::move(all), *asked.inForceOn, asked);
        return {};
    }));
    std::vector<AgreementView> views;
    for (Agreement& agreement : found) {
        TRY_ASSIGN(auto view, viewOf(std::move(agreement)));
        views.push_back(std::move(view));
    }
    return views;
}

Result<AgreementView> findAgreement(const Services& services, const domain::Caller& caller, const Id& id) {
    Agreement agreement;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(agreement, ownAgreement(tx, caller, id));
        return {};
    }));
    return viewOf(std::move(agreement));
}

Result<std::vector<store::AgreementStep>> agreementHistory(const Services& services, const domain::Caller& caller,
                                                           const Id& id) {
    std::vector<store::AgreementStep> steps;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY(ownAgreement(tx, caller, id));
        TRY_ASSIGN(steps, store::listAgreementSteps(tx, id));
        return {};
    }));
    return steps;
}

}  // namespace meetpoint::exchange
