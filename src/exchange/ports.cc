#include "exchange/ports.h"

#include "exchange/assignments.h"
#include "exchange/consents.h"
#include "exchange/order_text.h"
#include "exchange/order_work.h"

namespace meetpoint::exchange {
namespace {

using domain::NumberAction;
using domain::NumberState;
using domain::PortState;

constexpr const char* feedName = "ports";
constexpr const char* conflictsName = "number-conflicts";
constexpr const char* portWorker = "ports";
constexpr std::size_t portsPerLook = 64;

Error changedMeanwhile() {
    return conflict("version-mismatch", "The port was changed meanwhile. Read it again.");
}

Result<void> checkMove(PortState from, PortState to) {
    if (domain::mayMove(from, to)) return {};
    return fail(conflict("transition-not-allowed", "A port that is '" + std::string(name(from)) + "' cannot be '" +
                                                       std::string(name(to)) + "'."));
}

Result<void> storePort(store::Tx& tx, const Services& services, store::Port& port, PortState to,
                       const std::optional<std::string>& reason) {
    TRY(checkMove(port.state, to));
    port.state = to;
    port.changedAt = services.clock.now();
    port.reason = reason ? reason : port.reason;
    port.version += 1;
    TRY_ASSIGN(const bool updated, store::updatePort(tx, port));
    if (!updated) return fail(changedMeanwhile());
    return {};
}

Result<store::Carrier> carrierNamed(store::Tx& tx, const Id& id) {
    TRY_ASSIGN(const auto carrier, store::findCarrier(tx, id));
    if (!carrier) return fail(corrupt("a port's carrier is missing"));
    return *carrier;
}

Result<store::Number> numberNamed(store::Tx& tx, const Id& id) {
    TRY_ASSIGN(const auto number, store::findNumber(tx, id));
    if (!number) return fail(corrupt("a port's number is missing"));
    return *number;
}

SeenPort seenBy(const domain::Caller& caller, store::Port port) {
    SeenPort seen{std::move(port), false, false};
    seen.isGaining = caller.actsFor(seen.port.gainingCarrierId);
    seen.isLosing = seen.port.losingCarrierId && caller.actsFor(*seen.port.losingCarrierId);
    return seen;
}

Result<SeenPort> ownPort(store::Tx& tx, const domain::Caller& caller, const Id& id) {
    TRY_ASSIGN(const auto port, store::findPort(tx, id));
    if (port) {
        SeenPort seen = seenBy(caller, *port);
        if (seen.isGaining || seen.isLosing || caller.role == domain::Role::platform) return seen;
    }
    return fail(notFound("There is no such port."));
}

// Ends the gaining side of a port that will not be.
Result<void> abandon(store::Tx& tx, const Services& services, const store::Port& port, const std::string& actor,
                     const std::optional<std::string>& reason) {
    TRY_ASSIGN(auto number, numberNamed(tx, port.numberId));
    TRY_ASSIGN(const auto carrier, carrierNamed(tx, port.gainingCarrierId));
    NumberSteps steps(tx, services, actor);
    TRY(steps.take(carrier, number, NumberAction::cancelPort, reason));
    return steps.finish();
}

// The instant at which the number changes hands: the losing side's part, in a transaction of its lane.
Result<void> cutOver(const Services& services, const store::Port& port, const std::string& actor) {
    return services.db.write(store::ledgerWrite(2), [&](store::Tx& tx) -> Result<void> {
        store::Port moved = port;
        TRY(checkMove(port.state, PortState::cutOver));
        TRY(requireConsent(tx, port.tenantId, port.gainingCarrierId));
        const Instant now = services.clock.now();
        if (port.portAt && now < *port.portAt)
            return fail(conflict("port-too-early",
                                 "This port is not to be completed before " + formatInstant(*port.portAt) + "."));
        TRY_ASSIGN(const auto number, numberNamed(tx, port.numberId));
        TRY_ASSIGN(auto held, store::findNumberByE164(tx, port.e164));
        // Whoever took it in since has not agreed to anything.
        if (held && held->id != port.losingNumberId)
            return fail(conflict("number-not-available", "This number is held by somebody else now. Cancel the port."));
        if (held) {
            TRY_ASSIGN(const auto losing, carrierNamed(tx, held->carrierId));
            TRY(overtakeWork(tx, services, *held, "portedOut"));
            NumberSteps steps(tx, services, actor);
            TRY(steps.take(losing, *held, NumberAction::portOut));
            TRY(steps.finish());
        }
        TRY(store::insertHolderChange(tx, {0, port.e164, now, port.gainingCarrierId, port.tenantId, number.reference}));
        return storePort(tx, services, moved, PortState::cutOver, std::nullopt);
    });
}

// A number that stays with its tenant stays with its target, as far as the switch goes along.
Result<void> keepAssignment(store::Tx& tx, const Services& services, const Limits& limits, NumberSteps& steps,
                            const store::Carrier& carrier, const store::Port& port, store::Number& number) {
    if (!port.losingNumberId) return {};
    TRY_ASSIGN(const auto before, numberNamed(tx, *port.losingNumberId));
    const bool wasAssigned = before.tenantId == port.tenantId && before.targetId && before.sipUri &&
                             (before.usage == number.usage || before.usage == number.additionalUsage);
    if (!wasAssigned) return {};
    const auto kept = assignIn(tx, services, limits.provisioning, steps, carrier, number,
                               {before.targetId, std::nullopt, before.sipUri, before.category}, portWorker);
    // A target that went meanwhile is no reason to keep the number from its new carrier.
    const bool isRefused =
        !kept && (kept.error().kind == ErrorKind::notFound || kept.error().kind == ErrorKind::conflict);
    return kept || isRefused ? Result<void>{} : fail(kept.error());
}

// The gaining side's part. A second run finds nothing to do.
Result<store::Port> bringUp(const Services& services, const Limits& limits, const Id& id, const std::string& actor) {
    store::Port port;
    TRY(services.db.write(store::ledgerWrite(3), [&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto found, store::findPort(tx, id));
        if (!found) return fail(corrupt("a port is missing"));
        port = *found;
        if (port.state != PortState::cutOver) return {};
        TRY_ASSIGN(auto number, numberNamed(tx, port.numberId));
        TRY_ASSIGN(const auto carrier, carrierNamed(tx, port.gainingCarrierId));
        NumberSteps steps(tx, services, actor);
        TRY(steps.take(carrier, number, NumberAction::completePort));
        TRY(keepAssignment(tx, services, limits, steps, carrier, port, number));
        TRY(steps.finish());
        return storePort(tx, services, port, PortState::completed, std::nullopt);
    }));
    return port;
}

// Which of the moves a side may make.
bool mayAsk(const domain::Caller& caller, const SeenPort& seen, PortState to) {
    if (caller.role == domain::Role::platform) return true;
    if (to == PortState::accepted || to == PortState::objected) return seen.isLosing;
    return seen.isGaining;
}

Result<SeenPort> answerPort(const Services& services, const domain::Caller& caller, const Id& id,
                            const PortMove& move) {
    SeenPort seen;
    TRY(services.db.write(store::ledgerWrite(2), [&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(seen, ownPort(tx, caller, id));
        store::Port& port = seen.port;
        if (!mayAsk(caller, seen, move.to))
            return fail(conflict("transition-not-allowed", "The other side of the port does that."));
        if (move.to == PortState::accepted && move.portAt)
            port.portAt = std::max(*move.portAt, port.portAt.value_or(*move.portAt));
        TRY(storePort(tx, services, port, move.to, move.reason));
        if (move.to == PortState::accepted) return {};
        return abandon(tx, services, port, caller.clientId, move.reason);
    }));
    return seen;
}

}  // namespace

