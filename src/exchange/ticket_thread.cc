// What is said in a ticket and attached to it, and everything that was done with it.
#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/hash.h"
#include "exchange/ticket_writing.h"

namespace meetpoint::exchange {
namespace {

namespace json = boost::json;
using domain::TicketState;
using store::Tx;

// Also after its end, while it may still be reopened.
Result<void> checkMayBeAdded(const store::Ticket& ticket) {
    if (ticket.state != TicketState::withdrawn && ticket.state != TicketState::closed) return {};
    return fail(conflict("ticket-over", "This ticket has ended for good. Open another one."));
}

}  // namespace

Result<store::TicketStep> commentOn(const TicketDesk& desk, const domain::Caller& caller, const Id& id,
                                    const std::string& text) {
    store::TicketStep step;
    TRY(writeTicket(desk, caller, id, std::nullopt, [&](Tx&, TicketWriter& writer) -> Result<void> {
        TRY(checkMayBeAdded(writer.ticket()));
        TRY_ASSIGN(step, writer.finish({"comment", text, std::nullopt}, false));
        return {};
    }));
    return step;
}

Result<store::TicketAttachment> attachTo(const TicketDesk& desk, const domain::Caller& caller, const Id& id,
                                         const NewAttachment& wanted) {
    store::TicketAttachment attachment;
    attachment.id = makeId(desk.services.clock, desk.services.random);
    attachment.name = wanted.name;
    attachment.mediaType = wanted.mediaType;
    attachment.bytes = static_cast<std::int64_t>(wanted.content.size());
    attachment.sha256 = sha256(viewOf(wanted.content));
    TRY(writeTicket(desk, caller, id, std::nullopt, [&](Tx& tx, TicketWriter& writer) -> Result<void> {
        TRY(checkMayBeAdded(writer.ticket()));
        TRY_ASSIGN(const auto there, store::listAttachments(tx, writer.ticket().key));
        if (there.size() >= desk.limits.attachmentsPerTicket)
            return fail(conflict("too-many-attachments", fmt::format("A ticket has at most {} attachments.",
                                                                     desk.limits.attachmentsPerTicket)));
        attachment.side = writer.side();
        attachment.attachedAt = writer.now();
        TRY(store::insertAttachment(tx, writer.ticket().key, attachment, viewOf(wanted.content)));
        TRY(writer.finish({"attach", attachment.name,
                           json::serialize(json::object{{"attachmentId", formatId(attachment.id)},
                                                        {"mediaType", attachment.mediaType},
                                                        {"bytes", attachment.bytes},
                                                        {"sha256", toHex(attachment.sha256)}})},
                          false));
        return {};
    }));
    return attachment;
}

Result<Attached> readAttachment(const TicketDesk& desk, const domain::Caller& caller, const Id& ticket,
                                const Id& attachment) {
    TRY_ASSIGN(const store::Ticket known, seenTicket(desk, caller, ticket));
    std::optional<Attached> found;
    TRY(desk.services.db.read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto all, store::listAttachments(tx, known.key));
        const auto one = std::ranges::find(all, attachment, &store::TicketAttachment::id);
        if (one == all.end()) return {};
        TRY_ASSIGN(auto content, store::readAttachment(tx, known.key, attachment));
        if (content) found = Attached{*one, std::move(*content)};
        return {};
    }));
    if (!found) return fail(notFound("There is no such attachment."));
    if (sha256(found->content) != found->attachment.sha256)
        return fail(corrupt("an attachment is not what it was when it was stored"));
    return std::move(*found);
}

Result<std::vector<store::TicketStep>> ticketSteps(const TicketDesk& desk, const domain::Caller& caller, const Id& id,
                                                   const StepQuery& query) {
    TRY_ASSIGN(const store::Ticket known, seenTicket(desk, caller, id));
    std::vector<store::TicketStep> steps;
    TRY(desk.services.db.read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(steps, store::listTicketSteps(tx, known.key, query.after, query.action, query.limit));
        return {};
    }));
    return steps;
}

}  // namespace meetpoint::exchange
