// The life of a telephone number: its states and the transitions that are allowed between them. Everything that moves a
// number asks `next()`.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace meetpoint::domain {

enum class NumberState : std::uint8_t {
    available,          // held by a carrier for a tenant, assigned to nothing
    assignmentPending,  // the platform's switch has yet to confirm
    assigned,
    assignmentFailed,
    unassignPending,
    releaseRequested,  // the carrier wants it back; calls may still come
    removed,
    portingIn,  // promised to this carrier, not yet in service
};

enum class NumberAction : std::uint8_t {
    assign,
    confirmAssignment,
    failAssignment,
    unassign,
    confirmUnassignment,
    failUnassignment,  // the switch could not: it stays assigned
    requestRelease,
    remove,
    failRemoval,
    completePort,
    cancelPort,
    portOut,  // to another carrier, which holds it from then on
    update,   // of what is known about it; the state stays
};

std::string_view name(NumberState state);
std::optional<NumberState> readNumberState(std::string_view word);
std::string_view name(NumberAction action);

// The state that `action` leads to; nothing where it is not allowed.
std::optional<NumberState> next(NumberState state, NumberAction action);

// Whether the platform's switch has to confirm or fail something before the number can go on.
bool waitsForSwitch(NumberState state);
// What ends a state that waits for the switch, if it did the work and if it could not. For such states only.
NumberAction confirmationOf(NumberState pending);
NumberAction failureOf(NumberState pending);

// What an assigned number may be used for, as carriers order it (Operator Connect's usage words in camelCase).
inline constexpr std::string_view numberUsages =
    "callingUserAssignment,firstPartyAppAssignment,conferenceAssignment,thirdPartyAppAssignment";
// What a number can do in the network.
inline constexpr std::string_view numberCapabilities = "inboundCalling,outboundCalling,tollFree,mobile";
inline constexpr std::string_view defaultCapabilities = "inboundCalling,outboundCalling";
// Which of a target's numbers it is (Graph's assignmentCategory). A target has one primary number.
inline constexpr std::string_view assignmentCategories = "primary,private,alternate";
// What a number can be assigned to.
inline constexpr std::string_view targetTypes = "user,resourceAccount,conferenceBridge,application";
// The usage that a target of that type needs; empty for an unknown type.
std::string_view usageFor(std::string_view targetType);

}  // namespace meetpoint::domain
