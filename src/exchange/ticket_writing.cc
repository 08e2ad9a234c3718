#include "exchange/ticket_writing.h"

#include <set>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "store/leases.h"

namespace meetpoint::exchange {
namespace {

namespace json = boost::json;
using domain::Side;
using store::Ticket;
using store::Tx;

}  // namespace

Error noSuchTicket() {
    return notFound("There is no such ticket.");
}

bool maySeeTicket(const domain::Caller& caller, const Ticket& ticket) {
    switch (caller.role) {
        case domain::Role::platform:
        case domain::Role::auditor:
            return true;
        case domain::Role::carrier:
            return caller.actsFor(ticket.carrierId);
        case domain::Role::tenant:
            return false;
    }
    return false;
}

Result<Side> sideIn(const domain::Caller& caller, const Ticket& ticket) {
    const auto side = domain::sideOf(caller.role);
    if (!side || !maySeeTicket(caller, ticket)) return fail(noSuchTicket());
    return *side;
}

Result<Ticket> seenTicket(const TicketDesk& desk, const domain::Caller& caller, const Id& id) {
    std::optional<Ticket> found;
    TRY(desk.services.db.read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(found, store::findTicketAnywhere(tx, id));
        return {};
    }));
    if (!found || !maySeeTicket(caller, *found)) return fail(noSuchTicket());
    return std::move(*found);
}

Result<void> holdTickets(Tx& tx, std::int64_t shardKey) {
    return store::holdWork(tx, store::deliveryOf(shardKey));
}

Result<void> recordStep(Tx& tx, const Services& services, const Ticket& ticket, const store::TicketStep& step) {
    TRY(store::insertTicketStep(tx, ticket.key, step));
    return tellCarrier(tx, services, ticket.key.shardKey, webhook_type::ticketChanged,
                       json::serialize(json::object{{"ticketId", formatId(ticket.key.id)},
                                                    {"kind", name(ticket.kind)},
                                                    {"step", step.step},
                                                    {"action", step.action},
                                                    {"side", name(step.side)},
                                                    {"state", name(ticket.state)},
                                                    {"ownerSide", name(ticket.ownerSide)},
                                                    {"at", formatInstant(step.at)}}));
}

Result<store::TicketStep> TicketWriter::finish(const StepWords& words, bool newVersion) {
    if (static_cast<std::size_t>(ticket_.steps) >= desk_.limits.stepsPerTicket)
        return fail(conflict("ticket-full", fmt::format("This ticket has {} steps already. Go on in another.",
                                                        desk_.limits.stepsPerTicket)));
    ticket_.changedAt = now();
    ++ticket_.steps;
    ticket_.version += newVersion ? 1 : 0;
    TRY_ASSIGN(const bool updated, store::updateTicket(tx_, ticket_, seenVersion_));
    if (!updated) return fail(internalError("a ticket changed under its own lock"));
    store::TicketStep step{ticket_.steps, ticket_.changedAt, caller_.clientId, side_,
                           words.action,  ticket_.state,     words.text,       words.detail};
    TRY(recordStep(tx_, desk_.services, ticket_, step));
    return step;
}

Result<void> writeTicket(const TicketDesk& desk, const domain::Caller& caller, const Id& id,
                         std::optional<std::int64_t> expectedVersion, const UseTicket& use) {
    TRY_ASSIGN(const Ticket known, seenTicket(desk, caller, id));
    TRY_ASSIGN(const Side side, sideIn(caller, known));
    return desk.services.db.write(store::recordsWrite(known.key.shardKey, 4), [&](Tx& tx) -> Result<void> {
        TRY(holdTickets(tx, known.key.shardKey));
        TRY_ASSIGN(auto ticket, store::findTicket(tx, known.key));
        if (!ticket) return fail(noSuchTicket());
        if (expectedVersion && *expectedVersion != ticket->version)
            return fail(Error{ErrorKind::preconditionFailed,
                              "version-mismatch",
                              "The ticket was changed meanwhile. Read it again and decide again.",
                              {},
                              {},
                              0});
        TicketWriter writer(tx, desk, caller, side, std::move(*ticket));
        return use(tx, writer);
    });
}

Result<void> checkNotDisputed(Tx& tx, std::int64_t shardKey, const std::optional<Id>& except,
                              std::span<const store::TicketRecord> records) {
    if (records.empty()) return {};
    std::set<std::pair<store::TicketRecordKind, Bytes>> wanted;
    Day first = records.front().day, last = first;
    for (const store::TicketRecord& record : records) {
        wanted.emplace(record.kind, record.key);
        first = std::min(first, record.day);
        last = std::max(last, record.day);
    }
    // A record may stand on another day in another run's items.
    TRY_ASSIGN(const auto held, store::listDisputedRecords(tx, shardKey, Day{first.number - 2}, Day{last.number + 3}));
    for (const store::DisputedRecord& one : held) {
        if (one.ticketId == except || !domain::isOpen(one.state)) continue;
        if (wanted.contains({one.record.kind, one.record.key}))
            return fail(conflict("already-disputed", "An item of these is disputed already, in the ticket " +
                                                         formatId(one.ticketId) + "."));
    }
    return {};
}

}  // namespace meetpoint::exchange
