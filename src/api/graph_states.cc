#include "api/graph_states.h"

#include <algorithm>
#include <iterator>

namespace meetpoint::api {
namespace {

namespace json = boost::json;
using enum domain::NumberState;

// A number that waits to be assigned or unassigned is shown with its target, one whose assignment failed is free again
// (our life cycle lets it be assigned anew). Graph has no word for a port that the losing carrier has not yet agreed
// to: every port under way is a firm order there.
constexpr GraphState states[] = {
    {available, "activated", false, ""},
    {assignmentPending, "assignmentPending", true, ""},
    {assigned, "activated", true, ""},
    {assignmentFailed, "assignmentFailed", false, ""},
    {unassignPending, "updatePending", true, ""},
    {releaseRequested, "updatePending", false, ""},
    {portingIn, "updatePending", false, "firmOrderCommitmentAccepted"},
};

constexpr GraphTarget targets[] = {
    {"user", "userAssigned", "userAssignment"},
    {"resourceAccount", "voiceApplicationAssigned", "voiceApplicationAssignment"},
    {"conferenceBridge", "conferenceAssigned", "conferenceAssignment"},
    {"application", "thirdPartyAppAssigned", ""},
};

std::string_view statusOf(const store::Number& number, const GraphState& state) {
    if (!state.isAssigned) return "unassigned";
    const auto target = std::ranges::find(targets, number.targetType.value_or(""), &GraphTarget::targetType);
    return target == std::end(targets) ? "internalError" : target->assignmentStatus;
}

json::array capabilitiesOf(const store::Number& number) {
    json::array list;
    for (const GraphTarget& target : targets) {
        const std::string_view usage = domain::usageFor(target.targetType);
        const bool isFor = number.usage == usage || number.additionalUsage == usage;
        if (isFor && !target.capability.empty()) list.emplace_back(target.capability);
    }
    return list;
}

template <class T>
json::value orNull(const std::optional<T>& value, bool isShown = true) {
    return value && isShown ? json::value(*value) : json::value(nullptr);
}

}  // namespace

std::span<const GraphState> graphStates() {
    return states;
}

const GraphState* graphStateOf(domain::NumberState state) {
    const auto found = std::ranges::find(states, state, &GraphState::state);
    return found == std::end(states) ? nullptr : &*found;
}

std::span<const GraphTarget> graphTargets() {
    return targets;
}

json::object numberAssignment(const store::Number& number) {
    const GraphState& state = *graphStateOf(number.state);
    const auto target = number.targetId ? std::optional(formatId(*number.targetId)) : std::nullopt;
    return {{"id", formatId(number.id)},
            {"telephoneNumber", domain::format(number.e164)},
            {"operatorId", formatId(number.carrierId)},
            {"numberType", graphNumberType},
            {"activationState", state.activationState},
            {"capabilities", capabilitiesOf(number)},
            {"locationId", orNull(number.locationId)},
            {"civicAddressId", nullptr},
            {"networkSiteId", nullptr},
            {"assignmentTargetId", orNull(target, state.isAssigned)},
            {"assignmentCategory", orNull(number.category, state.isAssigned)},
            {"portInStatus", state.portInStatus.empty() ? json::value(nullptr) : json::value(state.portInStatus)},
            {"assignmentStatus", statusOf(number, state)},
            {"isoCountryCode", number.country.empty() ? json::value(nullptr) : json::value(number.country)},
            {"city", nullptr},
            {"numberSource", graphNumberSource},
            {"supportedCustomerActions", json::array{graphCustomerAction}},
            {"reverseNumberLookupOptions", json::array{}}};
}

}  // namespace meetpoint::api
