// Alert rules as their owners keep them: made, changed, deleted. A carrier's rule sees its own calls, the platform's
// all; each has its rules, and the platform sees those of carriers. What becomes of them is
// exchange/alert_evaluation's.
#pragma once

#include "exchange/alert_definition.h"
#include "store/alerts.h"

namespace meetpoint::exchange {

// Every limit of alerts, with its default; the configuration may change them.
struct AlertLimits {
    Duration delay = minutes(5);            // after a window's end, before it is looked at: late records are in then
    Duration catchUp = hours(6);            // windows that ended longer ago are missed
    Duration evaluationTime = seconds(30);  // that one window may take
    Duration silentFor = hours(24);         // an open alert of which nothing was known so long ends
    Duration keepCleared = days(90);        // alerts, from their end on
    std::size_t rulesPerParty = 100;
    std::size_t groupsPerRule = 100;     // of one window
    std::size_t windowsPerTurn = 16;     // of one party before the next has its turn
    Duration pause = seconds(1);         // before the next look, when no window was due
    Duration lease = seconds(30);        // after which the rules of a node that died pass to others
    Duration afterFailure = minutes(1);  // before a party is looked at again whose rules failed
};

struct AlertDesk {
    const Services& services;
    const AlertLimits& limits;
};

struct AlertRuleView {
    store::AlertRule rule;
    AlertDefinition definition;
};

struct NewAlertRule {
    std::string name;
    AlertDefinition definition;
    std::optional<Id> carrierId;  // of a carrier's client that acts for several; of the platform: the calls watched
};

// Watches windows from the present one on. Codes "bad-alert-rule", "carrier-required", conflict
// "too-many-alert-rules"; not-found for a carrier or tenant.
Result<AlertRuleView> makeAlertRule(const AlertDesk& desk, const domain::Caller& caller, const NewAlertRule& wanted);

struct AlertRuleQuery {
    std::optional<Id> carrierId;  // of this carrier's own rules
    std::optional<Id> after;
    std::size_t limit = 100;
};
// Those that the caller may see, in order of id. Codes not-found.
Result<std::vector<AlertRuleView>> listAlertRules(const AlertDesk& desk, const domain::Caller& caller,
                                                  const AlertRuleQuery& query);
Result<AlertRuleView> findAlertRule(const AlertDesk& desk, const domain::Caller& caller, const Id& id);

// Another name changes nothing else. Another definition begins anew with the present window and ends the open alerts
// (`ruleChanged`). Codes as of makeAlertRule; preconditionFailed "version-mismatch"; forbidden "alert-owner-only".
Result<AlertRuleView> changeAlertRule(const AlertDesk& desk, const domain::Caller& caller, const Id& id,
                                      std::optional<std::int64_t> expectedVersion, const NewAlertRule& wanted);
// Ends its open alerts (`ruleDeleted`); alerts stay as long as others. Codes as above.
Result<void> deleteAlertRule(const AlertDesk& desk, const domain::Caller& caller, const Id& id,
                             std::optional<std::int64_t> expectedVersion);

}  // namespace meetpoint::exchange
