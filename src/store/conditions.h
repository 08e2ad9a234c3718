// The conditions of a statement, of which only those that are asked for stand in it: `$1 IS NULL OR column = $1` would
// keep SQLite from every index.
#pragma once

#include <deque>

#include "store/db.h"

namespace meetpoint::store {

// Conditions are joined by AND. Values are views: texts and ids that are given must outlive the query.
class Conditions {
public:
    // A condition in SQL. Its values stand in it as what `next` gave for them.
    void add(std::string_view condition) {
        where_ += where_.empty() ? "WHERE " : " AND ";
        where_ += condition;
    }
    // `column` equals the value, or anything where there is no value.
    template <class T>
    void addEqual(std::string_view column, const std::optional<T>& value) {
        if (value) add(std::string(column) + " = " + next(*value));
    }
    // The place of a further value: "$1", "$2", …
    std::string next(Value value) {
        values_.push_back(value);
        return "$" + std::to_string(values_.size());
    }
    // The same for a text that is made for this statement alone: it is kept here.
    std::string nextKept(std::string text) { return next(kept_.emplace_back(std::move(text))); }

    // "WHERE …", or nothing where there is no condition.
    const std::string& where() const { return where_; }
    std::span<const Value> values() const { return values_; }

private:
    std::string where_;
    std::vector<Value> values_;
    std::deque<std::string> kept_;  // a deque: what stands in it stays in its place
};

}  // namespace meetpoint::store
