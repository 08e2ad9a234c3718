// Looking at the windows of alert rules as they end: by leases, so that of several nodes one looks after a party's
// rules. A window is looked at once: what came of it, what is remembered, the alerts, and what is to be told of them
// are one transaction, which proves that it still holds the lease and that the rule is as it was read.
#pragma once

#include "exchange/alerts.h"
#include "exchange/lane_rounds.h"
#include "exchange/quality.h"

namespace meetpoint::exchange {

// What was done for a party.
struct AlertsDone {
    std::int64_t shardKey = 0;
    std::size_t windows = 0;  // that were looked at
    std::size_t missed = 0;   // that were not, because they lay too far back or could not be answered
    std::size_t raised = 0;
    std::size_t cleared = 0;
    bool leaseLost = false;
    std::optional<Error> failure;
    bool isNothing() const { return windows + missed == 0 && !leaseLost && !failure; }
};

// For one thread at a time; several nodes have one each.
class AlertEvaluator {
public:
    using Report = std::function<void(const AlertsDone&)>;
    // `isStopping` is asked between windows.
    AlertEvaluator(
        const QualityDesk& quality, const AlertLimits& limits, std::function<bool()> isStopping = [] { return false; });
    AlertEvaluator(const AlertEvaluator&) = delete;

    // Looks after every party's rules once and at the windows that are due. As LaneRounds::pass(); blocks.
    Result<bool> pass(const Report& report);

private:
    // A rule, the window of it that is next, and what was found there.
    struct Turn {
        store::AlertRule rule;
        AlertDefinition definition;
        Instant from, to;
        std::int64_t skipped = 0;            // windows before it that are missed
        std::optional<std::string> problem;  // the code of why this one could not be answered
        std::map<quality::GroupKey, quality::AlertWindow> groups;
        std::map<std::string, std::string> carrierNames;
    };
    // Of one group in one window.
    struct Judged;

    Result<LaneRounds::Due> look(const store::LaneTail& party);
    Result<bool> step(const store::Lease& lease);
    Instant dueAt(const store::AlertRule& rule) const { return rule.evaluatedUntil + rule.window + limits_.delay; }
    Result<std::optional<store::AlertRule>> nextRule(std::int64_t shardKey) const;
    Result<Turn> begin(store::AlertRule rule) const;
    Result<void> measure(Turn& turn) const;
    Result<std::map<quality::GroupKey, quality::Reading>> readingsIn(const Turn& turn, Instant from, Instant to,
                                                                     Instant deadline) const;
    Result<void> conclude(const store::Lease& lease, const Turn& turn);
    Result<void> judgeAll(store::Tx& tx, const Turn& turn, AlertsDone& done) const;
    Result<void> judgeGroup(store::Tx& tx, const Turn& turn, Judged& judged, AlertsDone& done) const;
    Result<void> raise(store::Tx& tx, const Turn& turn, Judged& judged) const;

    const Services& services_;
    AlertLimits limits_;
    QualityLimits qualityLimits_;  // with the groups of a rule
    QualityDesk quality_;
    std::function<bool()> isStopping_;
    LaneRounds rounds_;
    AlertsDone done_;  // for the party whose turn it is
};

}  // namespace meetpoint::exchange
