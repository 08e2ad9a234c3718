#include "store/alerts.h"

#include "store/conditions.h"

namespace meetpoint::store {
namespace {

constexpr std::string_view selectRules =
    "SELECT shard_key, id, carrier_id, name, definition, window_ms, evaluated_until, missed_windows, problem, "
    "problem_at, created_at, version FROM alert_rules ";

AlertRule readRule(const Row& row) {
    AlertRule rule;
    rule.shardKey = row.integer(0);
    rule.id = row.id(1);
    rule.carrierId = row.optionalId(2);
    rule.name = row.text(3);
    rule.definition = row.text(4);
    rule.window = {row.integer(5)};
    rule.evaluatedUntil = row.instant(6);
    rule.missedWindows = row.integer(7);
    rule.problem = row.optionalText(8);
    rule.problemAt = row.optionalInstant(9);
    rule.createdAt = row.instant(10);
    rule.version = row.integer(11);
    return rule;
}

Result<std::vector<AlertRule>> rulesWhere(Tx& tx, std::string_view condition, std::initializer_list<Value> values) {
    std::vector<AlertRule> rules;
    TRY(tx.query(std::string(selectRules) + std::string(condition), values,
                 [&](const Row& row) { rules.push_back(readRule(row)); }));
    return rules;
}

constexpr std::string_view selectAlerts =
    "SELECT shard_key, id, rule_id, carrier_id, rule_name, measure, group_key, raised_at, raised, cleared_at, "
    "clear_reason, cleared FROM alerts ";

Alert readAlert(const Row& row) {
    Alert alert;
    alert.shardKey = row.integer(0);
    alert.id = row.id(1);
    alert.ruleId = row.id(2);
    alert.carrierId = row.optionalId(3);
    alert.ruleName = row.text(4);
    alert.measure = row.text(5);
    alert.groupKey = row.text(6);
    alert.raisedAt = row.instant(7);
    alert.raised = row.text(8);
    alert.clearedAt = row.optionalInstant(9);
    alert.clearReason = row.optionalText(10);
    alert.cleared = row.optionalText(11);
    return alert;
}

Result<std::vector<Alert>> alertsWhere(Tx& tx, std::string_view condition, std::span<const Value> values) {
    std::vector<Alert> alerts;
    TRY(tx.query(std::string(selectAlerts) + std::string(condition), values,
                 [&](const Row& row) { alerts.push_back(readAlert(row)); }));
    return alerts;
}

template <class T>
Result<std::optional<T>> onlyOne(Result<std::vector<T>> found) {
    if (!found) return fail(std::move(found).error());
    return found->empty() ? std::nullopt : std::optional(std::move(found->front()));
}

}  // namespace

Result<void> insertAlertRule(Tx& tx, const AlertRule& rule) {
    TRY(
        tx.execute("INSERT INTO alert_rules (shard_key, id, carrier_id, name, definition, window_ms, evaluated_until, "
                   "missed_windows, created_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9)",
                   {rule.shardKey, rule.id, rule.carrierId, rule.name, rule.definition, rule.window.ms,
                    rule.evaluatedUntil, rule.createdAt, rule.version}));
    return {};
}

Result<std::optional<AlertRule>> findAlertRule(Tx& tx, std::int64_t shardKey, const Id& id) {
    return onlyOne(rulesWhere(tx, "WHERE shard_key = $1 AND id = $2", {shardKey, id}));
}

Result<std::optional<AlertRule>> findAlertRuleAnywhere(Tx& tx, const Id& id) {
    return onlyOne(rulesWhere(tx, "WHERE id = $1", {id}));
}

Result<std::vector<AlertRule>> listAlertRules(Tx& tx, std::optional<std::int64_t> shardKey) {
    if (shardKey) return rulesWhere(tx, "WHERE shard_key = $1 ORDER BY id", {*shardKey});
    return rulesWhere(tx, "ORDER BY id", {});
}

Result<std::vector<std::int64_t>> listAlertShards(Tx& tx) {
    std::vector<std::int64_t> shards;
    TRY(tx.query("SELECT DISTINCT shard_key FROM alert_rules ORDER BY shard_key", {},
                 [&](const Row& row) { shards.push_back(row.integer(0)); }));
    return shards;
}

Result<bool> updateAlertRule(Tx& tx, const AlertRule& rule) {
    TRY_ASSIGN(const std::int64_t rows,
               tx.execute("UPDATE alert_rules SET name = $3, definition = $4, window_ms = $5, evaluated_until = $6, "
                          "missed_windows = $7, problem = $8, problem_at = $9, version = $10 "
                          "WHERE shard_key = $1 AND id = $2 AND version = $11",
                          {rule.shardKey, rule.id, rule.name, rule.definition, rule.window.ms, rule.evaluatedUntil,
                           rule.missedWindows, rule.problem, rule.problemAt, rule.version, rule.version - 1}));
    return rows == 1;
}

Result<void> setAlertProgress(Tx& tx, const AlertRule& rule) {
    TRY(
        tx.execute("UPDATE alert_rules SET evaluated_until = $3, missed_windows = $4, problem = $5, problem_at = $6 "
                   "WHERE shard_key = $1 AND id = $2",
                   {rule.shardKey, rule.id, rule.evaluatedUntil, rule.missedWindows, rule.problem, rule.problemAt}));
    return {};
}

Result<void> deleteAlertRule(Tx& tx, std::int64_t shardKey, const Id& id) {
    TRY(deleteAlertStates(tx, shardKey, id));
    TRY(tx.execute("DELETE FROM alert_rules WHERE shard_key = $1 AND id = $2", {shardKey, id}));
    return {};
}

Result<std::vector<AlertGroupState>> listAlertStates(Tx& tx, std::int64_t shardKey, const Id& ruleId) {
    std::vector<AlertGroupState> states;
    TRY(tx.query(
        "SELECT group_id, group_key, streak, last_known, alert_id FROM alert_states "
        "WHERE shard_key = $1 AND rule_id = $2 ORDER BY group_id",
        {shardKey, ruleId}, [&](const Row& row) {
            states.push_back({row.id(0), std::string(row.text(1)), row.integer(2), row.instant(3), row.optionalId(4)});
        }));
    return states;
}

Result<void> putAlertState(Tx& tx, std::int64_t shardKey, const Id& ruleId, const AlertGroupState& state) {
    return tx.executeLater(
        "INSERT INTO alert_states (shard_key, rule_id, group_id, group_key, streak, last_known, alert_id) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (shard_key, rule_id, group_id) DO UPDATE SET "
        "streak = excluded.streak, last_known = excluded.last_known, alert_id = excluded.alert_id",
        {shardKey, ruleId, state.groupId, state.groupKey, state.streak, state.lastKnown, state.alertId});
}

Result<void> deleteAlertState(Tx& tx, std::int64_t shardKey, const Id& ruleId, const Id& groupId) {
    return tx.executeLater("DELETE FROM alert_states WHERE shard_key = $1 AND rule_id = $2 AND group_id = $3",
                           {shardKey, ruleId, groupId});
}

Result<void> deleteAlertStates(Tx& tx, std::int64_t shardKey, const Id& ruleId) {
    return tx.executeLater("DELETE FROM alert_states WHERE shard_key = $1 AND rule_id = $2", {shardKey, ruleId});
}

Result<void> insertAlert(Tx& tx, const Alert& alert) {
    TRY(tx.execute(
        "INSERT INTO alerts (shard_key, id, rule_id, carrier_id, rule_name, measure, group_key, raised_at, raised) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        {alert.shardKey, alert.id, alert.ruleId, alert.carrierId, alert.ruleName, alert.measure, alert.groupKey,
         alert.raisedAt, alert.raised}));
    return {};
}

