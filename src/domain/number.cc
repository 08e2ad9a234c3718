#include "domain/number.h"

#include <algorithm>
#include <iterator>

#include "domain/call.h"

namespace meetpoint::domain {
namespace {

constexpr std::string_view states =
    "available,assignmentPending,assigned,assignmentFailed,unassignPending,releaseRequested,removed,portingIn";
constexpr std::string_view actions =
    "assign,confirmAssignment,failAssignment,unassign,confirmUnassignment,failUnassignment,requestRelease,remove,"
    "failRemoval,completePort,cancelPort,portOut,update";

struct Transition {
    NumberState from;
    NumberAction action;
    NumberState to;
};
using enum NumberState;
constexpr Transition transitions[] = {
    {available, NumberAction::assign, assignmentPending},
    {assignmentFailed, NumberAction::assign, assignmentPending},
    {assignmentPending, NumberAction::confirmAssignment, assigned},
    {assignmentPending, NumberAction::failAssignment, assignmentFailed},
    {assigned, NumberAction::unassign, unassignPending},
    {assignmentFailed, NumberAction::unassign, available},  // nothing is routed that could be taken back
    {unassignPending, NumberAction::confirmUnassignment, available},
    {unassignPending, NumberAction::failUnassignment, assigned},
    {available, NumberAction::requestRelease, releaseRequested},
    {assignmentFailed, NumberAction::requestRelease, releaseRequested},
    {releaseRequested, NumberAction::remove, removed},
    {releaseRequested, NumberAction::failRemoval, available},
    {portingIn, NumberAction::completePort, available},
    {portingIn, NumberAction::cancelPort, removed},
    {available, NumberAction::portOut, removed},
    {assignmentPending, NumberAction::portOut, removed},
    {assigned, NumberAction::portOut, removed},
    {assignmentFailed, NumberAction::portOut, removed},
    {unassignPending, NumberAction::portOut, removed},
    {releaseRequested, NumberAction::portOut, removed},
};

struct Pending {
    NumberState state;
    NumberAction confirmation, failure;
};
constexpr Pending pendingStates[] = {
    {assignmentPending, NumberAction::confirmAssignment, NumberAction::failAssignment},
    {unassignPending, NumberAction::confirmUnassignment, NumberAction::failUnassignment},
    {releaseRequested, NumberAction::remove, NumberAction::failRemoval},
};
const Pending* pendingOf(NumberState state) {
    const auto found = std::ranges::find(pendingStates, state, &Pending::state);
    return found == std::end(pendingStates) ? nullptr : &*found;
}

}  // namespace

std::string_view name(NumberState state) {
    return nameAt(states, static_cast<std::size_t>(state));
}
std::string_view name(NumberAction action) {
    return nameAt(actions, static_cast<std::size_t>(action));
}

std::optional<NumberState> readNumberState(std::string_view word) {
    if (const auto index = indexIn(states, word)) return static_cast<NumberState>(*index);
    return std::nullopt;
}

std::optional<NumberState> next(NumberState state, NumberAction action) {
    if (action == NumberAction::update && state != removed) return state;
    for (const Transition& transition : transitions)
        if (transition.from == state && transition.action == action) return transition.to;
    return std::nullopt;
}

bool waitsForSwitch(NumberState state) {
    return pendingOf(state) != nullptr;
}
NumberAction confirmationOf(NumberState pending) {
    return pendingOf(pending)->confirmation;
}
NumberAction failureOf(NumberState pending) {
    return pendingOf(pending)->failure;
}

std::string_view usageFor(std::string_view targetType) {
    const auto type = indexIn(targetTypes, targetType);
    return type ? nameAt(numberUsages, *type) : std::string_view();
}

}  // namespace meetpoint::domain
