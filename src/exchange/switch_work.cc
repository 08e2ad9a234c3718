#include "exchange/switch_work.h"

#include <boost/json.hpp>

namespace meetpoint::exchange {
namespace {

namespace json = boost::json;
using domain::NumberAction;
using domain::NumberState;
using store::OperationStatus;

constexpr const char* feedName = "provisioning";
constexpr const char* awaitingSwitch = "awaitingSwitch";

const char* kindOf(NumberAction action) {
    switch (action) {
        case NumberAction::assign:
            return "assignNumber";
        case NumberAction::unassign:
            return "unassignNumber";
        default:
            return "removeNumber";
    }
}

template <class T>
json::value orNull(const std::optional<T>& value) {
    if (!value) return nullptr;
    if constexpr (std::is_same_v<T, Id>)
        return json::value(formatId(*value));
    else
        return json::value(*value);
}

// What the switch has to know, as it was when the work was asked for.
std::string requestOf(const store::Number& number, const std::optional<std::string>& reason) {
    return json::serialize(json::object{{"telephoneNumber", domain::format(number.e164)},
                                        {"usage", number.usage},
                                        {"targetType", orNull(number.targetType)},
                                        {"targetId", orNull(number.targetId)},
                                        {"sipUri", orNull(number.sipUri)},
                                        {"category", orNull(number.category)},
                                        {"locationId", orNull(number.locationId)},
                                        {"callingProfileId", orNull(number.callingProfileId)},
                                        {"reason", orNull(reason)}});
}

void finish(store::Operation& operation, bool succeeded, const std::optional<std::string>& reason, Instant now) {
    operation.status = succeeded ? OperationStatus::succeeded : OperationStatus::failed;
    operation.succeeded = succeeded ? 1 : 0;
    operation.failed = succeeded ? 0 : 1;
    operation.reason = reason;
    operation.updatedAt = now;
    operation.finishedAt = now;
}

Error finished(const store::Operation& operation) {
    return conflict("operation-finished", "This operation has ended as '" + std::string(name(operation.status)) +
                                              "' and is not ended again.");
}

Result<store::Operation> findWork(store::Tx& tx, const Id& id) {
    TRY_ASSIGN(const auto operation, store::findOperation(tx, id));
    if (!operation) return fail(notFound("There is no such operation."));
    if (!operation->sequence)
        return fail(conflict("not-switch-work",
                             "This operation is worked through by the exchange; there is nothing "
                             "to confirm."));
    return *operation;
}

Result<void> endNumberState(store::Tx& tx, const Services& services, const store::Operation& operation,
                            const WorkOutcome& outcome, const std::string& actor) {
    TRY_ASSIGN(auto number, store::findNumber(tx, *operation.numberId));
    if (!number || number->operationId != operation.id || !domain::waitsForSwitch(number->state))
        return fail(corrupt("a number does not wait for its operation"));
    TRY_ASSIGN(const auto carrier, store::findCarrier(tx, number->carrierId));
    if (!carrier) return fail(corrupt("a number's carrier is missing"));
    NumberSteps steps(tx, services, actor);
    const NumberAction action =
        outcome.succeeded ? domain::confirmationOf(number->state) : domain::failureOf(number->state);
    TRY(steps.take(*carrier, *number, action, outcome.reason));
    return steps.finish();
}

}  // namespace

Result<store::Operation> moveBySwitch(store::Tx& tx, const Services& services, const Provisioning& rules,
                                      NumberSteps& steps, const store::Carrier& carrier, store::Number& number,
                                      NumberAction action, std::string_view clientId,
                                      const std::optional<std::string>& reason) {
    const Instant now = services.clock.now();
    store::Operation operation;
    operation.id = makeId(services.clock, services.random);
    operation.clientId = clientId;
    operation.carrierId = number.carrierId;
    operation.tenantId = number.tenantId;
    operation.kind = kindOf(action);
    operation.status = OperationStatus::running;
    operation.createdAt = operation.updatedAt = now;
    operation.request = requestOf(number, reason);
    operation.total = 1;
    operation.numberId = number.id;
    operation.expectedBy =
        now + (action == NumberAction::requestRelease ? rules.removalWithin : rules.assignmentWithin);
    number.operationId = operation.id;
    number.stateReason = awaitingSwitch;
    number.expectedBy = operation.expectedBy;
    TRY(steps.take(carrier, number, action, reason));
    if (rules.isImmediate && domain::waitsForSwitch(number.state))
        TRY(steps.take(carrier, number, domain::confirmationOf(number.state), reason));
    if (!domain::waitsForSwitch(number.state)) {
        finish(operation, true, std::nullopt, now);
    } else {
        TRY_ASSIGN(operation.sequence, store::nextNumber(tx, "switch_work"));
        tx.announce(std::string(switchWorkTopic));
    }
    TRY(store::insertOperation(tx, operation));
    return operation;
}

Result<void> overtakeWork(store::Tx& tx, const Services& services, const store::Number& number,
                          const std::string& reason) {
    if (!number.operationId) return {};
    TRY_ASSIGN(auto operation, store::findOperation(tx, *number.operationId));
    if (!operation || store::isFinished(operation->status)) return {};
    operation->version += 1;
    finish(*operation, false, reason, services.clock.now());
    TRY_ASSIGN(const bool updated, store::updateOperation(tx, *operation));
    if (!updated) return fail(conflict("version-mismatch", "The operation was changed meanwhile. Try again."));
    tx.announce(std::string(operationsTopic));
    return {};
}

Result<WorkPage> readSwitchWork(const Services& services, const CursorKey& cursors, const domain::Caller& caller,
                                const std::optional<std::string>& cursor, std::size_t limit) {
    std::int64_t from = 1;
    if (cursor) {
        TRY_ASSIGN(from, cursors.read(*cursor, feedName, caller.clientId));
    }
    WorkPage page;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(page.work, store::listSwitchWork(tx, from, limit + 1));
        return {};
    }));
    page.hasMore = page.work.size() > limit;
    if (page.hasMore) page.work.pop_back();
    const std::int64_t next = page.work.empty() ? from : *page.work.back().sequence + 1;
    page.next = cursors.write(feedName, next, caller.clientId);
    return page;
}

Result<store::Operation> confirmWork(const Services& services, const domain::Caller& caller, const Id& operationId,
                                     const WorkOutcome& outcome) {
    if (!outcome.succeeded && (!outcome.reason || outcome.reason->empty()))
        return fail(invalidInput("reason-required",
                                 "Say in 'reason' why it failed; the tenant and the carrier see "
                                 "it."));
    store::Operation operation;
    TRY(services.db.write(store::ledgerWrite(2), [&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(operation, findWork(tx, operationId));
        if (store::isFinished(operation.status)) {
            const bool isSame = (operation.status == OperationStatus::succeeded) == outcome.succeeded;
            return isSame ? Result<void>{} : fail(finished(operation));
        }
        TRY(endNumberState(tx, services, operation, outcome, caller.clientId));
        operation.version += 1;
        finish(operation, outcome.succeeded, outcome.reason, services.clock.now());
        TRY_ASSIGN(const bool updated, store::updateOperation(tx, operation));
        if (!updated) return fail(conflict("version-mismatch", "The operation was changed meanwhile. Read it again."));
        tx.announce(std::string(operationsTopic));
        return {};
    }));
    return operation;
}

}  // namespace meetpoint::exchange
