#include "api/graph_filter.h"

#include <algorithm>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "api/graph_states.h"
#include "domain/call.h"
#include "http/message.h"

namespace meetpoint::api {
namespace {

using store::FieldValue;
using store::NumberCondition;
using store::NumberField;
using Kind = NumberCondition::Kind;

constexpr std::size_t longestEcho = 40;  // bytes of the filter that a message repeats

NumberCondition always() {
    return {Kind::all};
}
NumberCondition never() {
    return {Kind::any};
}
NumberCondition isOneOf(NumberField field, std::vector<FieldValue> values) {
    return {Kind::isOneOf, field, std::move(values)};
}
NumberCondition isAbsent(NumberField field) {
    return {Kind::isAbsent, field};
}
NumberCondition joined(Kind kind, std::vector<NumberCondition> parts) {
    if (parts.size() == 1 && kind != Kind::none) return std::move(parts.front());
    return {kind, {}, {}, std::move(parts)};
}

// Numbers in one of the states of which `holds` says so.
template <class F>
NumberCondition inStates(F holds) {
    std::vector<FieldValue> states;
    for (const GraphState& state : graphStates())
        if (holds(state)) states.emplace_back(std::string(name(state.state)));
    return isOneOf(NumberField::state, std::move(states));
}
NumberCondition isAssigned() {
    return inStates([](const GraphState& state) { return state.isAssigned; });
}
NumberCondition isUnassigned() {
    return inStates([](const GraphState& state) { return !state.isAssigned; });
}

// A literal: a text, or OData's null.
using Literal = std::optional<std::string>;
// What a property's being equal to a value means. Nothing: the enumeration has no such word.
using Meaning = std::optional<NumberCondition>;

// The word of an enumeration as Graph spells it; it is compared without regard to case.
std::optional<std::string_view> wordOf(std::string_view words, std::string_view text) {
    for (std::size_t i = 0;; ++i) {
        const std::string_view word = domain::nameAt(words, i);
        if (word.empty()) return std::nullopt;
        if (http::equalIgnoringCase(word, text)) return word;
    }
}

Meaning onConstant(const Literal& value, std::string_view words, std::string_view constant) {
    if (!value) return never();
    const auto word = wordOf(words, *value);
    if (!word) return std::nullopt;
    return *word == constant ? always() : never();
}

Meaning onNumber(const Literal& value) {
    if (!value) return never();
    std::string_view digits = *value;
    // A plus that was not escaped arrives as the blank that it stands for in a query.
    if (digits.starts_with('+') || digits.starts_with(' ')) digits.remove_prefix(1);
    const auto number = domain::readE164("+" + std::string(digits));
    return number ? isOneOf(NumberField::e164, {*number}) : never();
}

Meaning onOperator(const Literal& value) {
    const auto id = value ? parseId(*value) : Result<Id>(Id{});
    return value && id ? isOneOf(NumberField::carrier, {*id}) : never();
}

Meaning onTarget(const Literal& value) {
    if (!value) return joined(Kind::any, {isUnassigned(), isAbsent(NumberField::target)});
    const auto id = parseId(*value);
    return id ? joined(Kind::all, {isAssigned(), isOneOf(NumberField::target, {*id})}) : never();
}

Meaning onCategory(const Literal& value) {
    if (!value) return joined(Kind::any, {isUnassigned(), isAbsent(NumberField::category)});
    const auto word = wordOf(graphCategories, *value);
    if (!word) return std::nullopt;
    return joined(Kind::all, {isAssigned(), isOneOf(NumberField::category, {std::string(*word)})});
}

Meaning onActivationState(const Literal& value) {
    if (!value) return never();
    const auto word = wordOf(graphActivationStates, *value);
    if (!word) return std::nullopt;
    return inStates([&](const GraphState& state) { return state.activationState == *word; });
}

Meaning onPortInStatus(const Literal& value) {
    const auto word = value ? wordOf(graphPortInStatuses, *value) : std::string_view();
    if (!word) return std::nullopt;
    return inStates([&](const GraphState& state) { return state.portInStatus == *word; });
}

Meaning onAssignmentStatus(const Literal& value) {
    if (!value) return never();
    const auto word = wordOf(graphAssignmentStatuses, *value);
    if (!word) return std::nullopt;
    if (*word == "unassigned") return isUnassigned();
    std::vector<FieldValue> types;
    for (const GraphTarget& target : graphTargets())
        if (target.assignmentStatus == *word) types.emplace_back(std::string(target.targetType));
    return joined(Kind::all, {isAssigned(), isOneOf(NumberField::targetType, std::move(types))});
}

Meaning onCountry(const Literal& value) {
    if (!value) return isAbsent(NumberField::country);
    if (value->empty()) return never();
    std::string country = *value;
    for (char& c : country)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return isOneOf(NumberField::country, {country});
}

Meaning onLocation(const Literal& value) {
    return value ? isOneOf(NumberField::location, {*value}) : isAbsent(NumberField::location);
}

Meaning onNothing(const Literal& value) {
    return value ? never() : always();
}

Meaning onNumberType(const Literal& value) {
    return onConstant(value, graphNumberTypes, graphNumberType);
}

Meaning onNumberSource(const Literal& value) {
    return onConstant(value, graphNumberSources, graphNumberSource);
}

Meaning onCapability(const Literal& value) {
    if (!value) return never();
    const auto word = wordOf(graphCapabilities, *value);
    if (!word) return std::nullopt;
    std::vector<FieldValue> usages;
    for (const GraphTarget& target : graphTargets())
        if (target.capability == *word) usages.emplace_back(std::string(domain::usageFor(target.targetType)));
    return isOneOf(NumberField::usage, std::move(usages));
}

Meaning onCustomerAction(const Literal& value) {
    return value == std::string(graphCustomerAction) ? always() : never();
}

Meaning onLookupOption(const Literal&) {
    return never();
}

struct Property {
    std::string_view name;
    Meaning (*equals)(const Literal& value);
};
constexpr Property scalars[] = {
    {"telephoneNumber", onNumber},
    {"operatorId", onOperator},
    {"numberType", onNumberType},
    {"activationState", onActivationState},
    {"assignmentStatus", onAssignmentStatus},
    {"assignmentTargetId", onTarget},
    {"assignmentCategory", onCategory},
    {"isoCountryCode", onCountry},
    {"locationId", onLocation},
    {"civicAddressId", onNothing},
    {"networkSiteId", onNothing},
    {"portInStatus", onPortInStatus},
    {"numberSource", onNumberSource},
};
constexpr Property collections[] = {
    {"capabilities", onCapability},
    {"supportedCustomerActions", onCustomerAction},
    {"reverseNumberLookupOptions", onLookupOption},
};

const Property* find(std::span<const Property> properties, std::string_view name) {
    const auto found = std::ranges::find(properties, name, &Property::name);
    return found == properties.end() ? nullptr : &*found;
}

bool isWordCharacter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Recursive descent, one function a rule; `depth` is that of the parentheses.
class FilterReader {
public:
    explicit FilterReader(std::string_view filter) : filter_(filter), rest_(filter) {}