Result<void> clearAlert(Tx& tx, const Alert& alert) {
    TRY(
        tx.execute("UPDATE alerts SET cleared_at = $3, clear_reason = $4, cleared = $5 "
                   "WHERE shard_key = $1 AND id = $2 AND cleared_at IS NULL",
                   {alert.shardKey, alert.id, alert.clearedAt, alert.clearReason, alert.cleared}));
    return {};
}

Result<std::optional<Alert>> findAlert(Tx& tx, std::int64_t shardKey, const Id& id) {
    const Value values[] = {shardKey, id};
    return onlyOne(alertsWhere(tx, "WHERE shard_key = $1 AND id = $2", values));
}

Result<std::optional<Alert>> findAlertAnywhere(Tx& tx, const Id& id) {
    const Value values[] = {id};
    return onlyOne(alertsWhere(tx, "WHERE id = $1", values));
}

Result<std::vector<Alert>> listAlerts(Tx& tx, std::optional<std::int64_t> shardKey, const AlertPage& page) {
    Conditions conditions;
    conditions.add("raised_at < " + conditions.next(page.to));
    conditions.add("(cleared_at IS NULL OR cleared_at >= " + conditions.next(page.from) + ")");
    conditions.addEqual("shard_key", shardKey);
    if (page.before) conditions.add("id < " + conditions.next(*page.before));
    conditions.addEqual("rule_id", page.ruleId);
    if (page.isOpen) conditions.add(*page.isOpen ? "cleared_at IS NULL" : "cleared_at IS NOT NULL");
    if (!page.withPlatforms) conditions.add("carrier_id IS NOT NULL");
    const std::string rest = " ORDER BY id DESC LIMIT " + conditions.next(page.limit);
    return alertsWhere(tx, conditions.where() + rest, conditions.values());
}

Result<void> removeClearedAlerts(Tx& tx, std::int64_t shardKey, Instant before, std::size_t limit) {
    TRY(
        tx.execute("DELETE FROM alerts WHERE shard_key = $1 AND id IN (SELECT id FROM alerts WHERE shard_key = $1 AND "
                   "cleared_at < $2 ORDER BY cleared_at LIMIT $3)",
                   {shardKey, before, limit}));
    return {};
}

}  // namespace meetpoint::store
