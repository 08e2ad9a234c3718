// Our words for the state of a number, and Microsoft Graph's for the same
// (microsoft.graph.teamsAdministration.numberAssignment), as two tables that both answers and filters read.
#pragma once

#include <span>
#include <string_view>

#include <boost/json.hpp>

#include "store/numbers.h"

namespace meetpoint::api {

struct GraphState {
    domain::NumberState state;
    std::string_view activationState;
    bool isAssigned;                // to its target, which is shown; else "unassigned"
    std::string_view portInStatus;  // "" for null
};
// Every state but `removed`, which Graph does not show.
std::span<const GraphState> graphStates();
// Null for `removed`.
const GraphState* graphStateOf(domain::NumberState state);

struct GraphTarget {
    std::string_view targetType;        // of domain::targetTypes
    std::string_view assignmentStatus;  // of a number that is assigned to one
    std::string_view capability;        // of a number that can be; "": Graph has no word for it
};
std::span<const GraphTarget> graphTargets();

// The values that Graph documents, with commas.
inline constexpr std::string_view graphActivationStates =
    "activated,assignmentPending,assignmentFailed,updatePending,updateFailed,unknownFutureValue";
inline constexpr std::string_view graphAssignmentStatuses =
    "unassigned,internalError,userAssigned,conferenceAssigned,voiceApplicationAssigned,thirdPartyAppAssigned,"
    "policyAssigned,unknownFutureValue";
inline constexpr std::string_view graphPortInStatuses = "completed,firmOrderCommitmentAccepted,unknownFutureValue";
inline constexpr std::string_view graphCategories = "primary,private,alternate,unknownFutureValue";
inline constexpr std::string_view graphNumberTypes =
    "internalError,directRouting,callingPlan,operatorConnect,unknownFutureValue";
inline constexpr std::string_view graphNumberSources = "online,onPremises,unknownFutureValue";
inline constexpr std::string_view graphCapabilities =
    "conferenceAssignment,voiceApplicationAssignment,userAssignment,unknownFutureValue";
// What every number here is.
inline constexpr std::string_view graphNumberType = "operatorConnect";
inline constexpr std::string_view graphNumberSource = "online";
inline constexpr std::string_view graphCustomerAction = "locationUpdate";

// The number as Graph shows it, every documented property present, null where there is nothing. The number must not be
// removed.
boost::json::object numberAssignment(const store::Number& number);

}  // namespace meetpoint::api
