// Tickets between the platform and its carriers, every step that they took, what is attached to them, and the records
// that disputes hold. They lie by the carrier's shard key. What a ticket is about and a settlement are JSON that only
// `exchange` reads. Every function runs inside the caller's transaction.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/hash.h"
#include "domain/ticket.h"
#include "store/db.h"

namespace meetpoint::store {

struct TicketKey {
    std::int64_t shardKey = 0;
    Id id;
};

struct Ticket {
    TicketKey key;  // ids rise with time
    Id carrierId;
    domain::TicketKind kind = domain::TicketKind::trouble;
    domain::TicketState state = domain::TicketState::open;
    domain::Side openedBy = domain::Side::platform;
    domain::Side ownerSide = domain::Side::platform;  // which side has to act
    std::string title;
    std::string subject = "{}";
    std::optional<std::string> owners[2];      // who looks after it, by domain::Side
    std::optional<std::string> references[2];  // the sides' own ids of it
    std::optional<Instant> dueAt;
    Instant openedAt, changedAt;
    std::optional<Instant> endedAt;
    std::optional<std::string> settlement;  // that was proposed last
    std::optional<domain::Side> proposedBy;
    std::int64_t steps = 0;  // how many it took
    std::int64_t version = 1;
};

Result<void> insertTicket(Tx& tx, const Ticket& ticket);
// Stores what may change. False where the stored version is another than `seenVersion`.
Result<bool> updateTicket(Tx& tx, const Ticket& ticket, std::int64_t seenVersion);
Result<std::optional<Ticket>> findTicket(Tx& tx, const TicketKey& key);
// Wherever it lies; for transactions that write nothing.
Result<std::optional<Ticket>> findTicketAnywhere(Tx& tx, const Id& id);
Result<std::int64_t> countOpenTickets(Tx& tx, std::int64_t shardKey);

struct TicketPage {
    std::optional<domain::TicketKind> kind;
    std::optional<domain::TicketState> state;
    std::optional<bool> isOpen;
    std::optional<domain::Side> ownerSide;
    std::optional<Instant> dueBefore;
    std::optional<Id> before;  // ids below this one
    std::size_t limit = 100;
};
// Newest first. Of one carrier; of all where no shard key is given, for transactions that write nothing.
Result<std::vector<Ticket>> listTickets(Tx& tx, std::optional<std::int64_t> shardKey, const TicketPage& page);

// One step: a comment, something attached, a change, or a move by the ticket's table.
struct TicketStep {
    std::int64_t step = 1;
    Instant at;
    std::string actor;  // client
    domain::Side side = domain::Side::platform;
    std::string action;         // "open", "comment", "attach", "change", or a domain::TicketAction
    domain::TicketState state;  // after it
    std::optional<std::string> text;
    std::optional<std::string> detail;  // JSON
};
Result<void> insertTicketStep(Tx& tx, const TicketKey& key, const TicketStep& step);
// In order, from `after` on; only of that action where it is given.
Result<std::vector<TicketStep>> listTicketSteps(Tx& tx, const TicketKey& key, std::int64_t after,
                                                const std::optional<std::string>& action, std::size_t limit);

struct TicketAttachment {
    Id id;
    std::string name;
    std::string mediaType;
    std::int64_t bytes = 0;
    Sha256 sha256{};
    domain::Side side = domain::Side::platform;
    Instant attachedAt;
};
Result<void> insertAttachment(Tx& tx, const TicketKey& key, const TicketAttachment& attachment, ByteView content);
// In order of id, without what is in them.
Result<std::vector<TicketAttachment>> listAttachments(Tx& tx, const TicketKey& key);
Result<std::optional<Bytes>> readAttachment(Tx& tx, const TicketKey& key, const Id& id);

enum class TicketRecordKind : std::uint8_t { call, duration };
// A record that a dispute holds.
struct TicketRecord {
    TicketRecordKind kind = TicketRecordKind::call;
    Bytes key;  // of a call its 16 bytes, of a duration its recordId
    Id itemId;  // in which it stood when the dispute was opened
    Day day;    // of that item
};
Result<void> insertTicketRecords(Tx& tx, const TicketKey& key, std::span<const TicketRecord> records);
Result<std::vector<TicketRecord>> listTicketRecords(Tx& tx, const TicketKey& key);

// A disputed record with the ticket that holds it.
struct DisputedRecord {
    TicketRecord record;
    Id ticketId;
    domain::TicketState state;
    std::optional<Instant> endedAt;
    std::optional<std::string> settlement;
};
// Of days in [from, to), in order of the tickets' ids.
Result<std::vector<DisputedRecord>> listDisputedRecords(Tx& tx, std::int64_t shardKey, Day from, Day to);

}  // namespace meetpoint::store