    Result<NumberCondition> whole() {
        TRY_ASSIGN(NumberCondition condition, alternatives(0));
        if (!peek().empty()) return fail(refused(peek(), "only 'and' or 'or' can follow"));
        return condition;
    }

private:
    Result<NumberCondition> alternatives(std::size_t depth) {
        std::vector<NumberCondition> parts;
        do {
            TRY_ASSIGN(NumberCondition part, conjunction(depth));
            parts.push_back(std::move(part));
        } while (takeWord("or"));
        return joined(Kind::any, std::move(parts));
    }

    Result<NumberCondition> conjunction(std::size_t depth) {
        std::vector<NumberCondition> parts;
        do {
            TRY_ASSIGN(NumberCondition part, term(depth));
            parts.push_back(std::move(part));
        } while (takeWord("and"));
        return joined(Kind::all, std::move(parts));
    }

    Result<NumberCondition> term(std::size_t depth) {
        if (!takeSign('(')) return comparison();
        if (depth == graphFilterDepth) return fail(refused("(", "there are too many parentheses within each other"));
        TRY_ASSIGN(NumberCondition inner, alternatives(depth + 1));
        TRY(needSign(')'));
        return inner;
    }

    Result<NumberCondition> comparison() {
        if (++comparisons_ > graphFilterComparisons)
            return fail(refused(peek(), fmt::format("a filter has at most {} comparisons", graphFilterComparisons)));
        const std::string_view name = peekWord();
        const bool isAny = rest_.substr(name.size()).starts_with('/');
        const Property* property = find(isAny ? std::span<const Property>(collections) : scalars, name);
        if (!property) return fail(refused(peek(), whyNot(name, isAny)));
        take(name.size());
        return isAny ? anyOf(*property) : compared(*property);
    }

