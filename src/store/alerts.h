// Alert rules, what is remembered of their groups, and the alerts that they raised. All rows of a party lie by its
// shard key, the platform's by 0. Transactions that change something begin with checkFence() or holdWork() of
// alertsOf(). Definitions, group keys and windows are JSON that only `exchange` reads.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/db.h"

namespace meetpoint::store {

struct AlertRule {
    std::int64_t shardKey = 0;
    Id id;
    std::optional<Id> carrierId;  // none: the platform's
    std::string name;
    std::string definition;
    Duration window;         // its length
    Instant evaluatedUntil;  // the end of the last window that was looked at, or missed
    std::int64_t missedWindows = 0;
    std::optional<std::string> problem;  // the code of why the last window was missed
    std::optional<Instant> problemAt;
    Instant createdAt;
    std::int64_t version = 1;  // of what its owner sees and changes
};

Result<void> insertAlertRule(Tx& tx, const AlertRule& rule);
Result<std::optional<AlertRule>> findAlertRule(Tx& tx, std::int64_t shardKey, const Id& id);
// Of whichever party; for transactions that only read.
Result<std::optional<AlertRule>> findAlertRuleAnywhere(Tx& tx, const Id& id);
// Of one party in order of id; of all where no shard key is given, for transactions that only read.
Result<std::vector<AlertRule>> listAlertRules(Tx& tx, std::optional<std::int64_t> shardKey);
// The shard keys that have rules, in order; for transactions that only read.
Result<std::vector<std::int64_t>> listAlertShards(Tx& tx);
// False where the stored version is another than `rule.version - 1`.
Result<bool> updateAlertRule(Tx& tx, const AlertRule& rule);
// How far it was looked at, without a new version: the worker's own note.
Result<void> setAlertProgress(Tx& tx, const AlertRule& rule);
// With what is remembered of its groups; its alerts stay.
Result<void> deleteAlertRule(Tx& tx, std::int64_t shardKey, const Id& id);

struct AlertGroupState {
    Id groupId;  // made of its key
    std::string groupKey;
    std::int64_t streak = 0;
    Instant lastKnown;
    std::optional<Id> alertId;  // that is open
};
Result<std::vector<AlertGroupState>> listAlertStates(Tx& tx, std::int64_t shardKey, const Id& ruleId);
// Inserts or replaces.
Result<void> putAlertState(Tx& tx, std::int64_t shardKey, const Id& ruleId, const AlertGroupState& state);
Result<void> deleteAlertState(Tx& tx, std::int64_t shardKey, const Id& ruleId, const Id& groupId);
Result<void> deleteAlertStates(Tx& tx, std::int64_t shardKey, const Id& ruleId);

struct Alert {
    std::int64_t shardKey = 0;
    Id id;  // in order of raising
    Id ruleId;
    std::optional<Id> carrierId;  // the rule's
    std::string ruleName;         // when it was raised
    std::string measure;
    std::string groupKey;
    Instant raisedAt;  // the end of the window that raised it
    std::string raised;
    std::optional<Instant> clearedAt;
    std::optional<std::string> clearReason;
    std::optional<std::string> cleared;  // where a window did
};
Result<void> insertAlert(Tx& tx, const Alert& alert);
// Nothing where it is not open any more.
Result<void> clearAlert(Tx& tx, const Alert& alert);
Result<std::optional<Alert>> findAlert(Tx& tx, std::int64_t shardKey, const Id& id);
// Of whichever party; for transactions that only read.
Result<std::optional<Alert>> findAlertAnywhere(Tx& tx, const Id& id);

struct AlertPage {
    std::optional<Id> before;                // ids below this one
    Instant from{INT64_MIN}, to{INT64_MAX};  // that were open at some time in [from, to)
    std::optional<bool> isOpen;              // now
    std::optional<Id> ruleId;
    bool withPlatforms = true;  // also those of the platform's own rules
    std::size_t limit = 100;
};
// Newest first. Of one party; of all where no shard key is given, for transactions that only read.
Result<std::vector<Alert>> listAlerts(Tx& tx, std::optional<std::int64_t> shardKey, const AlertPage& page);
// Removes those that were cleared before `before`, at most `limit`.
Result<void> removeClearedAlerts(Tx& tx, std::int64_t shardKey, Instant before, std::size_t limit);

}  // namespace meetpoint::store
