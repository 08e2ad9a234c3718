#include "store/number_condition.h"

namespace meetpoint::store {
namespace {

using Next = std::function<std::string(Value)>;

Value valueOf(const FieldValue& value) {
    if (const auto* number = std::get_if<domain::E164>(&value)) return Value(static_cast<std::int64_t>(number->digits));
    if (const auto* id = std::get_if<Id>(&value)) return Value(*id);
    return Value(std::get<std::string>(value));
}

std::string_view columnOf(NumberField field) {
    switch (field) {
        case NumberField::e164:
            return "e164";
        case NumberField::carrier:
            return "carrier_id";
        case NumberField::state:
            return "state";
        case NumberField::usage:
            return "usage";
        case NumberField::targetType:
            return "target_type";
        case NumberField::target:
            return "target_id";
        case NumberField::category:
            return "category";
        case NumberField::country:
            return "country";
        case NumberField::location:
            return "location_id";
    }
    return "";
}

std::string isOneOf(std::string_view column, const std::vector<FieldValue>& values, const Next& next) {
    std::string places;
    for (const FieldValue& value : values)
        places += (places.empty() ? "" : ", ") + next(valueOf(value));
    const std::string name(column);
    return "(" + name + " IS NOT NULL AND " + name + " IN (" + places + "))";
}

std::string joined(const std::vector<NumberCondition>& parts, const std::string& word, const Next& next) {
    std::string text;
    for (const NumberCondition& part : parts)
        text += (text.empty() ? "(" : word) + textOf(part, next);
    return text + ")";
}

}  // namespace

std::string textOf(const NumberCondition& condition, const Next& next) {
    using Kind = NumberCondition::Kind;
    switch (condition.kind) {
        case Kind::isOneOf: {
            if (condition.values.empty()) return "1 = 0";
            std::string text = isOneOf(columnOf(condition.field), condition.values, next);
            if (condition.field == NumberField::usage)
                text = "(" + text + " OR " + isOneOf("additional_usage", condition.values, next) + ")";
            return text;
        }
        case Kind::isAbsent:
            // Numbers of no country have an empty one.
            if (condition.field == NumberField::country) return "country = ''";
            return std::string(columnOf(condition.field)) + " IS NULL";
        case Kind::all:
            return condition.parts.empty() ? "1 = 1" : joined(condition.parts, " AND ", next);
        case Kind::any:
            return condition.parts.empty() ? "1 = 0" : joined(condition.parts, " OR ", next);
        case Kind::none:
            return condition.parts.empty() ? "1 = 1" : "NOT " + joined(condition.parts, " OR ", next);
    }
    return "1 = 0";
}

}  // namespace meetpoint::store