    static std::string_view whyNot(std::string_view name, bool isAny) {
        if (name == "id" || name == "city") return "Graph cannot filter on this property";
        if (find(collections, name))
            return "a collection is asked for by any: capabilities/any(c:c eq 'userAssignment')";
        if (isAny && find(scalars, name)) return "this property is no collection; compare it with eq";
        return "a number assignment has no property of this name that can be filtered on";
    }

    // "eq 'value'" or "ne null".
    Result<NumberCondition> compared(const Property& property) {
        const bool isEqual = takeWord("eq");
        if (!isEqual && !takeWord("ne")) return fail(refused(peek(), "compare with eq or ne"));
        TRY_ASSIGN(NumberCondition condition, equalsLiteral(property));
        if (isEqual) return condition;
        return joined(Kind::none, {std::move(condition)});
    }

    // "/any(c:c eq 'value')".
    Result<NumberCondition> anyOf(const Property& property) {
        TRY(needSign('/'));
        if (!takeWord("any")) return fail(refused(peek(), "of a collection only any is understood"));
        TRY(needSign('('));
        const std::string_view variable = peekWord();
        if (variable.empty())
            return fail(refused(peek(), "a name must stand here, as in any(c:c eq 'userAssignment')"));
        take(variable.size());
        TRY(needSign(':'));
        if (!takeWord(variable)) return fail(refused(peek(), "only the name before the colon can be compared"));
        if (!takeWord("eq")) return fail(refused(peek(), "compare with eq"));
        TRY_ASSIGN(NumberCondition condition, equalsLiteral(property));
        TRY(needSign(')'));
        return condition;
    }

    Result<NumberCondition> equalsLiteral(const Property& property) {
        const std::string_view before = peek();
        TRY_ASSIGN(const Literal value, literal());
        Meaning meaning = property.equals(value);
        if (meaning) return std::move(*meaning);
        rest_ = before;
        return fail(refused(property.name, "this is none of the values that it can have"));
    }

    // 'text', in which '' is a quote, or null.
    Result<Literal> literal() {
        if (takeWord("null")) return Literal();
        const std::string_view before = peek();
        if (!takeSign('\'')) return fail(refused(before, "a text in single quotes or null must stand here"));
        std::string text;
        while (!rest_.empty()) {
            const char c = rest_.front();
            take(1);
            if (c == '\'' && !rest_.starts_with('\'')) return Literal(std::move(text));
            if (c == '\'') take(1);
            text += c;
        }
        rest_ = before;
        return fail(refused("'", "the text that begins here has no end"));
    }

    void take(std::size_t bytes) { rest_.remove_prefix(bytes); }
    // What is to come, from the next character that is no blank.
    std::string_view peek() {
        take(std::min(rest_.find_first_not_of(' '), rest_.size()));
        return rest_;
    }
    std::string_view peekWord() {
        const std::string_view text = peek();
        return text.substr(0, static_cast<std::size_t>(std::ranges::find_if_not(text, isWordCharacter) - text.begin()));
    }
    bool takeWord(std::string_view word) {
        if (peekWord() != word) return false;
        take(word.size());
        return true;
    }
    bool takeSign(char sign) {
        if (!peek().starts_with(sign)) return false;
        take(1);
        return true;
    }
    Result<void> needSign(char sign) {
        if (takeSign(sign)) return {};
        return fail(refused(peek(), fmt::format("'{}' must stand here", sign)));
    }

    // Names the word at fault, or the character; what may be a telephone number is not repeated.
    Error refused(std::string_view part, std::string_view why) {
        std::string_view word =
            part.substr(0, static_cast<std::size_t>(std::ranges::find_if_not(part, isWordCharacter) - part.begin()));
        if (word.empty()) word = part.substr(0, 1);
        const bool isText = !word.empty() && (static_cast<unsigned char>(word.front()) >= 0x80 || word.front() < 0x20);
        std::string named(word.empty() ? "the end" : isText ? "a character" : word.substr(0, longestEcho));
        const std::size_t place = filter_.size() - rest_.size() + 1;
        Error error = invalidInput(
            "bad-filter", fmt::format("$filter is not understood at {} (character {}): {}.", named, place, why));
        error.faults.push_back({std::move(named), "bad-filter", std::string(why) + ".", 0});
        return error;
    }

    std::string_view filter_, rest_;
    std::size_t comparisons_ = 0;
};

}  // namespace

Result<NumberCondition> readGraphFilter(std::string_view filter) {
    return FilterReader(filter).whole();
}

}  // namespace meetpoint::api
