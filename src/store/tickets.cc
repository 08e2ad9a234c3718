#include "store/tickets.h"

#include "store/conditions.h"

namespace meetpoint::store {
namespace {

using domain::Side;
using domain::TicketState;

constexpr std::string_view selectTickets =
    "SELECT shard_key, id, carrier_id, kind, state, opened_by, owner_side, title, subject, platform_owner, "
    "carrier_owner, platform_reference, carrier_reference, due_at, opened_at, changed_at, ended_at, settlement, "
    "proposed_by, steps, version FROM tickets ";

// Only this program writes the words: one that is unknown reads as what nothing may be done with.
TicketState stateOf(std::string_view word) {
    return domain::readTicketState(word).value_or(TicketState::closed);
}
Side sideOf(std::string_view word) {
    return domain::readSide(word).value_or(Side::platform);
}

Ticket readTicket(const Row& row) {
    Ticket ticket;
    ticket.key = {row.integer(0), row.id(1)};
    ticket.carrierId = row.id(2);
    ticket.kind = domain::readTicketKind(row.text(3)).value_or(domain::TicketKind::trouble);
    ticket.state = stateOf(row.text(4));
    ticket.openedBy = sideOf(row.text(5));
    ticket.ownerSide = sideOf(row.text(6));
    ticket.title = row.text(7);
    ticket.subject = row.text(8);
    ticket.owners[0] = row.optionalText(9);
    ticket.owners[1] = row.optionalText(10);
    ticket.references[0] = row.optionalText(11);
    ticket.references[1] = row.optionalText(12);
    ticket.dueAt = row.optionalInstant(13);
    ticket.openedAt = row.instant(14);
    ticket.changedAt = row.instant(15);
    ticket.endedAt = row.optionalInstant(16);
    ticket.settlement = row.optionalText(17);
    if (!row.isNull(18)) ticket.proposedBy = sideOf(row.text(18));
    ticket.steps = row.integer(19);
    ticket.version = row.integer(20);
    return ticket;
}

Result<std::vector<Ticket>> ticketsWhere(Tx& tx, std::string_view condition, std::span<const Value> values) {
    std::vector<Ticket> tickets;
    TRY(tx.query(std::string(selectTickets) + std::string(condition), values,
                 [&](const Row& row) { tickets.push_back(readTicket(row)); }));
    return tickets;
}

Result<std::optional<Ticket>> onlyOne(Result<std::vector<Ticket>> found) {
    if (!found) return fail(std::move(found).error());
    return found->empty() ? std::nullopt : std::optional(std::move(found->front()));
}

std::optional<std::string> wordOf(const std::optional<Side>& side) {
    return side ? std::optional(std::string(name(*side))) : std::nullopt;
}

Bytes bytesAt(const Row& row, int column) {
    return {row.bytes(column).begin(), row.bytes(column).end()};
}

Sha256 hashAt(const Row& row, int column) {
    Sha256 hash{};
    const ByteView bytes = row.bytes(column);
    std::copy_n(bytes.begin(), std::min(bytes.size(), hash.size()), hash.begin());
    return hash;
}

TicketRecord recordAt(const Row& row, int first) {
    return {static_cast<TicketRecordKind>(row.integer(first)), bytesAt(row, first + 1), row.id(first + 2),
            Day{static_cast<std::int32_t>(row.integer(first + 3))}};
}

}  // namespace

Result<void> insertTicket(Tx& tx, const Ticket& ticket) {
    TRY(tx.execute(
        "INSERT INTO tickets (shard_key, id, carrier_id, kind, state, opened_by, owner_side, title, subject, "
        "platform_owner, carrier_owner, platform_reference, carrier_reference, due_at, opened_at, "
        "changed_at, steps, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, "
        "$15, $16, $17, $18)",
        {ticket.key.shardKey, ticket.key.id, ticket.carrierId, name(ticket.kind), name(ticket.state),
         name(ticket.openedBy), name(ticket.ownerSide), ticket.title, ticket.subject, ticket.owners[0],
         ticket.owners[1], ticket.references[0], ticket.references[1], ticket.dueAt, ticket.openedAt, ticket.changedAt,
         ticket.steps, ticket.version}));
    return {};
}

Result<bool> updateTicket(Tx& tx, const Ticket& ticket, std::int64_t seenVersion) {
    TRY_ASSIGN(const auto changed,
               tx.execute("UPDATE tickets SET state = $3, owner_side = $4, title = $5, platform_owner = $6, "
                          "carrier_owner = $7, platform_reference = $8, carrier_reference = $9, due_at = $10, "
                          "changed_at = $11, ended_at = $12, settlement = $13, proposed_by = $14, steps = $15, "
                          "version = $16 WHERE shard_key = $1 AND id = $2 AND version = $17",
                          {ticket.key.shardKey, ticket.key.id, name(ticket.state), name(ticket.ownerSide), ticket.title,
                           ticket.owners[0], ticket.owners[1], ticket.references[0], ticket.references[1], ticket.dueAt,
                           ticket.changedAt, ticket.endedAt, ticket.settlement, wordOf(ticket.proposedBy), ticket.steps,
                           ticket.version, seenVersion}));
    return changed == 1;
}

Result<std::optional<Ticket>> findTicket(Tx& tx, const TicketKey& key) {
    const Value values[] = {key.shardKey, key.id};
    return onlyOne(ticketsWhere(tx, "WHERE shard_key = $1 AND id = $2", values));
}

Result<std::optional<Ticket>> findTicketAnywhere(Tx& tx, const Id& id) {
    const Value values[] = {id};
    return onlyOne(ticketsWhere(tx, "WHERE id = $1", values));
}

Result<std::int64_t> countOpenTickets(Tx& tx, std::int64_t shardKey) {
    std::int64_t count = 0;
    TRY(tx.query("SELECT COUNT(*) FROM tickets WHERE shard_key = $1 AND ended_at IS NULL", {shardKey},
                 [&](const Row& row) { count = row.integer(0); }));
    return count;
}

Result<std::vector<Ticket>> listTickets(Tx& tx, std::optional<std::int64_t> shardKey, const TicketPage& page) {
    Conditions conditions;
    conditions.addEqual("shard_key", shardKey);
    if (page.kind) conditions.add("kind = " + conditions.next(name(*page.kind)));
    if (page.state) conditions.add("state = " + conditions.next(name(*page.state)));
    if (page.ownerSide) conditions.add("owner_side = " + conditions.next(name(*page.ownerSide)));
    if (page.dueBefore) conditions.add("due_at < " + conditions.next(*page.dueBefore));
    if (page.before) conditions.add("id < " + conditions.next(*page.before));
    if (page.isOpen) conditions.add(*page.isOpen ? "ended_at IS NULL" : "ended_at IS NOT NULL");
    const std::string rest = " ORDER BY id DESC LIMIT " + conditions.next(page.limit);
    return ticketsWhere(tx, conditions.where() + rest, conditions.values());
}

Result<void> insertTicketStep(Tx& tx, const TicketKey& key, const TicketStep& step) {
    TRY(tx.execute(
        "INSERT INTO ticket_steps (shard_key, ticket_id, step, at, actor, side, action, state, text, detail) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        {key.shardKey, key.id, step.step, step.at, step.actor, name(step.side), step.action, name(step.state),
         step.text, step.detail}));
    return {};
}

