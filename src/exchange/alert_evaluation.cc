#include "exchange/alert_evaluation.h"

#include <algorithm>
#include <utility>

#include "base/id.h"
#include "exchange/parties.h"
#include "store/leases.h"

namespace meetpoint::exchange {
namespace {

using quality::GroupKey;
using store::AlertRule;
using store::Tx;

// Cleared alerts that are removed beside one window's work.
constexpr std::size_t removedPerWindow = 100;

QualityLimits withGroups(QualityLimits limits, std::size_t groups) {
    limits.groups = groups;
    return limits;
}

// In whose eyes a rule sees calls.
domain::Caller ownerOf(const AlertRule& rule) {
    domain::Caller owner;
    owner.role = rule.carrierId ? domain::Role::carrier : domain::Role::platform;
    if (rule.carrierId) owner.carriers = {*rule.carrierId};
    return owner;
}

// What is wrong with the question, and would be wrong with it again: the window is missed and the rule goes on.
bool isOfTheRule(const Error& error) {
    return error.kind == ErrorKind::invalidInput || error.kind == ErrorKind::notFound ||
           error.kind == ErrorKind::timeout;
}

Result<std::vector<store::LaneTail>> parties(Tx& tx) {
    std::vector<store::LaneTail> tails;
    TRY_ASSIGN(const auto shards, store::listAlertShards(tx));
    for (const std::int64_t shard : shards)
        tails.push_back({store::alertsOf(shard).lane, 1});
    return tails;
}

}  // namespace

struct AlertEvaluator::Judged {
    store::AlertGroupState state;
    const quality::AlertWindow* window = nullptr;  // null: the group had no calls, or the window was missed
    std::string group;                             // in words, where there is a window
};

AlertEvaluator::AlertEvaluator(const QualityDesk& quality, const AlertLimits& limits, std::function<bool()> isStopping)
    : services_(quality.services),
      limits_(limits),
      qualityLimits_(withGroups(quality.limits, limits.groupsPerRule)),
      quality_{quality.services, qualityLimits_, quality.cursors, quality.helpers},
      isStopping_(std::move(isStopping)),
      rounds_(services_, {store::LaneWork::alerts, limits.lease, limits.afterFailure, limits.windowsPerTurn,
                          [this](const store::LaneTail& party) { return look(party); },
                          [this](const store::Lease& lease) { return step(lease); }, isStopping_, parties}) {}

Result<bool> AlertEvaluator::pass(const Report& report) {
    done_ = {};
    return rounds_.pass([&](const LaneTurn& turn) {
        AlertsDone done = std::exchange(done_, {});
        done.shardKey = turn.lane.shardKey;
        done.leaseLost = turn.leaseLost;
        done.failure = turn.failure;
        if (!done.isNothing()) report(done);
    });
}

// The rule whose next window ended first.
Result<std::optional<AlertRule>> AlertEvaluator::nextRule(std::int64_t shardKey) const {
    std::vector<AlertRule> rules;
    TRY(services_.db.read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(rules, store::listAlertRules(tx, shardKey));
        return {};
    }));
    const auto first =
        std::ranges::min_element(rules, {}, [this](const AlertRule& rule) { return std::pair(dueAt(rule), rule.id); });
    if (first == rules.end()) return std::nullopt;
    return std::move(*first);
}

// Never settled for longer than a pause: rules may be made and changed meanwhile.
Result<LaneRounds::Due> AlertEvaluator::look(const store::LaneTail& party) {
    TRY_ASSIGN(const auto rule, nextRule(party.lane.shardKey));
    const Instant now = services_.clock.now();
    return LaneRounds::Due{rule && dueAt(*rule) <= now, now + limits_.pause};
}

Result<bool> AlertEvaluator::step(const store::Lease& lease) {
    TRY_ASSIGN(auto rule, nextRule(lease.name.lane.shardKey));
    if (!rule || services_.clock.now() < dueAt(*rule)) return false;
    TRY_ASSIGN(Turn turn, begin(std::move(*rule)));
    if (const auto measured = measure(turn); !measured) {
        if (!isOfTheRule(measured.error())) return fail(measured.error());
        turn.groups.clear();
        turn.problem = measured.error().code;
    }
    TRY(conclude(lease, turn));
    return true;
}

