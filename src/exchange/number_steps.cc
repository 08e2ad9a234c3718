#include "exchange/number_steps.h"

#include "columns/content_hash.h"
#include "exchange/assignment_events.h"

namespace meetpoint::exchange {

using domain::NumberAction;
using domain::NumberState;

namespace {

store::NumberStep stepOf(const store::Number& number, std::string_view actor, std::string_view action,
                         const std::optional<std::string>& reason) {
    store::NumberStep step;
    step.version = number.version;
    step.at = number.changedAt;
    step.actor = actor;
    step.action = action;
    step.state = name(number.state);
    step.targetType = number.targetType;
    step.targetId = number.targetId;
    step.sipUri = number.sipUri;
    step.reason = reason;
    step.category = number.category;
    return step;
}

void clearAssignment(store::Number& number) {
    number.targetType.reset();
    number.targetId.reset();
    number.sipUri.reset();
    number.category.reset();
}

// Whether a number that went from one state to the other is still its target's, or was until it was ported away: so its
// new carrier can go on with it.
bool keepsAssignment(NumberState before, NumberState after) {
    if (after == NumberState::available || after == NumberState::releaseRequested) return false;
    return after != NumberState::removed || before == NumberState::assigned || before == NumberState::assignmentPending;
}

// What is said of a number goes with its state: a state that waits for nothing has nothing to say.
void settle(store::Number& number, const std::optional<std::string>& reason) {
    if (domain::waitsForSwitch(number.state) || number.state == NumberState::portingIn) return;
    number.stateReason = number.state == NumberState::assignmentFailed ? reason : std::nullopt;
    number.expectedBy.reset();
    number.operationId.reset();
}

}  // namespace

Result<void> NumberSteps::take(const store::Carrier& carrier, store::Number& number, NumberAction action,
                               const std::optional<std::string>& reason) {
    const auto next = domain::next(number.state, action);
    if (!next)
        return fail(conflict("transition-not-allowed", "A number that is '" + std::string(name(number.state)) +
                                                           "' does not allow '" + std::string(name(action)) + "'."));
    const NumberState before = number.state;
    number.state = *next;
    number.version += 1;
    number.changedAt = services_.clock.now();
    if (!keepsAssignment(before, number.state)) clearAssignment(number);
    if (action != NumberAction::update) settle(number, reason);
    TRY_ASSIGN(const bool updated, store::updateNumber(tx_, number));
    if (!updated) return fail(conflict("version-mismatch", "The number was changed meanwhile. Read it again."));
    // A port hands the number over at the same instant; whoever completes it says to whom.
    if (*next == NumberState::removed && action == NumberAction::remove)
        TRY(store::insertHolderChange(tx_, {0, number.e164, number.changedAt, {}, {}, {}}));
    auto step = stepOf(number, actor_, name(action), reason);
    step.previousState = name(before);
    return record(carrier, number, step);
}

Result<void> NumberSteps::begin(const store::Carrier& carrier, const store::Number& number, std::string_view action) {
    if (number.state == NumberState::available)
        TRY(store::insertHolderChange(
            tx_, {0, number.e164, number.changedAt, number.carrierId, number.tenantId, number.reference}));
    return record(carrier, number, stepOf(number, actor_, action, std::nullopt));
}

Result<void> NumberSteps::record(const store::Carrier& carrier, const store::Number& number,
                                 const store::NumberStep& step) {
    TRY(store::insertStep(tx_, number.id, step));
    auto& events =
        events_.try_emplace(carrier.shardKey, columns::Records(columns::LaneKind::assignments)).first->second;
    appendAssignmentEvent(events, number, step, makeId(services_.clock, services_.random));
    return {};
}

Result<void> NumberSteps::finish() {
    for (auto& [shardKey, events] : events_) {
        auto fingerprints = columns::fingerprints(events);
        const auto prepared = services_.lanes.prepare({shardKey, columns::LaneKind::assignments}, std::move(events),
                                                      std::move(fingerprints));
        TRY(services_.lanes.append(tx_, prepared, actor_));
    }
    events_.clear();
    return {};
}

}  // namespace meetpoint::exchange