Result<std::vector<TicketStep>> listTicketSteps(Tx& tx, const TicketKey& key, std::int64_t after,
                                                const std::optional<std::string>& action, std::size_t limit) {
    std::vector<TicketStep> steps;
    TRY(tx.query(
        "SELECT step, at, actor, side, action, state, text, detail FROM ticket_steps WHERE shard_key = $1 AND "
        "ticket_id = $2 AND step > $3 AND ($4 IS NULL OR action = $4) ORDER BY step LIMIT $5",
        {key.shardKey, key.id, after, action, limit}, [&](const Row& row) {
            steps.push_back({row.integer(0), row.instant(1), std::string(row.text(2)), sideOf(row.text(3)),
                             std::string(row.text(4)), stateOf(row.text(5)), row.optionalText(6), row.optionalText(7)});
        }));
    return steps;
}

Result<void> insertAttachment(Tx& tx, const TicketKey& key, const TicketAttachment& attachment, ByteView content) {
    TRY(
        tx.execute("INSERT INTO ticket_attachments (shard_key, ticket_id, id, name, media_type, bytes, sha256, side, "
                   "attached_at, content) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                   {key.shardKey, key.id, attachment.id, attachment.name, attachment.mediaType, attachment.bytes,
                    ByteView(attachment.sha256), name(attachment.side), attachment.attachedAt, content}));
    return {};
}

