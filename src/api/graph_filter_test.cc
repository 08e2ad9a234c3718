// $filter: what is understood and what it means, what is refused and where.
#include "api/graph_filter.h"

#include <gtest/gtest.h>

namespace meetpoint::api {
namespace {

using store::NumberCondition;
using store::NumberField;

std::string fieldName(NumberField field) {
    constexpr const char* names[] = {"e164",   "carrier",  "state",   "usage",   "targetType",
                                     "target", "category", "country", "location"};
    return names[static_cast<std::size_t>(field)];
}

std::string text(const store::FieldValue& value) {
    if (const auto* number = std::get_if<domain::E164>(&value)) return domain::format(*number);
    if (const auto* id = std::get_if<Id>(&value)) return formatId(*id);
    return std::get<std::string>(value);
}

// "all(state=available,assigned any(…))": the tree in one line.
std::string text(const NumberCondition& condition) {
    using Kind = NumberCondition::Kind;
    if (condition.kind == Kind::isAbsent) return fieldName(condition.field) + " absent";
    if (condition.kind == Kind::isOneOf) {
        std::string out;
        for (const auto& value : condition.values)
            out += (out.empty() ? "" : ",") + text(value);
        return fieldName(condition.field) + "=" + out;
    }
    std::string out = condition.kind == Kind::all ? "all(" : condition.kind == Kind::any ? "any(" : "none(";
    for (std::size_t i = 0; i < condition.parts.size(); ++i)
        out += (i == 0 ? "" : " ") + text(condition.parts[i]);
    return out + ")";
}

std::string meaning(std::string_view filter) {
    const auto condition = readGraphFilter(filter);
    return condition ? text(*condition) : "refused: " + condition.error().message;
}

constexpr const char* always = "all()";
constexpr const char* never = "any()";
const std::string assigned = "state=assignmentPending,assigned,unassignPending";
const std::string unassigned = "state=available,assignmentFailed,releaseRequested,portingIn";
constexpr const char* someId = "0197c000-0000-7000-8000-0000000000aa";

TEST(GraphFilter, UnderstandsWhatIsDocumented) {
    EXPECT_EQ(meaning("assignmentStatus eq 'unassigned' and capabilities/any(c:c eq 'userAssignment')"),
              "all(" + unassigned + " usage=callingUserAssignment)");
    EXPECT_EQ(meaning("telephoneNumber eq '+12052582895'"), "e164=+12052582895");
    EXPECT_EQ(meaning("numberType eq 'DirectRouting'"), never) << "as the documentation spells it";
    EXPECT_EQ(meaning("numberType eq 'operatorConnect'"), always);
}

TEST(GraphFilter, EveryPropertyHasItsMeaning) {
    const std::string id(someId);
    EXPECT_EQ(meaning("telephoneNumber eq '12052582895'"), "e164=+12052582895") << "the plus may be left out";
    EXPECT_EQ(meaning("telephoneNumber eq ' 12052582895'"), "e164=+12052582895") << "a plus that was not escaped";
    EXPECT_EQ(meaning("telephoneNumber eq 'x'"), never);
    EXPECT_EQ(meaning("operatorId eq '" + id + "'"), "carrier=" + id);
    EXPECT_EQ(meaning("operatorId eq 'x'"), never);
    EXPECT_EQ(meaning("assignmentTargetId eq '" + id + "'"), "all(" + assigned + " target=" + id + ")");
    EXPECT_EQ(meaning("assignmentTargetId eq null"), "any(" + unassigned + " target absent)");
    EXPECT_EQ(meaning("assignmentCategory eq 'private'"), "all(" + assigned + " category=private)");
    EXPECT_EQ(meaning("assignmentStatus eq 'voiceApplicationAssigned'"),
              "all(" + assigned + " targetType=resourceAccount)");
    EXPECT_EQ(meaning("assignmentStatus eq 'policyAssigned'"), "all(" + assigned + " targetType=)");
    EXPECT_EQ(meaning("activationState eq 'activated'"), "state=available,assigned");
    EXPECT_EQ(meaning("activationState eq 'updateFailed'"), "state=");
    EXPECT_EQ(meaning("portInStatus eq 'firmOrderCommitmentAccepted'"), "state=portingIn");
    EXPECT_EQ(meaning("portInStatus ne null"),
              "none(state=available,assignmentPending,assigned,assignmentFailed,"
              "unassignPending,releaseRequested)");
    EXPECT_EQ(meaning("isoCountryCode eq 'ch'"), "country=CH");
    EXPECT_EQ(meaning("isoCountryCode eq null"), "country absent");
    EXPECT_EQ(meaning("locationId eq 'it''s here'"), "location=it's here");
    EXPECT_EQ(meaning("locationId ne null"), "none(location absent)");
    EXPECT_EQ(meaning("civicAddressId eq null and networkSiteId eq 'x'"), "all(all() any())");
    EXPECT_EQ(meaning("numberSource eq 'onPremises'"), never);
    EXPECT_EQ(meaning("supportedCustomerActions/any(a:a eq 'locationUpdate')"), always);
    EXPECT_EQ(meaning("reverseNumberLookupOptions/any(o:o eq 'skipInternalVoip')"), never);
}

TEST(GraphFilter, AndBindsMoreCloselyThanOr) {
    EXPECT_EQ(meaning("isoCountryCode eq 'CH' or isoCountryCode eq 'US' and locationId eq 'a'"),
              "any(country=CH all(country=US location=a))");
    EXPECT_EQ(meaning("(isoCountryCode eq 'CH' or isoCountryCode eq 'US') and locationId eq 'a'"),
              "all(any(country=CH country=US) location=a)");
    EXPECT_EQ(meaning("  ( ( isoCountryCode  eq  'CH' ) )  "), "country=CH");
}

void expectRefused(std::string_view filter, std::string_view part, std::size_t place, std::string_view why) {
    const auto refused = readGraphFilter(filter);
    ASSERT_FALSE(refused) << filter;
    EXPECT_EQ(refused.error().code, "bad-filter");
    ASSERT_EQ(refused.error().faults.size(), 1u);
    EXPECT_EQ(refused.error().faults[0].pointer, part) << filter;
    EXPECT_NE(refused.error().message.find("(character " + std::to_string(place) + ")"), std::string::npos)
        << refused.error().message;
    EXPECT_NE(refused.error().message.find(why), std::string::npos) << refused.error().message;
}

TEST(GraphFilter, NamesThePartThatIsNotUnderstood) {
    expectRefused("", "the end", 1, "no property of this name");
    expectRefused("city eq 'Bern'", "city", 1, "cannot filter");
    expectRefused("isoCountryCode eq 'CH' and colour eq 'red'", "colour", 28, "no property of this name");
    expectRefused("startswith(telephoneNumber,'+1')", "startswith", 1, "no property of this name");
    expectRefused("isoCountryCode gt 'CH'", "gt", 16, "compare with eq or ne");
    expectRefused("isoCountryCode eq CH", "CH", 19, "single quotes");
    expectRefused("isoCountryCode eq 'CH", "'", 19, "has no end");
    expectRefused("isoCountryCode eq 'CH' isoCountryCode eq 'US'", "isoCountryCode", 24, "can follow");
    expectRefused("(isoCountryCode eq 'CH'", "the end", 24, "')' must stand here");
    expectRefused("assignmentStatus eq 'lost'", "assignmentStatus", 21, "none of the values");
    expectRefused("capabilities eq 'userAssignment'", "capabilities", 1, "asked for by any");
    expectRefused("capabilities/all(c:c eq 'userAssignment')", "all", 14, "only any");
    expectRefused("capabilities/any(c:d eq 'userAssignment')", "d", 20, "only the name before the colon");
    expectRefused("isoCountryCode/any(c:c eq 'CH')", "isoCountryCode", 1, "no collection");
    expectRefused("\xc3\xa4 eq 'x'", "a character", 1, "no property");
    std::string many = "locationId eq 'a'";
    for (std::size_t i = 1; i < graphFilterComparisons; ++i)
        many += " or locationId eq 'a'";
    EXPECT_TRUE(readGraphFilter(many));
    EXPECT_FALSE(readGraphFilter(many + " or locationId eq 'a'"));
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '(') + "locationId eq 'a'" + std::string(depth, ')');
    };
    EXPECT_TRUE(readGraphFilter(nested(graphFilterDepth)));
    EXPECT_FALSE(readGraphFilter(nested(graphFilterDepth + 1)));
}

TEST(GraphFilter, ARefusalRepeatsNoNumber) {
    const auto refused = readGraphFilter("telephoneNumber eq '+41446681800' nor");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message.find("446681800"), std::string::npos) << refused.error().message;
}

}  // namespace
}  // namespace meetpoint::api
