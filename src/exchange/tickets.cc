#include "exchange/tickets.h"

#include <algorithm>
#include <set>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "exchange/parties.h"
#include "exchange/reconciliation_items.h"
#include "exchange/ticket_writing.h"

namespace meetpoint::exchange {
namespace {

namespace json = boost::json;
using columns::ItemCore;
using columns::LaneKind;
using columns::Part;
using domain::Side;
using domain::TicketKind;
using store::Ticket;
using store::TicketRecord;
using store::Tx;

constexpr std::size_t mostFaults = 100;  // listed

std::string subjectText(const TicketSubject& subject) {
    json::array calls;
    for (const Id& call : subject.callIds)
        calls.emplace_back(formatId(call));
    json::object out{{"description", subject.description}, {"callIds", std::move(calls)}};
    if (subject.trunk) out["trunk"] = *subject.trunk;
    if (subject.finding) out["finding"] = *subject.finding;
    return json::serialize(out);
}

std::optional<std::string> textIn(const json::object& from, std::string_view name) {
    const json::value* text = from.if_contains(name);
    return text ? std::optional(std::string(text->as_string())) : std::nullopt;
}

Result<TicketSubject> readSubject(const std::string& text) {
    try {
        const json::value value = json::parse(text);
        const json::object& from = value.as_object();
        TicketSubject subject{
            textIn(from, "description").value_or(""), {}, textIn(from, "trunk"), textIn(from, "finding")};
        for (const json::value& call : from.at("callIds").as_array())
            if (const auto id = parseId(call.as_string())) subject.callIds.push_back(*id);
        return subject;
    } catch (const std::exception& problem) {
        return fail(internalError(std::string("the subject of a ticket cannot be read: ") + problem.what()));
    }
}

Result<TicketView> viewIn(Tx& tx, Ticket ticket) {
    TicketView view;
    TRY_ASSIGN(view.subject, readSubject(ticket.subject));
    if (ticket.kind == TicketKind::dispute) {
        TRY_ASSIGN(const auto records, store::listTicketRecords(tx, ticket.key));
        std::set<DisputedItem> items;
        for (const TicketRecord& record : records)
            items.insert({record.itemId, record.day});
        view.items.assign(items.begin(), items.end());
    }
    if (ticket.settlement) {
        TRY_ASSIGN(view.settlement, readSettlement(*ticket.settlement));
    }
    TRY_ASSIGN(view.attachments, store::listAttachments(tx, ticket.key));
    view.ticket = std::move(ticket);
    return view;
}

Error badTicket(std::string message) {
    return invalidInput("bad-ticket", std::move(message));
}

Result<void> checkWords(const TicketLimits& limits, const NewTicket& wanted) {
    const TicketSubject& subject = wanted.subject;
    const bool isAbout = !subject.callIds.empty() || subject.trunk || subject.finding;
    if (wanted.kind == TicketKind::trouble && (!isAbout || !wanted.items.empty()))
        return fail(badTicket("A ticket about trouble names calls, a trunk or a finding, and no items."));
    if (wanted.kind == TicketKind::dispute && (isAbout || wanted.items.empty()))
        return fail(badTicket("A dispute names items of reconciliation, and nothing else."));
    if (subject.callIds.size() > limits.callsPerTicket)
        return fail(badTicket(fmt::format("A ticket names at most {} calls.", limits.callsPerTicket)));
    if (wanted.items.size() > limits.itemsPerDispute)
        return fail(badTicket(fmt::format("A dispute holds at most {} items.", limits.itemsPerDispute)));
    std::set<Day> days;
    std::set<Id> items;
    for (const DisputedItem& item : wanted.items) {
        days.insert(item.day);
        items.insert(item.itemId);
    }
    if (days.size() > limits.daysPerDispute)
        return fail(badTicket(fmt::format("The items of a dispute lie in at most {} days.", limits.daysPerDispute)));
    if (items.size() != wanted.items.size()) return fail(badTicket("An item stands here twice."));
    return {};
}

Result<void> checkCalls(Tx& tx, const Services& services, std::int64_t shardKey, const std::vector<Id>& calls) {
    Error wrong = badTicket("Some of these calls do not exist. No ticket was opened.");
    for (std::size_t i = 0; i < calls.size(); ++i) {
        TRY_ASSIGN(const auto found,
                   services.lanes.findByKey(tx, {shardKey, LaneKind::calls}, calls[i].view(), store::PartSet()));
        if (!found)
            wrong.faults.push_back(
                {fmt::format("/callIds/{}", i), "unknown-call", "There is no such call of this carrier.", 0});
    }
    return wrong.faults.empty() ? Result<void>{} : fail(std::move(wrong));
}

// The records of the items, as they stand now.
Result<std::vector<TicketRecord>> recordsOf(Tx& tx, const Services& services, std::int64_t shardKey,
                                            const std::vector<DisputedItem>& items) {
    std::set<DisputedItem> left(items.begin(), items.end());
    std::set<Day> days;
    for (const DisputedItem& item : items)
        days.insert(item.day);
    std::vector<TicketRecord> records;
    for (const Day day : days)
        TRY(scanItems(tx, services, shardKey, startOf(day), startOf(Day{day.number + 1}),
                      [&](const store::LaneSlice& slice, std::size_t row) {
                          const columns::Batch& core = slice.records.part(Part::core);
                          const Day itsDay{core[ItemCore::day].at<std::int32_t>(row)};
                          if (left.erase({core[ItemCore::itemId].id(row), itsDay}) == 0) return;
                          std::ranges::move(recordsOfItem(core, row), std::back_inserter(records));
                      }));
    if (left.empty()) return records;
    Error wrong = badTicket("Some of these items do not exist. No ticket was opened.");
    for (std::size_t i = 0; i < items.size() && wrong.faults.size() < mostFaults; ++i)
        if (left.contains(items[i]))
            wrong.faults.push_back(
                {fmt::format("/items/{}", i), "unknown-item", "There is no such item on that day.", 0});
    return fail(std::move(wrong));
}

// An empty text takes the name away.
void setName(std::optional<std::string>& name, const std::optional<std::string>& wanted) {
    if (!wanted) return;
    name = wanted->empty() ? std::nullopt : wanted;
}

Ticket madeOf(const Services& services, const store::Carrier& carrier, Side side, const NewTicket& wanted) {
    Ticket ticket;
    ticket.key = {carrier.shardKey, makeId(services.clock, services.random)};
    ticket.carrierId = carrier.id;
    ticket.kind = wanted.kind;
    ticket.openedBy = side;
    ticket.ownerSide = domain::otherSide(side);
    ticket.title = wanted.title;
    ticket.subject = subjectText(wanted.subject);
    setName(ticket.owners[static_cast<std::size_t>(side)], wanted.owner);
    setName(ticket.references[static_cast<std::size_t>(side)], wanted.reference);
    ticket.dueAt = wanted.dueAt;
    ticket.openedAt = ticket.changedAt = services.clock.now();
    ticket.steps = 1;
    return ticket;
}

json::object changesOf(const TicketChange& change) {
    json::object changes;
    if (change.title) changes["title"] = *change.title;
    if (change.owner) changes["owner"] = *change.owner;
    if (change.reference) changes["reference"] = *change.reference;
    if (change.ownerSide) changes["ownerSide"] = name(*change.ownerSide);
    if (change.dueAt) changes["dueAt"] = formatInstant(*change.dueAt);
    return changes;
}

}  // namespace

Result<TicketView> openTicket(const TicketDesk& desk, const domain::Caller& caller, const NewTicket& wanted) {
    const Services& services = desk.services;
    const auto side = domain::sideOf(caller.role);
    if (!side) return fail(noSuchTicket());
    TRY_ASSIGN(const Id carrierId, carrierOf(caller, wanted.carrierId));
    TRY(checkWords(desk.limits, wanted));
    // Looked up before anything is locked: a day has many items.
    store::Carrier carrier;
    std::vector<TicketRecord> records;
    TRY(services.db.read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(carrier, carrierIn(tx, carrierId));
        TRY(checkCalls(tx, services, carrier.shardKey, wanted.subject.callIds));
        TRY_ASSIGN(records, recordsOf(tx, services, carrier.shardKey, wanted.items));
        return {};
    }));
    const Ticket ticket = madeOf(services, carrier, *side, wanted);
    TicketView view;
    TRY(services.db.write(store::recordsWrite(carrier.shardKey, records.size() + 2), [&](Tx& tx) -> Result<void> {
        TRY(holdTickets(tx, carrier.shardKey));
        TRY_ASSIGN(const std::int64_t open, store::countOpenTickets(tx, carrier.shardKey));
        if (static_cast<std::size_t>(open) >= desk.limits.openPerCarrier)
            return fail(conflict("too-many-tickets", fmt::format("There are {} open tickets already. End one that is "
                                                                 "done.",
                                                                 desk.limits.openPerCarrier)));
        TRY(checkNotDisputed(tx, carrier.shardKey, std::nullopt, records));
        TRY(store::insertTicket(tx, ticket));
        TRY(store::insertTicketRecords(tx, ticket.key, records));
        TRY(recordStep(tx, services, ticket,
                       {1, ticket.openedAt, caller.clientId, *side, "open", ticket.state, wanted.subject.description,
                        std::nullopt}));
        TRY_ASSIGN(view, viewIn(tx, ticket));
        return {};
    }));
    return view;
}

