#include "store/numbers.h"

namespace meetpoint::store {
namespace {

Number readNumber(const Row& row) {
    return {row.id(0),
            {static_cast<std::uint64_t>(row.integer(1))},
            row.id(2),
            row.id(3),
            domain::readNumberState(row.text(4)).value_or(domain::NumberState::removed),
            std::string(row.text(5)),
            row.optionalText(6),
            row.optionalId(7),
            row.optionalText(8),
            row.optionalText(9),
            row.instant(10),
            row.integer(11)};
}
constexpr const char* selectNumbers =
    "SELECT id, e164, carrier_id, tenant_id, state, usage, target_type, target_id, sip_uri, reference, changed_at, "
    "version FROM numbers ";

Value digits(domain::E164 number) {
    return Value(static_cast<std::int64_t>(number.digits));
}

}  // namespace

Result<bool> insertNumber(Tx& tx, const Number& number) {
    TRY_ASSIGN(
        const auto count,
        tx.execute(
            "INSERT INTO numbers (id, e164, carrier_id, tenant_id, state, usage, target_type, target_id, sip_uri, "
            "reference, "
            "changed_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING",
            {number.id, digits(number.e164), number.carrierId, number.tenantId, name(number.state), number.usage,
             number.targetType, number.targetId, number.sipUri, number.reference, number.changedAt, number.version}));
    return count == 1;
}

Result<bool> updateNumber(Tx& tx, const Number& number) {
    TRY_ASSIGN(const auto count, tx.execute("UPDATE numbers SET state = $2, target_type = $3, target_id = $4, sip_uri "
                                            "= $5, changed_at = $6, version = $7 "
                                            "WHERE id = $1 AND version = $7 - 1",
                                            {number.id, name(number.state), number.targetType, number.targetId,
                                             number.sipUri, number.changedAt, number.version}));
    return count == 1;
}

Result<std::optional<Number>> findNumber(Tx& tx, const Id& id) {
    std::optional<Number> found;
    TRY(tx.query(std::string(selectNumbers) + "WHERE id = $1", {id}, [&](const Row& row) { found = readNumber(row); }));
    return found;
}

Result<std::optional<Number>> findNumberByE164(Tx& tx, domain::E164 e164) {
    std::optional<Number> found;
    TRY(tx.query(std::string(selectNumbers) + "WHERE e164 = $1 AND state <> 'removed'", {digits(e164)},
                 [&](const Row& row) { found = readNumber(row); }));
    return found;
}

Result<std::vector<Number>> listNumbers(Tx& tx, const NumberQuery& query) {
    std::vector<Number> numbers;
    TRY(tx.query(
        std::string(selectNumbers) +
            "WHERE ($1 IS NULL OR carrier_id = $1) AND ($2 IS NULL OR tenant_id = $2) AND ($3 IS NULL OR state = $3) "
            "AND state <> 'removed' AND e164 > $4 ORDER BY e164 LIMIT $5",
        {query.carrier, query.tenant, query.state, digits(query.after), query.limit},
        [&](const Row& row) { numbers.push_back(readNumber(row)); }));
    return numbers;
}

Result<void> insertStep(Tx& tx, const Id& number, const NumberStep& step) {
    TRY(
        tx.execute("INSERT INTO number_history (number_id, version, at, actor, action, previous_state, state, "
                   "target_type, target_id, "
                   "sip_uri, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                   {number, step.version, step.at, step.actor, step.action, step.previousState, step.state,
                    step.targetType, step.targetId, step.sipUri, step.reason}));
    return {};
}

Result<std::vector<NumberStep>> listSteps(Tx& tx, const Id& number) {
    std::vector<NumberStep> steps;
    TRY(tx.query(
        "SELECT version, at, actor, action, previous_state, state, target_type, target_id, sip_uri, reason FROM "
        "number_history "
        "WHERE number_id = $1 ORDER BY version",
        {number}, [&](const Row& row) {
            steps.push_back({row.integer(0), row.instant(1), std::string(row.text(2)), std::string(row.text(3)),
                             row.optionalText(4), std::string(row.text(5)), row.optionalText(6), row.optionalId(7),
                             row.optionalText(8), row.optionalText(9)});
        }));
    return steps;
}

Result<void> insertHolderChange(Tx& tx, const HolderChange& change) {
    TRY(
        tx.execute("INSERT INTO holders (change, e164, from_ms, carrier_id, tenant_id, reference) "
                   "SELECT COALESCE(MAX(change), 0) + 1, $1, $2, $3, $4, $5 FROM holders",
                   {digits(change.e164), change.from, change.carrierId, change.tenantId, change.reference}));
    return {};
}

Result<void> readHolderChanges(Tx& tx, std::int64_t after, const std::function<void(HolderChange)>& use) {
    return tx.query(
        "SELECT change, e164, from_ms, carrier_id, tenant_id, reference FROM holders WHERE change > $1 ORDER BY change",
        {after}, [&](const Row& row) {
            use({row.integer(0),
                 {static_cast<std::uint64_t>(row.integer(1))},
                 row.instant(2),
                 row.optionalId(3),
                 row.optionalId(4),
                 row.optionalText(5)});
        });
}

}  // namespace meetpoint::store