Result<store::Port> beginPort(store::Tx& tx, const Services& services, NumberSteps& steps,
                              const store::Carrier& gaining, store::Number number,
                              const std::optional<store::Number>& held, const std::optional<Instant>& portAt) {
    const Instant now = services.clock.now();
    number.state = NumberState::portingIn;
    number.stateReason = held ? "awaitingLosingCarrier" : "awaitingCompletion";
    number.expectedBy = portAt;
    TRY_ASSIGN(const bool inserted, store::insertNumber(tx, number));
    if (!inserted) return fail(conflict("number-not-available", "This number cannot be ordered."));
    TRY(steps.begin(gaining, number, "portIn"));
    store::Port port;
    port.id = makeId(services.clock, services.random);
    port.e164 = number.e164;
    port.numberId = number.id;
    port.tenantId = number.tenantId;
    port.gainingCarrierId = number.carrierId;
    if (held) {
        port.losingCarrierId = held->carrierId;
        port.losingNumberId = held->id;
    }
    port.state = held ? PortState::requested : PortState::accepted;
    port.portAt = portAt;
    port.requestedAt = port.changedAt = now;
    TRY(store::insertPort(tx, port));
    return port;
}

Result<PortPage> listPorts(const Services& services, const CursorKey& cursors, const domain::Caller& caller,
                           const std::optional<Id>& carrier, const std::optional<std::string>& cursor,
                           std::size_t limit) {
    std::optional<Id> side = carrier, after;
    if (caller.role == domain::Role::carrier) {
        TRY_ASSIGN(side, carrierOf(caller, carrier));
    }
    if (cursor) {
        TRY_ASSIGN(after, cursors.readId(*cursor, feedName, caller.clientId));
    }
    PortPage page;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto ports, store::listPorts(tx, side, after, limit + 1));
        for (const auto& port : ports)
            page.ports.push_back(seenBy(caller, port));
        return {};
    }));
    if (page.ports.size() > limit) {
        page.ports.pop_back();
        page.next = cursors.write(feedName, page.ports.back().port.id, caller.clientId);
    }
    return page;
}