Result<std::vector<TicketAttachment>> listAttachments(Tx& tx, const TicketKey& key) {
    std::vector<TicketAttachment> attachments;
    TRY(
        tx.query("SELECT id, name, media_type, bytes, sha256, side, attached_at FROM ticket_attachments WHERE "
                 "shard_key = $1 AND ticket_id = $2 ORDER BY id",
                 {key.shardKey, key.id}, [&](const Row& row) {
                     attachments.push_back({row.id(0), std::string(row.text(1)), std::string(row.text(2)),
                                            row.integer(3), hashAt(row, 4), sideOf(row.text(5)), row.instant(6)});
                 }));
    return attachments;
}

Result<std::optional<Bytes>> readAttachment(Tx& tx, const TicketKey& key, const Id& id) {
    std::optional<Bytes> content;
    TRY(tx.query("SELECT content FROM ticket_attachments WHERE shard_key = $1 AND ticket_id = $2 AND id = $3",
                 {key.shardKey, key.id, id}, [&](const Row& row) { content = bytesAt(row, 0); }));
    return content;
}

Result<void> insertTicketRecords(Tx& tx, const TicketKey& key, std::span<const TicketRecord> records) {
    RowBatch batch{"ticket_records", {"shard_key", "ticket_id", "kind", "record_key", "item_id", "day"}, {}};
    for (const TicketRecord& one : records)
        batch.rows.push_back(
            {key.shardKey, key.id, static_cast<std::int64_t>(one.kind), one.key, one.itemId, one.day.number});
    return tx.copyIn(batch);
}

Result<std::vector<TicketRecord>> listTicketRecords(Tx& tx, const TicketKey& key) {
    std::vector<TicketRecord> records;
    TRY(
        tx.query("SELECT kind, record_key, item_id, day FROM ticket_records WHERE shard_key = $1 AND ticket_id = $2 "
                 "ORDER BY kind, record_key",
                 {key.shardKey, key.id}, [&](const Row& row) { records.push_back(recordAt(row, 0)); }));
    return records;
}

Result<std::vector<DisputedRecord>> listDisputedRecords(Tx& tx, std::int64_t shardKey, Day from, Day to) {
    std::vector<DisputedRecord> records;
    TRY(tx.query(
        "SELECT r.kind, r.record_key, r.item_id, r.day, t.id, t.state, t.ended_at, t.settlement FROM "
        "ticket_records r JOIN tickets t ON t.shard_key = $1 AND t.id = r.ticket_id WHERE r.shard_key = $1 AND "
        "r.day >= $2 AND r.day < $3 ORDER BY t.id, r.kind, r.record_key",
        {shardKey, from.number, to.number}, [&](const Row& row) {
            records.push_back(
                {recordAt(row, 0), row.id(4), stateOf(row.text(5)), row.optionalInstant(6), row.optionalText(7)});
        }));
    return records;
}

}  // namespace meetpoint::store
