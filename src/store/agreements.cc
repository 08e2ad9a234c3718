#include "store/agreements.h"

#include "store/conditions.h"
#include "store/ledger.h"

namespace meetpoint::store {
namespace {

using domain::AgreementState;
using domain::Side;

constexpr const char* selectAgreements =
    "SELECT id, carrier_id, number, state, valid_from, terms, proposed_by, proposed_at, signed_at, reason, version "
    "FROM "
    "agreements ";

// Only this program writes the words: one that is unknown reads as what nothing may be done with.
AgreementState stateOf(std::string_view word) {
    return domain::readAgreementState(word).value_or(AgreementState::withdrawn);
}
Side sideOf(std::string_view word) {
    return domain::readSide(word).value_or(Side::platform);
}
Day dayAt(const Row& row, int column) {
    return {static_cast<std::int32_t>(row.integer(column))};
}

Agreement readAgreement(const Row& row) {
    return {row.id(0),
            row.id(1),
            row.integer(2),
            stateOf(row.text(3)),
            dayAt(row, 4),
            std::string(row.text(5)),
            sideOf(row.text(6)),
            row.instant(7),
            row.optionalInstant(8),
            row.optionalText(9),
            row.integer(10)};
}

Result<std::vector<Agreement>> agreementsWhere(Tx& tx, std::string_view condition, std::span<const Value> values) {
    std::vector<Agreement> agreements;
    TRY(tx.query(std::string(selectAgreements) + std::string(condition), values,
                 [&](const Row& row) { agreements.push_back(readAgreement(row)); }));
    return agreements;
}

}  // namespace

Result<Agreement> insertAgreement(Tx& tx, Agreement agreement) {
    TRY_ASSIGN(agreement.number, nextNumber(tx, "agreements of " + formatId(agreement.carrierId)));
    TRY(tx.execute(
        "INSERT INTO agreements (id, carrier_id, number, state, valid_from, terms, proposed_by, proposed_at, "
        "version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        {agreement.id, agreement.carrierId, agreement.number, name(agreement.state), agreement.validFrom.number,
         agreement.terms, name(agreement.proposedBy), agreement.proposedAt, agreement.version}));
    return agreement;
}

Result<bool> updateAgreement(Tx& tx, const Agreement& agreement) {
    TRY_ASSIGN(const auto changed,
               tx.execute("UPDATE agreements SET state = $2, valid_from = $3, terms = $4, signed_at = $5, reason = $6, "
                          "version = $7 WHERE id = $1 AND version = $8",
                          {agreement.id, name(agreement.state), agreement.validFrom.number, agreement.terms,
                           agreement.signedAt, agreement.reason, agreement.version, agreement.version - 1}));
    return changed == 1;
}

Result<std::optional<Agreement>> findAgreement(Tx& tx, const Id& id) {
    const Value values[] = {id};
    TRY_ASSIGN(auto found, agreementsWhere(tx, "WHERE id = $1", values));
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<std::vector<Agreement>> listAgreements(Tx& tx, const AgreementQuery& query) {
    Conditions conditions;
    conditions.addEqual("carrier_id", query.carrierId);
    if (query.state) conditions.add("state = " + conditions.next(name(*query.state)));
    if (query.after) conditions.add("id > " + conditions.next(*query.after));
    const std::string page = " ORDER BY id LIMIT " + conditions.next(query.limit);
    return agreementsWhere(tx, conditions.where() + page, conditions.values());
}

Result<std::vector<Agreement>> listSignedAgreements(Tx& tx) {
    return agreementsWhere(tx, "WHERE state = 'signed' ORDER BY carrier_id, valid_from, signed_at, number", {});
}

Result<std::int64_t> countProposals(Tx& tx, const Id& carrierId) {
    std::int64_t count = 0;
    TRY(tx.query("SELECT COUNT(*) FROM agreements WHERE carrier_id = $1 AND state = 'proposed'", {carrierId},
                 [&](const Row& row) { count = row.integer(0); }));
    return count;
}

Result<void> insertAgreementStep(Tx& tx, const Id& agreement, const AgreementStep& step) {
    TRY(
        tx.execute("INSERT INTO agreement_history (agreement_id, version, at, actor, side, state, valid_from, terms, "
                   "reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                   {agreement, step.version, step.at, step.actor, name(step.side), name(step.state),
                    step.validFrom.number, step.terms, step.reason}));
    return {};
}

Result<std::vector<AgreementStep>> listAgreementSteps(Tx& tx, const Id& agreement) {
    std::vector<AgreementStep> steps;
    TRY(tx.query(
        "SELECT version, at, actor, side, state, valid_from, terms, reason FROM agreement_history WHERE "
        "agreement_id = $1 ORDER BY version",
        {agreement}, [&](const Row& row) {
            steps.push_back({row.integer(0), row.instant(1), std::string(row.text(2)), sideOf(row.text(3)),
                             stateOf(row.text(4)), dayAt(row, 5), std::string(row.text(6)), row.optionalText(7)});
        }));
    return steps;
}

}  // namespace meetpoint::store
