#include "store/numbers.h"

#include "store/conditions.h"
#include "store/ledger.h"

namespace meetpoint::store {
namespace {

constexpr std::string_view selectNumbers =
    "SELECT id, e164, carrier_id, tenant_id, state, usage, target_type, target_id, sip_uri, reference, changed_at, "
    "version, additional_usage, capabilities, country, location_id, calling_profile_id, ticket_id, category, "
    "acquired_at, state_reason, expected_by, operation_id FROM numbers ";

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
            row.integer(11),
            row.optionalText(12),
            std::string(row.text(13)),
            std::string(row.text(14)),
            row.optionalText(15),
            row.optionalText(16),
            row.optionalText(17),
            row.optionalText(18),
            row.instant(19),
            row.optionalText(20),
            row.optionalInstant(21),
            row.optionalId(22)};
}

Value digits(domain::E164 number) {
    return Value(static_cast<std::int64_t>(number.digits));
}

Result<std::vector<Number>> numbers(Tx& tx, const std::string& rest, std::span<const Value> parameters) {
    std::vector<Number> found;
    TRY(tx.query(std::string(selectNumbers) + rest, parameters,
                 [&](const Row& row) { found.push_back(readNumber(row)); }));
    return found;
}

Result<std::optional<Number>> one(Tx& tx, const std::string& rest, std::initializer_list<Value> parameters) {
    TRY_ASSIGN(auto found, numbers(tx, rest, std::span(parameters.begin(), parameters.size())));
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Conditions conditionsOf(const NumberQuery& query) {
    Conditions conditions;
    conditions.add("state <> 'removed'");
    conditions.addEqual("id", query.id);
    conditions.addEqual("carrier_id", query.carrier);
    conditions.addEqual("tenant_id", query.tenant);
    conditions.addEqual("state", query.state);
    conditions.addEqual("target_id", query.target);
    conditions.addEqual("country", query.country);
    if (query.usage) {
        const std::string usage = conditions.next(*query.usage);
        conditions.add("(usage = " + usage + " OR additional_usage = " + usage + ")");
    }
    if (query.from) conditions.add("e164 >= " + conditions.next(digits(*query.from)));
    if (query.to) conditions.add("e164 <= " + conditions.next(digits(*query.to)));
    // Digits alone, so there is nothing to escape.
    const auto addLike = [&](std::string pattern) {
        conditions.add("CAST(e164 AS TEXT) LIKE " + conditions.nextKept(std::move(pattern)));
    };
    if (query.prefix) addLike(*query.prefix + "%");
    if (query.contains) addLike("%" + *query.contains + "%");
    if (query.condition) conditions.add(textOf(*query.condition, [&](Value value) { return conditions.next(value); }));
    if (query.after.digits > 0) conditions.add("e164 > " + conditions.next(digits(query.after)));
    return conditions;
}

}  // namespace

Result<bool> insertNumber(Tx& tx, const Number& number) {
    TRY_ASSIGN(
        const auto count,
        tx.execute(
            "INSERT INTO numbers (id, e164, carrier_id, tenant_id, state, usage, target_type, target_id, sip_uri, "
            "reference, changed_at, version, additional_usage, capabilities, country, location_id, "
            "calling_profile_id, ticket_id, category, acquired_at, state_reason, expected_by, operation_id) VALUES "
            "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, "
            "$23) ON CONFLICT DO NOTHING",
            {number.id,
             digits(number.e164),
             number.carrierId,
             number.tenantId,
             name(number.state),
             number.usage,
             number.targetType,
             number.targetId,
             number.sipUri,
             number.reference,
             number.changedAt,
             number.version,
             number.additionalUsage,
             number.capabilities,
             number.country,
             number.locationId,
             number.callingProfileId,
             number.ticketId,
             number.category,
             number.acquiredAt,
             number.stateReason,
             number.expectedBy,
             number.operationId}));
    return count == 1;
}

Result<bool> updateNumber(Tx& tx, const Number& number) {
    TRY_ASSIGN(
        const auto count,
        tx.execute("UPDATE numbers SET state = $2, target_type = $3, target_id = $4, sip_uri = $5, changed_at = "
                   "$6, version = $7, reference = $8, location_id = $9, calling_profile_id = $10, category = "
                   "$11, state_reason = $12, expected_by = $13, operation_id = $14 "
                   "WHERE id = $1 AND version = $7 - 1",
                   {number.id, name(number.state), number.targetType, number.targetId, number.sipUri, number.changedAt,
                    number.version, number.reference, number.locationId, number.callingProfileId, number.category,
                    number.stateReason, number.expectedBy, number.operationId}));
    return count == 1;
}

Result<std::optional<Number>> findNumber(Tx& tx, const Id& id) {
    return one(tx, "WHERE id = $1", {id});
}

Result<std::optional<Number>> findNumberByE164(Tx& tx, domain::E164 e164) {
    return one(tx, "WHERE e164 = $1 AND state <> 'removed' AND state <> 'portingIn'", {digits(e164)});
}

Result<std::vector<Number>> listNumbers(Tx& tx, const NumberQuery& query) {
    Conditions conditions = conditionsOf(query);
    const std::string rest = " ORDER BY e164, id LIMIT " + conditions.next(query.limit) +
                             (query.skip > 0 ? " OFFSET " + conditions.next(query.skip) : "");
    return numbers(tx, conditions.where() + rest, conditions.values());
}

Result<std::int64_t> countNumbers(Tx& tx, const NumberQuery& query) {
    const Conditions conditions = conditionsOf(query);
    std::int64_t count = 0;
    TRY(tx.query("SELECT COUNT(*) FROM numbers " + conditions.where(), conditions.values(),
                 [&](const Row& row) { count = row.integer(0); }));
    return count;
}

Result<std::vector<Number>> numbersOfTarget(Tx& tx, const Id& tenant, const Id& target) {
    const Value parameters[] = {tenant, target};
    return numbers(tx, "WHERE tenant_id = $1 AND target_id = $2 AND state <> 'removed' ORDER BY e164", parameters);
}

Result<void> insertStep(Tx& tx, const Id& number, const NumberStep& step) {
    return tx.executeLater(
        "INSERT INTO number_history (number_id, version, at, actor, action, previous_state, state, target_type, "
        "target_id, sip_uri, reason, category) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        {number, step.version, step.at, step.actor, step.action, step.previousState, step.state, step.targetType,
         step.targetId, step.sipUri, step.reason, step.category});
}

Result<std::vector<NumberStep>> listSteps(Tx& tx, const Id& number) {
    std::vector<NumberStep> steps;
    TRY(tx.query(
        "SELECT version, at, actor, action, previous_state, state, target_type, target_id, sip_uri, reason, category "
        "FROM number_history "
        "WHERE number_id = $1 ORDER BY version",
        {number}, [&](const Row& row) {
            steps.push_back({row.integer(0), row.instant(1), std::string(row.text(2)), std::string(row.text(3)),
                             row.optionalText(4), std::string(row.text(5)), row.optionalText(6), row.optionalId(7),
                             row.optionalText(8), row.optionalText(9), row.optionalText(10)});
        }));
    return steps;
}

Result<void> insertHolderChange(Tx& tx, const HolderChange& change) {
    // In the order of commits: a cache that has seen a change has seen all before it.
    TRY_ASSIGN(const std::int64_t number, nextNumber(tx, "holders"));
    return tx.executeLater(
        "INSERT INTO holders (change, e164, from_ms, carrier_id, tenant_id, reference) VALUES ($1, $2, $3, $4, $5, $6)",
        {number, digits(change.e164), change.from, change.carrierId, change.tenantId, change.reference});
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
