#include "exchange/number_steps.h"

#include "exchange/assignment_events.h"

namespace meetpoint::exchange {

using domain::NumberAction;

Result<void> takeStep(store::Tx& tx, const Services& services, const store::Carrier& carrier, store::Number& number,
                      NumberAction action, std::string_view actor, const std::optional<std::string>& reason) {
    const auto next = domain::next(number.state, action);
    if (!next)
        return fail(conflict("transition-not-allowed", "A number that is '" + std::string(name(number.state)) +
                                                           "' does not allow '" + std::string(name(action)) + "'."));
    const store::NumberStep step{number.version + 1,
                                 services.clock.now(),
                                 std::string(actor),
                                 std::string(name(action)),
                                 std::string(name(number.state)),
                                 std::string(name(*next)),
                                 number.targetType,
                                 number.targetId,
                                 number.sipUri,
                                 reason};
    number.state = *next;
    number.version = step.version;
    number.changedAt = step.at;
    TRY_ASSIGN(const bool updated, store::updateNumber(tx, number));
    if (!updated) return fail(conflict("version-mismatch", "The number was changed meanwhile. Read it again."));
    TRY(store::insertStep(tx, number.id, step));
    if (*next == domain::NumberState::removed)
        TRY(store::insertHolderChange(tx, {0, number.e164, step.at, std::nullopt, std::nullopt, std::nullopt}));
    return appendAssignmentEvent(tx, services, carrier.shardKey, number, step);
}

Result<void> recordUpload(store::Tx& tx, const Services& services, const store::Carrier& carrier,
                          const store::Number& number, std::string_view actor) {
    const store::NumberStep step{
        1, number.changedAt, std::string(actor), "upload", std::nullopt, std::string(name(number.state)), {}, {}, {},
        {}};
    TRY(store::insertStep(tx, number.id, step));
    TRY(store::insertHolderChange(
        tx, {0, number.e164, number.changedAt, number.carrierId, number.tenantId, number.reference}));
    return appendAssignmentEvent(tx, services, carrier.shardKey, number, step);
}

}  // namespace meetpoint::exchange
