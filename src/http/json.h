// JSON to and from described structs. A wire type is a plain struct:
//   struct Thing { std::string name; std::optional<Instant> madeAt; };
//   BOOST_DESCRIBE_STRUCT(Thing, (), (name, madeAt))
// Members: std::string, bool, integers, double, Instant, Day, Id, std::optional, std::vector, std::map<std::string, T>,
// described structs and enums, boost::json::value for free content, and whatever JsonText names. Wire names are member
// names. A std::optional may be left out or null; it is not written when empty. Integers are not read from fractions.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"
#include "http/shape.h"

namespace meetpoint::http {

struct JsonLimits {
    std::size_t depth = 32;    // nested arrays and objects
    std::size_t faults = 100;  // listed; the rest are only counted in the message
};

// A type for the API document, from the same description that reading enforces.
struct Schema {
    ShapeOf shape = nullptr;
    std::string json = {};  // instead of a shape: a JSON Schema as text, for what is not described here
    bool empty() const { return !shape && json.empty(); }
};
template <class T>
Schema jsonSchema() {
    return {&shapeOf<T>};
}
Schema textSchema();
Schema binarySchema();

// The two below without templates. `to` points to a value of the shape's type, freshly made.
Result<void> readJsonInto(const Shape& shape, std::string_view text, void* to, const JsonLimits& limits);
void writeJsonTo(const Shape& shape, const void* from, std::string& out);

// Code "bad-json" if the text is no JSON (one fault, with its line) or too deep; "invalid-body" with every fault
// (JSON pointer, code, message) if it does not fit: "unknown-field", "missing-field", "wrong-type", "unknown-value",
// "out-of-range", "too-long", "too-short", "bad-format", "duplicate-field", or the code of a JsonText parser.
template <class T>
Result<T> readJson(std::string_view text, const JsonLimits& limits = {}) {
    T value{};
    if (auto read = readJsonInto(shapeOf<T>(), text, &value, limits); !read) return fail(std::move(read).error());
    return value;
}

// Compact, members in declared order. Numbers that JSON cannot say (NaN, infinities) become null.
template <class T>
std::string writeJson(const T& value) {
    std::string out;
    writeJsonTo(shapeOf<T>(), &value, out);
    return out;
}

template <class T>
Response jsonResponse(const T& value, int status = 200) {
    return jsonText(writeJson(value), status);
}

// "/a~1b": adds one step to a JSON pointer.
std::string pointerTo(std::string_view parent, std::string_view step);

}  // namespace meetpoint::http
