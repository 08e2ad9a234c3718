// Tickets between the platform and a carrier: trouble with calls, a trunk or a finding, and disputes over items of
// reconciliation. Both sides see the same. Docs: docs/guide/tickets.md.
#pragma once

#include "exchange/disputes.h"
#include "exchange/services.h"
#include "exchange/webhook_events.h"

namespace meetpoint::exchange {

// Every limit of tickets, with its default; the configuration may change them.
struct TicketLimits {
    std::size_t openPerCarrier = 1'000;
    std::size_t itemsPerDispute = 1'000;
    std::size_t daysPerDispute = 31;   // that the items lie in
    std::size_t callsPerTicket = 100;  // that a trouble ticket names
    std::size_t stepsPerTicket = 5'000;
    std::size_t attachmentsPerTicket = 20;
    std::size_t attachmentBytes = 1 << 20;  // of one
    Duration reopenWithin = days(30);       // after its end
};

struct TicketDesk {
    const Services& services;
    const TicketLimits& limits;
};

struct DisputedItem {
    Id itemId;
    Day day;
    auto operator<=>(const DisputedItem&) const = default;
};

// What a trouble ticket is about, and how it was described.
struct TicketSubject {
    std::string description;
    std::vector<Id> callIds;
    std::optional<std::string> trunk;
    std::optional<std::string> finding;  // in words, as key figures or alerts have it
};

struct TicketView {
    store::Ticket ticket;
    TicketSubject subject;
    std::vector<DisputedItem> items;  // of disputes, in order of id
    std::optional<TicketSettlement> settlement;
    std::vector<store::TicketAttachment> attachments;
};

struct NewTicket {
    domain::TicketKind kind = domain::TicketKind::trouble;
    std::optional<Id> carrierId;  // of a client that acts for several, or of the platform
    std::string title;
    TicketSubject subject;
    std::vector<DisputedItem> items;
    std::optional<std::string> owner, reference;  // of the side that opens it
    std::optional<Instant> dueAt;
};
// Codes "carrier-required", not-found; "bad-ticket" with a fault a thing that is not there or not the carrier's
// ("unknown-call", "unknown-item"); conflict "already-disputed", "too-many-tickets".
Result<TicketView> openTicket(const TicketDesk& desk, const domain::Caller& caller, const NewTicket& wanted);

// Newest first. A carrier sees its own, platform and auditor all. Codes "carrier-required", not-found for a carrier
// that the caller may not see.
Result<std::vector<TicketView>> listTickets(const TicketDesk& desk, const domain::Caller& caller,
                                            const std::optional<Id>& carrierId, const store::TicketPage& page);
Result<TicketView> findTicket(const TicketDesk& desk, const domain::Caller& caller, const Id& id);

// What is left out stays. An empty text takes a name away.
struct TicketChange {
    std::optional<std::string> title;
    std::optional<std::string> owner, reference;  // of the caller's side
    std::optional<domain::Side> ownerSide;
    std::optional<Instant> dueAt;
};
// Codes not-found; preconditionFailed "version-mismatch"; conflict "ticket-over" for one that has ended, "ticket-full".
Result<TicketView> changeTicket(const TicketDesk& desk, const domain::Caller& caller, const Id& id,
                                std::optional<std::int64_t> expectedVersion, const TicketChange& change);

struct TicketMove {
    domain::TicketAction action = domain::TicketAction::start;
    std::optional<std::string> reason;
    // Of `propose`: what is proposed; `counts` for every disputed item that `items` does not name.
    std::string settlement;
    std::optional<domain::Side> counts;
    std::map<Id, domain::Side> items;
};
// Codes not-found, "version-mismatch", "reason-required", "bad-settlement"; conflict "transition-not-allowed",
// "already-disputed" (reopened while another ticket holds a record), "ticket-full".
Result<TicketView> moveTicket(const TicketDesk& desk, const domain::Caller& caller, const Id& id,
                              std::optional<std::int64_t> expectedVersion, const TicketMove& move);

// Comments and attachments leave the version as it is. Codes not-found; conflict "ticket-full", "ticket-over" for one
// that is withdrawn or closed.
Result<store::TicketStep> commentOn(const TicketDesk& desk, const domain::Caller& caller, const Id& id,
                                    const std::string& text);
struct NewAttachment {
    std::string name;
    std::string mediaType;
    std::string content;
};
// Codes as above; conflict "too-many-attachments".
Result<store::TicketAttachment> attachTo(const TicketDesk& desk, const domain::Caller& caller, const Id& id,
                                         const NewAttachment& wanted);
struct Attached {
    store::TicketAttachment attachment;
    Bytes content;
};
Result<Attached> readAttachment(const TicketDesk& desk, const domain::Caller& caller, const Id& ticket,
                                const Id& attachment);

struct StepQuery {
    std::int64_t after = 0;
    std::optional<std::string> action;
    std::size_t limit = 100;
};
// Who did what, oldest first.
Result<std::vector<store::TicketStep>> ticketSteps(const TicketDesk& desk, const domain::Caller& caller, const Id& id,
                                                   const StepQuery& query);

}  // namespace meetpoint::exchange
