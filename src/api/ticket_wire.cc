#include "api/ticket_wire.h"

namespace meetpoint::api {
namespace {

domain::Side sideOf(TicketSide side) {
    return static_cast<domain::Side>(side);
}
std::optional<domain::Side> sideOf(const std::optional<TicketSide>& side) {
    return side ? std::optional(sideOf(*side)) : std::nullopt;
}
TicketSide wire(domain::Side side) {
    return static_cast<TicketSide>(side);
}

std::optional<TicketSettlement> settlementOf(const exchange::TicketView& view) {
    if (!view.settlement || !view.ticket.proposedBy) return std::nullopt;
    TicketSettlement settlement{view.settlement->text, wire(*view.ticket.proposedBy), {}};
    for (const auto& [item, side] : view.settlement->counts)
        settlement.items.push_back({item, wire(side)});
    return settlement;
}

}  // namespace

TicketAttachment wire(const store::TicketAttachment& from) {
    return {from.id, from.name, from.mediaType, from.bytes, toHex(from.sha256), wire(from.side), from.attachedAt};
}

Ticket wire(const exchange::TicketView& view) {
    const store::Ticket& from = view.ticket;
    Ticket to;
    to.id = from.key.id;
    to.carrierId = from.carrierId;
    to.kind = static_cast<TicketKind>(from.kind);
    to.state = static_cast<TicketState>(from.state);
    to.openedBy = wire(from.openedBy);
    to.ownerSide = wire(from.ownerSide);
    to.title = from.title;
    to.description = view.subject.description;
    to.callIds = view.subject.callIds;
    to.trunk = view.subject.trunk;
    to.finding = view.subject.finding;
    for (const exchange::DisputedItem& item : view.items)
        to.items.push_back({item.day, item.itemId});
    to.platform = {from.owners[0], from.references[0]};
    to.carrier = {from.owners[1], from.references[1]};
    to.dueAt = from.dueAt;
    to.openedAt = from.openedAt;
    to.changedAt = from.changedAt;
    to.endedAt = from.endedAt;
    to.settlement = settlementOf(view);
    for (const store::TicketAttachment& attachment : view.attachments)
        to.attachments.push_back(wire(attachment));
    to.steps = from.steps;
    to.version = from.version;
    return to;
}

exchange::NewTicket ticketOf(const NewTicket& words) {
    exchange::NewTicket wanted;
    wanted.kind = static_cast<domain::TicketKind>(words.kind);
    wanted.title = words.title;
    wanted.subject = {words.description, words.callIds.value_or(std::vector<Id>()), words.trunk, words.finding};
    if (words.items)
        for (const DisputedItem& item : *words.items)
            wanted.items.push_back({item.itemId, item.date});
    wanted.owner = words.owner;
    wanted.reference = words.reference;
    wanted.dueAt = words.dueAt;
    return wanted;
}

exchange::TicketChange changeOf(const TicketChange& words) {
    return {words.title, words.owner, words.reference, sideOf(words.ownerSide), words.dueAt};
}

exchange::TicketMove moveOf(const TicketMove& words) {
    exchange::TicketMove move{static_cast<domain::TicketAction>(words.action),
                              words.reason,
                              words.settlement.value_or(""),
                              sideOf(words.counts),
                              {}};
    if (words.items)
        for (const SettledItem& item : *words.items)
            move.items[item.itemId] = sideOf(item.counts);
    return move;
}

}  // namespace meetpoint::api
