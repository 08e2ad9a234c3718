// The life of a ticket between the platform and a carrier: its states and who may move it. Everything that moves a
// ticket asks `next()`.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "domain/side.h"

namespace meetpoint::domain {

enum class TicketKind : std::uint8_t {
    trouble,  // on calls, a trunk or a finding
    dispute,  // on items of reconciliation
};
enum class TicketState : std::uint8_t {
    open,                // the other side has yet to take it up
    inProgress,          // somebody works on it
    settlementProposed,  // the other side has to answer
    settled,             // both agree
    rejected,            // by the side that did not open it
    withdrawn,           // by the side that opened it; for ever
    closed,              // settled or rejected for ever
};
enum class TicketAction : std::uint8_t {
    start,
    propose,   // a settlement, or another one
    accept,    // the settlement
    refuse,    // the settlement
    reject,    // the ticket
    withdraw,  // the ticket
    reopen,
    close,
};

std::string_view name(TicketKind kind);
std::optional<TicketKind> readTicketKind(std::string_view word);
std::string_view name(TicketState state);
std::optional<TicketState> readTicketState(std::string_view word);
std::string_view name(TicketAction action);
std::optional<TicketAction> readTicketAction(std::string_view word);

// Who is what in a ticket.
struct TicketRoles {
    Side opener = Side::platform;
    std::optional<Side> proposer;  // of the settlement that waits for an answer
};
// The state that the side's action leads to; nothing where it is not allowed.
std::optional<TicketState> next(TicketState state, TicketAction action, const TicketRoles& roles, Side mover);

// While a ticket is open, disputed items stand as disputed.
bool isOpen(TicketState state);
// Whether the action has to say why.
bool needsReason(TicketAction action);
// Which side has to act after the mover's action.
Side ownerAfter(TicketAction action, const TicketRoles& roles, Side mover);

}  // namespace meetpoint::domain