Result<SeenPort> findPort(const Services& services, const domain::Caller& caller, const Id& id) {
    SeenPort seen;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(seen, ownPort(tx, caller, id));
        return {};
    }));
    return seen;
}

Result<SeenPort> movePort(const Services& services, const Limits& limits, const domain::Caller& caller, const Id& id,
                          const PortMove& move) {
    if (move.to == PortState::objected && (!move.reason || move.reason->empty()))
        return fail(invalidInput("reason-required", "Say in 'reason' why this number is not to be ported."));
    if (move.to != PortState::completed) return answerPort(services, caller, id, move);
    TRY_ASSIGN(SeenPort seen, findPort(services, caller, id));
    if (!mayAsk(caller, seen, move.to))
        return fail(conflict("transition-not-allowed", "The other side of the port does that."));
    if (seen.port.state != PortState::cutOver) TRY(cutOver(services, seen.port, caller.clientId));
    TRY_ASSIGN(seen.port, bringUp(services, limits, id, caller.clientId));
    return seen;
}

Result<std::size_t> finishCutOverPorts(const Services& services, const Limits& limits) {
    std::vector<store::Port> left;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(left, store::listCutOverPorts(tx, services.clock.now() - limits.orderIdle, portsPerLook));
        return {};
    }));
    for (const auto& port : left)
        TRY(bringUp(services, limits, port.id, portWorker));
    return left.size();
}

Result<ConflictPage> listConflicts(const Services& services, const CursorKey& cursors, const domain::Caller& caller,
                                   const std::optional<std::string>& state, const std::optional<std::string>& cursor,
                                   std::size_t limit) {
    std::optional<Id> after;
    if (cursor) {
        TRY_ASSIGN(after, cursors.readId(*cursor, conflictsName, caller.clientId));
    }
    ConflictPage page;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(page.conflicts, store::listConflicts(tx, state, after, limit + 1));
        return {};
    }));
    if (page.conflicts.size() > limit) {
        page.conflicts.pop_back();
        page.next = cursors.write(conflictsName, page.conflicts.back().id, caller.clientId);
    }
    return page;
}

Result<store::NumberConflict> settleConflict(const Services& services, const domain::Caller& caller, const Id& id,
                                             Settlement settlement, const std::optional<std::string>& note) {
    store::NumberConflict settled;
    TRY(services.db.write(store::ledgerWrite(2), [&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto found, store::findConflict(tx, id));
        if (!found) return fail(notFound("There is no such conflict."));
        settled = *found;
        if (settled.state != "open")
            return fail(conflict("conflict-settled", "This conflict is settled: '" + settled.state + "'."));
        if (settlement == Settlement::port) {
            TRY(requireConsent(tx, settled.orderingTenantId, settled.orderingCarrierId));
            TRY_ASSIGN(const auto gaining, carrierNamed(tx, settled.orderingCarrierId));
            TRY_ASSIGN(const auto held, store::findNumberByE164(tx, settled.e164));
            TRY_ASSIGN(const auto order, readOrder(settled.request));
            auto number = numberAsOrdered(services, order, settled.e164, gaining.id, settled.orderingTenantId);
            number.country = order.country.value_or(domain::regionOf(settled.e164));
            NumberSteps steps(tx, services, caller.clientId);
            TRY_ASSIGN(const auto port, beginPort(tx, services, steps, gaining, std::move(number), held, order.portAt));
            TRY(steps.finish());
            settled.portId = port.id;
        }
        settled.state = settlement == Settlement::port ? "ported" : "dismissed";
        settled.note = note;
        settled.settledAt = services.clock.now();
        settled.settledBy = caller.clientId;
        settled.version += 1;
        TRY_ASSIGN(const bool updated, store::settleConflict(tx, settled));
        if (!updated) return fail(conflict("version-mismatch", "The conflict was changed meanwhile. Read it again."));
        return {};
    }));
    return settled;
}

}  // namespace meetpoint::exchange