Result<std::vector<TicketView>> listTickets(const TicketDesk& desk, const domain::Caller& caller,
                                            const std::optional<Id>& carrierId, const store::TicketPage& page) {
    std::optional<Id> named = carrierId;
    if (caller.role == domain::Role::carrier) {
        TRY_ASSIGN(named, carrierOf(caller, carrierId));
    }
    std::vector<TicketView> views;
    TRY(desk.services.db.read([&](Tx& tx) -> Result<void> {
        std::optional<std::int64_t> shardKey;
        if (named) {
            TRY_ASSIGN(const store::Carrier carrier, carrierIn(tx, *named));
            shardKey = carrier.shardKey;
        }
        TRY_ASSIGN(auto tickets, store::listTickets(tx, shardKey, page));
        for (Ticket& ticket : tickets) {
            TRY_ASSIGN(auto view, viewIn(tx, std::move(ticket)));
            views.push_back(std::move(view));
        }
        return {};
    }));
    return views;
}

Result<TicketView> findTicket(const TicketDesk& desk, const domain::Caller& caller, const Id& id) {
    TicketView view;
    TRY(desk.services.db.read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(auto found, store::findTicketAnywhere(tx, id));
        if (!found || !maySeeTicket(caller, *found)) return fail(noSuchTicket());
        TRY_ASSIGN(view, viewIn(tx, std::move(*found)));
        return {};
    }));
    return view;
}

Result<TicketView> changeTicket(const TicketDesk& desk, const domain::Caller& caller, const Id& id,
                                std::optional<std::int64_t> expectedVersion, const TicketChange& change) {
    TRY(writeTicket(desk, caller, id, expectedVersion, [&](Tx&, TicketWriter& writer) -> Result<void> {
        Ticket& ticket = writer.ticket();
        if (!domain::isOpen(ticket.state))
            return fail(conflict("ticket-over", "This ticket has ended. Reopen it first."));
        const auto mine = static_cast<std::size_t>(writer.side());
        if (change.title) ticket.title = *change.title;
        setName(ticket.owners[mine], change.owner);
        setName(ticket.references[mine], change.reference);
        if (change.ownerSide) ticket.ownerSide = *change.ownerSide;
        if (change.dueAt) ticket.dueAt = change.dueAt;
        TRY(writer.finish({"change", std::nullopt, json::serialize(changesOf(change))}, true));
        return {};
    }));
    return findTicket(desk, caller, id);
}

}  // namespace meetpoint::exchange
