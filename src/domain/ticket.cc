#include "domain/ticket.h"

#include "domain/call.h"

namespace meetpoint::domain {
namespace {

constexpr std::string_view kinds = "trouble,dispute";
constexpr std::string_view states = "open,inProgress,settlementProposed,settled,rejected,withdrawn,closed";
constexpr std::string_view actions = "start,propose,accept,refuse,reject,withdraw,reopen,close";

enum class Mover : std::uint8_t { either, opener, other, notProposer };

struct Transition {
    TicketState from;
    TicketAction action;
    TicketState to;
    Mover mover;
};
using enum TicketState;
constexpr Transition transitions[] = {
    {open, TicketAction::start, inProgress, Mover::either},
    {open, TicketAction::propose, settlementProposed, Mover::either},
    {inProgress, TicketAction::propose, settlementProposed, Mover::either},
    {settlementProposed, TicketAction::propose, settlementProposed, Mover::either},
    {settlementProposed, TicketAction::accept, settled, Mover::notProposer},
    {settlementProposed, TicketAction::refuse, inProgress, Mover::notProposer},
    {open, TicketAction::reject, rejected, Mover::other},
    {inProgress, TicketAction::reject, rejected, Mover::other},
    {settlementProposed, TicketAction::reject, rejected, Mover::other},
    {open, TicketAction::withdraw, withdrawn, Mover::opener},
    {inProgress, TicketAction::withdraw, withdrawn, Mover::opener},
    {settlementProposed, TicketAction::withdraw, withdrawn, Mover::opener},
    {settled, TicketAction::reopen, inProgress, Mover::either},
    {rejected, TicketAction::reopen, inProgress, Mover::either},
    {settled, TicketAction::close, closed, Mover::opener},
    {rejected, TicketAction::close, closed, Mover::opener},
};

bool isMover(Mover wanted, const TicketRoles& roles, Side mover) {
    switch (wanted) {
        case Mover::either:
            return true;
        case Mover::opener:
            return mover == roles.opener;
        case Mover::other:
            return mover != roles.opener;
        case Mover::notProposer:
            return roles.proposer && mover != *roles.proposer;
    }
    return false;
}

}  // namespace

std::string_view name(TicketKind kind) {
    return nameAt(kinds, static_cast<std::size_t>(kind));
}
std::string_view name(TicketState state) {
    return nameAt(states, static_cast<std::size_t>(state));
}
std::string_view name(TicketAction action) {
    return nameAt(actions, static_cast<std::size_t>(action));
}

std::optional<TicketKind> readTicketKind(std::string_view word) {
    if (const auto index = indexIn(kinds, word)) return static_cast<TicketKind>(*index);
    return std::nullopt;
}
std::optional<TicketState> readTicketState(std::string_view word) {
    if (const auto index = indexIn(states, word)) return static_cast<TicketState>(*index);
    return std::nullopt;
}
std::optional<TicketAction> readTicketAction(std::string_view word) {
    if (const auto index = indexIn(actions, word)) return static_cast<TicketAction>(*index);
    return std::nullopt;
}

std::optional<TicketState> next(TicketState state, TicketAction action, const TicketRoles& roles, Side mover) {
    for (const Transition& one : transitions)
        if (one.from == state && one.action == action && isMover(one.mover, roles, mover)) return one.to;
    return std::nullopt;
}

bool isOpen(TicketState state) {
    return state == open || state == inProgress || state == settlementProposed;
}

bool needsReason(TicketAction action) {
    return action == TicketAction::refuse || action == TicketAction::reject || action == TicketAction::withdraw ||
           action == TicketAction::reopen;
}

Side ownerAfter(TicketAction action, const TicketRoles& roles, Side mover) {
    switch (action) {
        case TicketAction::start:
            return mover;
        case TicketAction::propose:
        case TicketAction::refuse:
        case TicketAction::reopen:
            return otherSide(mover);
        case TicketAction::accept:
        case TicketAction::reject:
        case TicketAction::withdraw:
        case TicketAction::close:
            return roles.opener;  // who may close it
    }
    return roles.opener;
}

}  // namespace meetpoint::domain