// Leaves out windows that lie further back than is caught up.
Result<AlertEvaluator::Turn> AlertEvaluator::begin(AlertRule rule) const {
    Turn turn;
    TRY_ASSIGN(turn.definition, readDefinition(rule.definition));
    const Instant oldest = services_.clock.now() - limits_.delay - limits_.catchUp - rule.window;
    if (rule.evaluatedUntil < oldest)
        turn.skipped = ((oldest - rule.evaluatedUntil).ms + rule.window.ms - 1) / rule.window.ms;
    turn.from = rule.evaluatedUntil + milliseconds(turn.skipped * rule.window.ms);
    turn.to = turn.from + rule.window;
    turn.rule = std::move(rule);
    return turn;
}

Result<std::map<GroupKey, quality::Reading>> AlertEvaluator::readingsIn(const Turn& turn, Instant from, Instant to,
                                                                        Instant deadline) const {
    QualityRequest request;
    request.carrierId = turn.rule.carrierId ? turn.rule.carrierId : turn.definition.carrierId;
    request.tenantId = turn.definition.filters.tenant;
    request.deadline = deadline;
    request.query.from = from;
    request.query.to = to;
    request.query.groupBy = turn.definition.groupBy;
    request.query.filters = turn.definition.filters;
    quality::wantOnly(request.query, turn.definition.measure);
    TRY_ASSIGN(const auto groups, readGroups(quality_, ownerOf(turn.rule), request));
    std::map<GroupKey, quality::Reading> readings;
    for (const auto& [key, figures] : groups)
        readings.emplace(key, quality::readingOf(figures.asked, turn.definition.measure));
    return readings;
}

// Every group's window, beside what is usual for it.
Result<void> AlertEvaluator::measure(Turn& turn) const {
    const Instant deadline = services_.clock.now() + limits_.evaluationTime;
    TRY_ASSIGN(const auto now, readingsIn(turn, turn.from, turn.to, deadline));
    std::map<GroupKey, std::vector<quality::PastHour>> past;
    if (const auto& change = turn.definition.condition.change)
        for (const Instant hour : quality::sameHourBefore(turn.definition.zone, turn.from, change->days)) {
            TRY_ASSIGN(const auto then, readingsIn(turn, hour, hour + hours(1), deadline));
            for (const auto& [key, reading] : now) {
                const auto found = then.find(key);
                past[key].push_back({hour, found == then.end() ? quality::Reading{} : found->second});
            }
        }
    for (const auto& [key, reading] : now)
        turn.groups[key] = {turn.from, turn.to, reading,
                            quality::baselineOf(std::move(past[key]), turn.definition.condition)};
    const auto& groupBy = turn.definition.groupBy;
    if (std::ranges::find(groupBy, quality::Dimension::carrier) == groupBy.end()) return {};
    TRY_ASSIGN(const auto carriers, listCarriers(services_, ownerOf(turn.rule)));
    for (const store::Carrier& carrier : carriers)
        turn.carrierNames.emplace(formatId(carrier.id), carrier.name);
    return {};
}

Result<void> AlertEvaluator::conclude(const store::Lease& lease, const Turn& turn) {
    TRY(rounds_.leases().demand(lease));
    const std::int64_t shardKey = turn.rule.shardKey;
    AlertsDone done;
    TRY(services_.db.write(store::recordsWrite(shardKey, turn.groups.size() + 1), [&](Tx& tx) -> Result<void> {
        done = {};
        TRY(store::checkFence(tx, lease));
        TRY(store::holdWork(tx, store::deliveryOf(shardKey)));
        TRY_ASSIGN(auto rule, store::findAlertRule(tx, shardKey, turn.rule.id));
        // Changed or deleted since it was read: what was found is an answer to another question.
        if (!rule || rule->version != turn.rule.version || rule->evaluatedUntil != turn.rule.evaluatedUntil) return {};
        TRY(judgeAll(tx, turn, done));
        done.windows = turn.problem ? 0 : 1;
        done.missed = static_cast<std::size_t>(turn.skipped) + (turn.problem ? 1 : 0);
        rule->evaluatedUntil = turn.to;
        rule->missedWindows += static_cast<std::int64_t>(done.missed);
        rule->problem = turn.problem;
        rule->problemAt = turn.problem ? std::optional(services_.clock.now()) : std::nullopt;
        TRY(store::setAlertProgress(tx, *rule));
        return store::removeClearedAlerts(tx, shardKey, services_.clock.now() - limits_.keepCleared, removedPerWindow);
    }));
    done_.windows += done.windows;
    done_.missed += done.missed;
    done_.raised += done.raised;
    done_.cleared += done.cleared;
    return {};
}

