#include "exchange/alert_rules.h"

#include <algorithm>

#include "exchange/alerts.h"
#include "exchange/parties.h"
#include "exchange/stamp.h"
#include "store/leases.h"

namespace meetpoint::exchange {
namespace {

using store::AlertRule;

Error noSuchRule() {
    return notFound("There is no such alert rule.");
}

Result<AlertRuleView> viewOf(AlertRule rule) {
    AlertRuleView view;
    TRY_ASSIGN(view.definition, readDefinition(rule.definition));
    view.rule = std::move(rule);
    return view;
}

Result<void> checkOwner(const domain::Caller& caller, const AlertRule& rule) {
    const bool isOwner = rule.carrierId ? caller.actsFor(*rule.carrierId) : caller.role == domain::Role::platform;
    if (isOwner) return {};
    return fail(Error{
        ErrorKind::forbidden, "alert-owner-only", "Only its owner may change or delete an alert rule.", {}, {}, 0});
}

// The beginning of the window that is now.
Instant windowStart(Instant now, Duration window) {
    return now - milliseconds(now.ms % window.ms);
}

// Whose rule it is, and whose calls it sees: a carrier's its own, the platform's all or one carrier's.
Result<void> setOwner(const AlertDesk& desk, const domain::Caller& caller, const std::optional<Id>& named,
                      AlertRuleView& view) {
    AlertRule& rule = view.rule;
    if (caller.role == domain::Role::carrier) {
        TRY_ASSIGN(rule.carrierId, carrierOf(caller, named));
    } else {
        view.definition.carrierId = named;
        rule.shardKey = unattributedShard;
    }
    const auto carrier = rule.carrierId ? rule.carrierId : named;
    if (!carrier) return {};
    return desk.services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(const store::Carrier found, carrierIn(tx, *carrier));
        if (rule.carrierId) rule.shardKey = found.shardKey;
        return {};
    });
}

Result<void> check(const AlertDesk& desk, const domain::Caller& caller, const AlertDefinition& definition) {
    TRY(checkDefinition(definition));
    if (definition.filters.tenant) TRY(findTenant(desk.services, caller, *definition.filters.tenant));
    return {};
}

// While no window of the owner's rules is being looked at, and nothing is noted down for its endpoints.
Result<void> write(const AlertDesk& desk, std::int64_t shardKey, const store::TxFunction& work) {
    return desk.services.db.write(store::recordsWrite(shardKey, 4), [&](store::Tx& tx) -> Result<void> {
        TRY(store::holdWork(tx, store::alertsOf(shardKey)));
        TRY(store::holdWork(tx, store::deliveryOf(shardKey)));
        return work(tx);
    });
}

Result<AlertRule> foundUnder(store::Tx& tx, const AlertRule& known, std::optional<std::int64_t> expectedVersion) {
    TRY_ASSIGN(auto rule, store::findAlertRule(tx, known.shardKey, known.id));
    if (!rule) return fail(noSuchRule());
    if (expectedVersion && *expectedVersion != rule->version)
        return fail(Error{ErrorKind::preconditionFailed,
                          "version-mismatch",
                          "The alert rule was changed meanwhile. Read it again and repeat your change.",
                          {},
                          {},
                          0});
    return std::move(*rule);
}

Result<void> redefine(store::Tx& tx, const AlertDesk& desk, AlertRule& rule, const AlertDefinition& definition) {
    const std::string text = definitionText(definition);
    if (text == rule.definition) return {};
    TRY(clearAlertsOf(tx, desk.services, rule, clear_reason::ruleChanged));
    rule.definition = text;
    rule.window = definition.window;
    rule.evaluatedUntil = windowStart(desk.services.clock.now(), definition.window);
    rule.problem.reset();
    rule.problemAt.reset();
    return {};
}

}  // namespace

