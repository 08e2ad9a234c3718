// Tickets on the wire, and back.
#pragma once

#include "exchange/tickets.h"
#include "http/json.h"

namespace meetpoint::api {

enum class TicketKind { trouble, dispute };
BOOST_DESCRIBE_ENUM(TicketKind, trouble, dispute)
enum class TicketState { open, inProgress, settlementProposed, settled, rejected, withdrawn, closed };
BOOST_DESCRIBE_ENUM(TicketState, open, inProgress, settlementProposed, settled, rejected, withdrawn, closed)
enum class TicketAction { start, propose, accept, refuse, reject, withdraw, reopen, close };
BOOST_DESCRIBE_ENUM(TicketAction, start, propose, accept, refuse, reject, withdraw, reopen, close)
enum class TicketSide { platform, carrier };
BOOST_DESCRIBE_ENUM(TicketSide, platform, carrier)

struct DisputedItem {
    Day date;
    Id itemId;
    static constexpr http::FieldDoc docs[] = {{.field = "date", .what = "The reconciliation day of the item"}};
};
BOOST_DESCRIBE_STRUCT(DisputedItem, (), (date, itemId))

struct NewTicket {
    TicketKind kind;
    std::string title;
    std::string description;
    std::optional<std::vector<Id>> callIds;
    std::optional<std::string> trunk, finding;
    std::optional<std::vector<DisputedItem>> items;
    std::optional<std::string> owner, reference;
    std::optional<Instant> dueAt;
    static constexpr http::FieldDoc docs[] = {
        {.field = "kind", .what = "trouble: on calls, a trunk or a finding; dispute: on items of reconciliation"},
        {.field = "title", .minLength = 1, .maxLength = 200},
        {.field = "description", .minLength = 1, .maxLength = 10'000},
        {.field = "callIds", .what = "Of trouble: at most 100 calls", .maxLength = 1'000},
        {.field = "trunk", .what = "Of trouble", .maxLength = 256},
        {.field = "finding", .what = "Of trouble: a finding in words", .maxLength = 2'000},
        {.field = "items", .what = "Of disputes: at most 1,000", .maxLength = 10'000},
        {.field = "owner", .what = "Who looks after it on this side", .maxLength = 200},
        {.field = "reference", .what = "This side's own id of it", .maxLength = 64},
        {.field = "dueAt", .what = "By when it should be settled"},
    };
};
BOOST_DESCRIBE_STRUCT(NewTicket, (),
                      (kind, title, description, callIds, trunk, finding, items, owner, reference, dueAt))

struct TicketChange {
    std::optional<std::string> title, owner, reference;
    std::optional<TicketSide> ownerSide;
    std::optional<Instant> dueAt;
    static constexpr http::FieldDoc docs[] = {
        {.field = "title", .minLength = 1, .maxLength = 200},
        {.field = "owner", .what = "Who looks after it on this side; empty: nobody", .maxLength = 200},
        {.field = "reference", .what = "This side's own id of it; empty: none", .maxLength = 64},
        {.field = "ownerSide", .what = "Which side has to act"},
    };
};
BOOST_DESCRIBE_STRUCT(TicketChange, (), (title, owner, reference, ownerSide, dueAt))

struct SettledItem {
    Id itemId;
    TicketSide counts;
    static constexpr http::FieldDoc docs[] = {{.field = "counts", .what = "Whose duration"}};
};
BOOST_DESCRIBE_STRUCT(SettledItem, (), (itemId, counts))

struct TicketMove {
    TicketAction action;
    std::optional<std::string> reason, settlement;
    std::optional<TicketSide> counts;
    std::optional<std::vector<SettledItem>> items;
    static constexpr http::FieldDoc docs[] = {
        {.field = "reason", .what = "Needed to refuse, reject, withdraw and reopen", .maxLength = 10'000},
        {.field = "settlement", .what = "Of propose: in words; needed for trouble", .maxLength = 10'000},
        {.field = "counts", .what = "Of propose in a dispute: whose duration counts, where items says nothing else"},
        {.field = "items", .maxLength = 10'000},
    };
};
BOOST_DESCRIBE_STRUCT(TicketMove, (), (action, reason, settlement, counts, items))

struct TicketParty {
    std::optional<std::string> owner, reference;
};
BOOST_DESCRIBE_STRUCT(TicketParty, (), (owner, reference))

struct TicketSettlement {
    std::string text;
    TicketSide proposedBy;
    std::vector<SettledItem> items;
};
BOOST_DESCRIBE_STRUCT(TicketSettlement, (), (text, proposedBy, items))

struct TicketAttachment {
    Id id;
    std::string name;
    std::string mediaType;
    std::int64_t bytes;
    std::string sha256;
    TicketSide side;
    Instant attachedAt;
    static constexpr http::FieldDoc docs[] = {{.field = "sha256", .what = "Of the content, in hexadecimal"}};
};
BOOST_DESCRIBE_STRUCT(TicketAttachment, (), (id, name, mediaType, bytes, sha256, side, attachedAt))

struct Ticket {
    Id id;
    Id carrierId;
    TicketKind kind;
    TicketState state;
    TicketSide openedBy;
    TicketSide ownerSide;
    std::string title;
    std::string description;
    std::vector<Id> callIds;
    std::optional<std::string> trunk, finding;
    std::vector<DisputedItem> items;
    TicketParty platform, carrier;
    std::optional<Instant> dueAt;
    Instant openedAt;
    Instant changedAt;
    std::optional<Instant> endedAt;
    std::optional<TicketSettlement> settlement;
    std::vector<TicketAttachment> attachments;
    std::int64_t steps;
    std::int64_t version;
    static constexpr http::FieldDoc docs[] = {
        {.field = "ownerSide", .what = "Which side has to act"},
        {.field = "settlement", .what = "That waits for an answer, or was accepted"},
        {.field = "steps", .what = "How many its history has, comments among them"},
    };
};
BOOST_DESCRIBE_STRUCT(Ticket, (),
                      (id, carrierId, kind, state, openedBy, ownerSide, title, description, callIds, trunk, finding,
                       items, platform, carrier, dueAt, openedAt, changedAt, endedAt, settlement, attachments, steps,
                       version))

Ticket wire(const exchange::TicketView& view);
TicketAttachment wire(const store::TicketAttachment& attachment);
exchange::NewTicket ticketOf(const NewTicket& words);
exchange::TicketChange changeOf(const TicketChange& words);
exchange::TicketMove moveOf(const TicketMove& words);

}  // namespace meetpoint::api
