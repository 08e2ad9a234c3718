#include "domain/number.h"

#include <array>

#include "domain/call.h"

namespace meetpoint::domain {
namespace {

constexpr std::string_view states =
    "available,assignmentPending,assigned,assignmentFailed,unassignPending,releaseRequested,removed,portingIn";
constexpr std::string_view actions =
    "assign,confirmAssignment,failAssignment,unassign,confirmUnassignment,requestRelease,remove,completePort";

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
    {unassignPending, NumberAction::confirmUnassignment, available},
    {available, NumberAction::requestRelease, releaseRequested},
    {assignmentFailed, NumberAction::requestRelease, releaseRequested},
    {releaseRequested, NumberAction::remove, removed},
    {portingIn, NumberAction::completePort, available},
};

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
    for (const Transition& transition : transitions)
        if (transition.from == state && transition.action == action) return transition.to;
    return std::nullopt;
}

std::string_view usageFor(std::string_view targetType) {
    const auto type = indexIn(targetTypes, targetType);
    return type ? nameAt(numberUsages, *type) : std::string_view();
}

}  // namespace meetpoint::domain