Result<AlertRuleView> makeAlertRule(const AlertDesk& desk, const domain::Caller& caller, const NewAlertRule& wanted) {
    const Services& services = desk.services;
    AlertRuleView view{{}, wanted.definition};
    TRY(setOwner(desk, caller, wanted.carrierId, view));
    TRY(check(desk, caller, view.definition));
    AlertRule& rule = view.rule;
    rule.id = makeId(services.clock, services.random);
    rule.name = wanted.name;
    rule.definition = definitionText(view.definition);
    rule.window = view.definition.window;
    rule.createdAt = services.clock.now();
    rule.evaluatedUntil = windowStart(rule.createdAt, rule.window);
    TRY(write(desk, rule.shardKey, [&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto existing, store::listAlertRules(tx, rule.shardKey));
        if (existing.size() >= desk.limits.rulesPerParty)
            return fail(conflict("too-many-alert-rules", "There may be at most " +
                                                             std::to_string(desk.limits.rulesPerParty) +
                                                             " alert rules. Delete one that is not needed."));
        return store::insertAlertRule(tx, rule);
    }));
    return view;
}

Result<std::vector<AlertRuleView>> listAlertRules(const AlertDesk& desk, const domain::Caller& caller,
                                                  const AlertRuleQuery& query) {
    if (query.carrierId && !maySeeAlertsOf(caller, query.carrierId)) return fail(notFound("There is no such carrier."));
    std::vector<AlertRule> rules;
    TRY(desk.services.db.read([&](store::Tx& tx) -> Result<void> {
        std::optional<std::int64_t> shardKey;
        if (query.carrierId) {
            TRY_ASSIGN(const store::Carrier carrier, carrierIn(tx, *query.carrierId));
            shardKey = carrier.shardKey;
        }
        TRY_ASSIGN(rules, store::listAlertRules(tx, shardKey));
        return {};
    }));
    std::vector<AlertRuleView> views;
    for (AlertRule& rule : rules) {
        if (views.size() == query.limit) break;
        if (!maySeeAlertsOf(caller, rule.carrierId) || (query.after && rule.id <= *query.after)) continue;
        TRY_ASSIGN(auto view, viewOf(std::move(rule)));
        views.push_back(std::move(view));
    }
    return views;
}

Result<AlertRuleView> findAlertRule(const AlertDesk& desk, const domain::Caller& caller, const Id& id) {
    std::optional<AlertRule> found;
    TRY(desk.services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(found, store::findAlertRuleAnywhere(tx, id));
        return {};
    }));
    if (!found || !maySeeAlertsOf(caller, found->carrierId)) return fail(noSuchRule());
    return viewOf(std::move(*found));
}

Result<AlertRuleView> changeAlertRule(const AlertDesk& desk, const domain::Caller& caller, const Id& id,
                                      std::optional<std::int64_t> expectedVersion, const NewAlertRule& wanted) {
    TRY_ASSIGN(const AlertRuleView known, findAlertRule(desk, caller, id));
    TRY(checkOwner(caller, known.rule));
    AlertDefinition definition = wanted.definition;
    definition.carrierId = known.definition.carrierId;
    TRY(check(desk, caller, definition));
    TRY(write(desk, known.rule.shardKey, [&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(AlertRule rule, foundUnder(tx, known.rule, expectedVersion));
        TRY(redefine(tx, desk, rule, definition));
        rule.name = wanted.name;
        ++rule.version;
        TRY_ASSIGN(const bool updated, store::updateAlertRule(tx, rule));
        if (!updated) return fail(internalError("an alert rule changed under its own lock"));
        return {};
    }));
    return findAlertRule(desk, caller, id);
}

Result<void> deleteAlertRule(const AlertDesk& desk, const domain::Caller& caller, const Id& id,
                             std::optional<std::int64_t> expectedVersion) {
    TRY_ASSIGN(const AlertRuleView known, findAlertRule(desk, caller, id));
    TRY(checkOwner(caller, known.rule));
    return write(desk, known.rule.shardKey, [&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(const AlertRule rule, foundUnder(tx, known.rule, expectedVersion));
        TRY(clearAlertsOf(tx, desk.services, rule, clear_reason::ruleDeleted));
        return store::deleteAlertRule(tx, rule.shardKey, rule.id);
    });
}

}  // namespace meetpoint::exchange