// All groups that had calls in the window, or of which something is remembered.
Result<void> AlertEvaluator::judgeAll(Tx& tx, const Turn& turn, AlertsDone& done) const {
    TRY_ASSIGN(const auto states, store::listAlertStates(tx, turn.rule.shardKey, turn.rule.id));
    std::map<Id, Judged> all;
    for (const store::AlertGroupState& state : states) {
        Judged& judged = all[state.groupId];
        judged.state = state;
        if (turn.skipped > 0) judged.state.streak = 0;  // what was missed breaks a row
    }
    for (const auto& [key, window] : turn.groups) {
        Judged& judged = all[placeOf(key)];
        judged.state.groupId = placeOf(key);
        judged.state.groupKey = groupKeyText(turn.definition.groupBy, key);
        judged.window = &window;
        judged.group = quality::groupText(turn.definition.groupBy, key, turn.carrierNames);
    }
    for (auto& [id, judged] : all)
        TRY(judgeGroup(tx, turn, judged, done));
    return {};
}

Result<void> AlertEvaluator::judgeGroup(Tx& tx, const Turn& turn, Judged& judged, AlertsDone& done) const {
    const quality::AlertCondition& condition = turn.definition.condition;
    store::AlertGroupState& stored = judged.state;
    quality::AlertState state{stored.alertId.has_value(), stored.streak, stored.lastKnown};
    const auto compared =
        judged.window ? quality::comparedBy(condition, judged.window->reading, judged.window->baseline) : std::nullopt;
    const auto transition =
        quality::advance(condition, state, quality::judge(condition, compared), turn.to, limits_.silentFor);
    if (transition == quality::Transition::raised) {
        TRY(raise(tx, turn, judged));
        ++done.raised;
    } else if (transition != quality::Transition::none) {
        TRY_ASSIGN(auto alert, store::findAlert(tx, turn.rule.shardKey, *stored.alertId));
        if (!alert) return fail(internalError("an open alert has no row"));
        const bool isSilent = transition == quality::Transition::silent;
        std::optional<DecidingWindow> window;
        if (!isSilent)
            window = DecidingWindow{*judged.window, sentenceOf(judged.group, turn.definition.measure, condition,
                                                               transition, *judged.window)};
        TRY(clearAlert(tx, services_, std::move(*alert), isSilent ? clear_reason::silent : clear_reason::recovered,
                       turn.to, window));
        stored.alertId.reset();
        ++done.cleared;
    }
    stored.streak = state.streak;
    stored.lastKnown = state.lastKnown;
    return state.isIdle() ? store::deleteAlertState(tx, turn.rule.shardKey, turn.rule.id, stored.groupId)
                          : store::putAlertState(tx, turn.rule.shardKey, turn.rule.id, stored);
}

Result<void> AlertEvaluator::raise(Tx& tx, const Turn& turn, Judged& judged) const {
    const quality::Measure& measure = turn.definition.measure;
    const DecidingWindow window{*judged.window, sentenceOf(judged.group, measure, turn.definition.condition,
                                                           quality::Transition::raised, *judged.window)};
    store::Alert alert;
    alert.shardKey = turn.rule.shardKey;
    alert.id = makeId(services_.clock, services_.random);
    alert.ruleId = turn.rule.id;
    alert.carrierId = turn.rule.carrierId;
    alert.ruleName = turn.rule.name;
    alert.measure = name(measure);
    alert.groupKey = judged.state.groupKey;
    alert.raisedAt = turn.to;
    alert.raised = windowText(window);
    judged.state.alertId = alert.id;
    return raiseAlert(tx, services_, alert);
}

}  // namespace meetpoint::exchange
