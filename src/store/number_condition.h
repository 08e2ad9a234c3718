// A condition on numbers as a tree, for filters that join with `and`, `or` and `not`. What is absent equals no value,
// and unlike SQL's null that is an answer: two-valued logic throughout.
#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "domain/phone_number.h"
#include "store/db.h"

namespace meetpoint::store {

// What of a number can be asked for. Usage is the first or the additional one.
enum class NumberField { e164, carrier, state, usage, targetType, target, category, country, location };
// E.164 digits, an id, or a text, as the field has them.
using FieldValue = std::variant<domain::E164, Id, std::string>;

struct NumberCondition {
    enum class Kind {
        isOneOf,   // the field is one of `values`; of none: never
        isAbsent,  // the field has no value
        all,       // every one of `parts`; of none: always
        any,       // one of `parts`; of none: never
        none,      // not one of `parts`
    };
    Kind kind = Kind::all;
    NumberField field = NumberField::state;
    std::vector<FieldValue> values{};
    std::vector<NumberCondition> parts{};
};

// The same as `WHERE` text. `next` takes a parameter and gives its place ("$3"); texts of the condition are borrowed
// until the statement has run.
std::string textOf(const NumberCondition& condition, const std::function<std::string(Value)>& next);

}  // namespace meetpoint::store
