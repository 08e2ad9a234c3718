// Our states in Microsoft Graph's words, restated by hand.
#include "api/graph_states.h"

#include <gtest/gtest.h>

namespace meetpoint::api {
namespace {

namespace json = boost::json;
using domain::NumberState;

store::Number numberIn(NumberState state, std::optional<std::string> targetType = {}) {
    store::Number number;
    number.id = *parseId("0197c000-0000-7000-8000-0000000000aa");
    number.e164 = {41446681800};
    number.carrierId = *parseId("0197c000-0000-7000-8000-0000000000bb");
    number.state = state;
    number.usage = "callingUserAssignment";
    number.country = "CH";
    if (targetType) {
        number.targetType = targetType;
        number.targetId = *parseId("0197c000-0000-7000-8000-0000000000cc");
        number.category = "primary";
    }
    return number;
}

std::string shown(const store::Number& number, const char* property) {
    const json::value value = numberAssignment(number).at(property);
    return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

TEST(GraphStates, EveryStateHasItsWords) {
    struct Row {
        NumberState state;
        const char *activationState, *assignmentStatus, *target, *portInStatus;
    };
    constexpr const char* target = "0197c000-0000-7000-8000-0000000000cc";
    for (const Row& row : std::initializer_list<Row>{
             {NumberState::available, "activated", "unassigned", "null", "null"},
             {NumberState::assignmentPending, "assignmentPending", "userAssigned", target, "null"},
             {NumberState::assigned, "activated", "userAssigned", target, "null"},
             {NumberState::assignmentFailed, "assignmentFailed", "unassigned", "null", "null"},
             {NumberState::unassignPending, "updatePending", "userAssigned", target, "null"},
             {NumberState::releaseRequested, "updatePending", "unassigned", "null", "null"},
             {NumberState::portingIn, "updatePending", "unassigned", "null", "firmOrderCommitmentAccepted"}}) {
        const store::Number number = numberIn(row.state, "user");
        EXPECT_EQ(shown(number, "activationState"), row.activationState) << name(row.state);
        EXPECT_EQ(shown(number, "assignmentStatus"), row.assignmentStatus) << name(row.state);
        EXPECT_EQ(shown(number, "assignmentTargetId"), row.target) << name(row.state);
        EXPECT_EQ(shown(number, "assignmentCategory"), std::string(row.target) == "null" ? "null" : "primary");
        EXPECT_EQ(shown(number, "portInStatus"), row.portInStatus) << name(row.state);
    }
    EXPECT_EQ(graphStateOf(NumberState::removed), nullptr) << "what is removed is not shown";
    EXPECT_EQ(graphStates().size(), 7u) << "a state of numbers has no row in this test";
}

TEST(GraphStates, EveryTargetHasItsStatusAndCapability) {
    struct Row {
        const char *type, *status, *usage, *capabilities;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"user", "userAssigned", "callingUserAssignment", R"(["userAssignment"])"},
             {"resourceAccount", "voiceApplicationAssigned", "firstPartyAppAssignment",
              R"(["voiceApplicationAssignment"])"},
             {"conferenceBridge", "conferenceAssigned", "conferenceAssignment", R"(["conferenceAssignment"])"},
             {"application", "thirdPartyAppAssigned", "thirdPartyAppAssignment", "[]"}}) {
        store::Number number = numberIn(NumberState::assigned, row.type);
        number.usage = row.usage;
        EXPECT_EQ(shown(number, "assignmentStatus"), row.status);
        EXPECT_EQ(shown(number, "capabilities"), row.capabilities) << row.type;
    }
    store::Number both = numberIn(NumberState::available);
    both.additionalUsage = "conferenceAssignment";
    EXPECT_EQ(shown(both, "capabilities"), R"(["userAssignment","conferenceAssignment"])");
    EXPECT_EQ(shown(numberIn(NumberState::assigned, "somethingNew"), "assignmentStatus"), "internalError");
}

TEST(GraphStates, ANumberHasEveryDocumentedPropertyAndNoOther) {
    EXPECT_EQ(json::serialize(numberAssignment(numberIn(NumberState::available))),
              R"({"id":"0197c000-0000-7000-8000-0000000000aa","telephoneNumber":"+41446681800",)"
              R"("operatorId":"0197c000-0000-7000-8000-0000000000bb","numberType":"operatorConnect",)"
              R"("activationState":"activated","capabilities":["userAssignment"],"locationId":null,)"
              R"("civicAddressId":null,"networkSiteId":null,"assignmentTargetId":null,"assignmentCategory":null,)"
              R"("portInStatus":null,"assignmentStatus":"unassigned","isoCountryCode":"CH","city":null,)"
              R"("numberSource":"online","supportedCustomerActions":["locationUpdate"],)"
              R"("reverseNumberLookupOptions":[]})");
    store::Number nowhere = numberIn(NumberState::available);
    nowhere.country.clear();
    EXPECT_EQ(shown(nowhere, "isoCountryCode"), "null");
}

}  // namespace
}  // namespace meetpoint::api
