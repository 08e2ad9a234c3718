// A ticket's way by its table: taken up, settled, rejected, withdrawn, reopened, closed.
#include <boost/json.hpp>
#include <fmt/format.h>

#include "exchange/ticket_writing.h"

namespace meetpoint::exchange {
namespace {

namespace json = boost::json;
using domain::Side;
using domain::TicketAction;
using domain::TicketKind;
using domain::TicketState;
using store::Ticket;
using store::Tx;

Error badSettlement(std::string message) {
    return invalidInput("bad-settlement", std::move(message));
}

// What is proposed, item by item.
Result<TicketSettlement> settlementOf(Tx& tx, const Ticket& ticket, const TicketMove& move) {
    TicketSettlement settlement{move.settlement, {}};
    if (ticket.kind == TicketKind::trouble) {
        if (move.counts || !move.items.empty())
            return fail(badSettlement("A ticket about trouble has no items whose durations could count."));
        if (move.settlement.empty()) return fail(badSettlement("Say in 'settlement' what is proposed."));
        return settlement;
    }
    TRY_ASSIGN(const auto records, store::listTicketRecords(tx, ticket.key));
    std::set<Id> items;
    for (const store::TicketRecord& record : records)
        items.insert(record.itemId);
    for (const auto& [item, side] : move.items)
        if (!items.contains(item)) return fail(badSettlement("The ticket holds no item " + formatId(item) + "."));
    for (const Id& item : items) {
        const auto own = move.items.find(item);
        if (own == move.items.end() && !move.counts)
            return fail(badSettlement("Say for each item, or with 'counts' for all, whose duration is to count."));
        settlement.counts[item] = own == move.items.end() ? *move.counts : own->second;
    }
    return settlement;
}

Error notAllowed(const Ticket& ticket, TicketAction action, Side side) {
    return conflict("transition-not-allowed",
                    fmt::format("A ticket that is '{}' and was opened by the {} cannot be moved by '{}' of the {}.",
                                name(ticket.state), name(ticket.openedBy), name(action), name(side)));
}

// A settlement stands while it waits for an answer and after it was accepted.
Result<void> keepSettlement(Tx& tx, Ticket& ticket, Side side, const TicketMove& move, StepWords& words) {
    switch (move.action) {
        case TicketAction::propose: {
            TRY_ASSIGN(const TicketSettlement settlement, settlementOf(tx, ticket, move));
            ticket.settlement = settlementText(settlement);
            ticket.proposedBy = side;
            words.detail = ticket.settlement;
            return {};
        }
        case TicketAction::accept:
            words.detail = ticket.settlement;
            return {};
        case TicketAction::start:
        case TicketAction::close:
            return {};
        case TicketAction::refuse:
        case TicketAction::reject:
        case TicketAction::withdraw:
        case TicketAction::reopen:
            words.detail = ticket.settlement;
            ticket.settlement.reset();
            ticket.proposedBy.reset();
            return {};
    }
    return {};
}

Result<void> checkReopening(Tx& tx, const TicketDesk& desk, const Ticket& ticket) {
    if (ticket.endedAt && desk.services.clock.now() > *ticket.endedAt + desk.limits.reopenWithin)
        return fail(
            conflict("transition-not-allowed", "This ticket ended too long ago to be reopened. Open another one."));
    TRY_ASSIGN(const auto records, store::listTicketRecords(tx, ticket.key));
    return checkNotDisputed(tx, ticket.key.shardKey, ticket.key.id, records);
}

Result<void> moveIn(Tx& tx, const TicketDesk& desk, TicketWriter& writer, const TicketMove& move) {
    Ticket& ticket = writer.ticket();
    const domain::TicketRoles roles{ticket.openedBy, ticket.proposedBy};
    const auto to = domain::next(ticket.state, move.action, roles, writer.side());
    if (!to) return fail(notAllowed(ticket, move.action, writer.side()));
    if (move.action == TicketAction::reopen) TRY(checkReopening(tx, desk, ticket));
    StepWords words{std::string(name(move.action)), move.reason, std::nullopt};
    if (move.action == TicketAction::propose && !move.settlement.empty()) words.text = move.settlement;
    TRY(keepSettlement(tx, ticket, writer.side(), move, words));
    ticket.ownerSide = domain::ownerAfter(move.action, roles, writer.side());
    const bool wasOpen = domain::isOpen(ticket.state);
    ticket.state = *to;
    if (domain::isOpen(*to))
        ticket.endedAt.reset();
    else if (wasOpen)
        ticket.endedAt = writer.now();
    TRY(writer.finish(words, true));
    return {};
}

}  // namespace

Result<TicketView> moveTicket(const TicketDesk& desk, const domain::Caller& caller, const Id& id,
                              std::optional<std::int64_t> expectedVersion, const TicketMove& move) {
    const bool lacksReason = domain::needsReason(move.action) && (!move.reason || move.reason->empty());
    if (lacksReason) return fail(invalidInput("reason-required", "Say why in 'reason'."));
    if (move.action != TicketAction::propose && (move.counts || !move.items.empty() || !move.settlement.empty()))
        return fail(badSettlement("Only 'propose' has a settlement."));
    TRY(writeTicket(desk, caller, id, expectedVersion,
                    [&](Tx& tx, TicketWriter& writer) { return moveIn(tx, desk, writer, move); }));
    return findTicket(desk, caller, id);
}

}  // namespace meetpoint::exchange
