// What everything that changes a ticket has in common: whose it is, one writer at a time, a step for everything that is
// done, and who is told.
#pragma once

#include "exchange/tickets.h"

namespace meetpoint::exchange {

Error noSuchTicket();
// The side that the caller is of the ticket; not-found where it is none.
Result<domain::Side> sideIn(const domain::Caller& caller, const store::Ticket& ticket);
bool maySeeTicket(const domain::Caller& caller, const store::Ticket& ticket);
// A ticket that the caller may see, wherever it lies.
Result<store::Ticket> seenTicket(const TicketDesk& desk, const domain::Caller& caller, const Id& id);

// What a step adds to a ticket.
struct StepWords {
    std::string action;
    std::optional<std::string> text;
    std::optional<std::string> detail;
};

// One change of a ticket by one side of it.
class TicketWriter {
public:
    // `ticket` as it is stored now. Nobody else writes tickets of this carrier until the transaction ends.
    TicketWriter(store::Tx& tx, const TicketDesk& desk, const domain::Caller& caller, domain::Side side,
                 store::Ticket ticket)
        : tx_(tx),
          desk_(desk),
          caller_(caller),
          side_(side),
          seenVersion_(ticket.version),
          ticket_(std::move(ticket)) {}

    store::Ticket& ticket() { return ticket_; }
    domain::Side side() const { return side_; }
    Instant now() const { return desk_.services.clock.now(); }
    // Adds the step, stores the ticket, and tells the carrier's endpoints. With a `newVersion` what was read before is
    // out of date. Code "ticket-full".
    Result<store::TicketStep> finish(const StepWords& words, bool newVersion);

private:
    store::Tx& tx_;
    const TicketDesk& desk_;
    const domain::Caller& caller_;
    domain::Side side_;
    std::int64_t seenVersion_;
    store::Ticket ticket_;
};

using UseTicket = std::function<Result<void>(store::Tx&, TicketWriter&)>;
// Finds the ticket again under its carrier's lock and lets `use` change it. Codes not-found, "version-mismatch".
Result<void> writeTicket(const TicketDesk& desk, const domain::Caller& caller, const Id& id,
                         std::optional<std::int64_t> expectedVersion, const UseTicket& use);

// Keeps other writers of a carrier's tickets, and the delivery to its endpoints, waiting until the transaction ends.
Result<void> holdTickets(store::Tx& tx, std::int64_t shardKey);

// The step's own row and the word to the endpoints, for a ticket that is inserted or updated beside it.
Result<void> recordStep(store::Tx& tx, const Services& services, const store::Ticket& ticket,
                        const store::TicketStep& step);

// Code "already-disputed" where one of these records is held by another ticket that is open.
Result<void> checkNotDisputed(store::Tx& tx, std::int64_t shardKey, const std::optional<Id>& except,
                              std::span<const store::TicketRecord> records);

}  // namespace meetpoint::exchange
