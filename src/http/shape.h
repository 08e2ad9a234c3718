// The run-time description of a described C++ type: one Shape per type, made from BOOST_DESCRIBE_STRUCT and
// BOOST_DESCRIBE_ENUM. Reading, writing and the JSON schema all walk shapes, so the only templates are the ones here.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/describe.hpp>
#include <boost/mp11/algorithm.hpp>

#include "base/id.h"
#include "base/result.h"
#include "base/time.h"

namespace boost::json {
class value;
}

namespace meetpoint::http {

// What the reference says about one member and what reading enforces. Give them with designated initialisers, either as
// `static constexpr http::FieldDoc docs[] = {…};` inside the struct, or by specialising Doc<T>.
struct FieldDoc {
    std::string_view field;
    std::string_view what = {};
    std::size_t minLength = 0;       // of text, in characters; of arrays and maps, in items
    std::size_t maxLength = 0;       // the same; 0: bounded by the body's limit only
    std::optional<double> min = {};  // of numbers
    std::optional<double> max = {};
    std::string_view pattern = {};  // ECMAScript, searched: anchor it with ^ and $. Text over 1,024 bytes never fits
    std::string_view format = {};   // only shown: "uri", "email"
    std::string_view example = {};  // JSON
    bool optional = false;          // a plain member that may be left out and then keeps its initialiser
    bool required = false;          // a std::optional member that must be there, but may be null
};

// The schema's name in the API document, what the reference says about the type, and its members. The name is made from
// the C++ name ("Page<Thing>" becomes "PageOfThing") unless given.
template <class T>
struct Doc {};

// Text with a form of its own (a date, a number in international form): specialise to make a type a JSON string.
//   template <> struct JsonText<Colour> {
//       static constexpr std::string_view format = "colour";   // shown in the schema
//       static Result<Colour> parse(std::string_view text);    // its error's code and message become the fault's
//       static std::string write(const Colour& value);
//   };
template <class T>
struct JsonText {};

// Wire names of an enumeration, when they are not the enumerators' names. A trailing underscore is dropped from either
// (`default_` is "default" on the wire).
template <class E>
struct EnumName {
    static std::string_view wire(std::string_view enumerator) { return enumerator; }
};

enum class ShapeKind { text, parsedText, boolean, integer, number, enumeration, optional, array, map, object, any };

struct Shape;
struct Pattern;  // a compiled FieldDoc::pattern
using ShapeOf = const Shape& (*)();

struct Field {
    std::string name;
    ShapeOf shape;
    FieldDoc doc;
    void* (*member)(void* object);
    std::shared_ptr<const Pattern> pattern;
    bool required() const;
};

// Only the functions that its kind needs are set. `void*` is always a pointer to the C++ type.
struct Shape {
    ShapeKind kind{};
    std::string name{};  // of objects and enumerations
    std::string_view what{};
    std::string_view format{};

    std::int64_t lowest = 0;  // of integers
    std::uint64_t highest = 0;
    void (*storeInteger)(void*, std::uint64_t twosComplement) = nullptr;
    std::uint64_t (*loadInteger)(const void*) = nullptr;  // sign extended
    void (*storeNumber)(void*, double) = nullptr;
    double (*loadNumber)(const void*) = nullptr;

    std::optional<Error> (*parseText)(void*, std::string_view) = nullptr;
    std::string (*writeText)(const void*) = nullptr;

    std::vector<std::pair<std::string, std::int64_t>> values{};  // of enumerations
    void (*storeEnum)(void*, std::int64_t) = nullptr;
    std::int64_t (*loadEnum)(const void*) = nullptr;

    ShapeOf inner = nullptr;                            // of optionals, arrays and maps
    void* (*emplace)(void*) = nullptr;                  // optional: engage; array: append one
    void* (*emplaceKey)(void*, std::string) = nullptr;  // map
    const void* (*held)(const void*) = nullptr;         // optional: the value or null
    std::size_t (*size)(const void*) = nullptr;         // array, map
    void (*each)(const void*, void* to, void (*visit)(void* to, const std::string* key, const void* item)) = nullptr;

    std::vector<Field> fields{};  // of objects
    const Field* find(std::string_view name) const;
};

template <class T>
const Shape& shapeOf();

namespace shape_detail {

// "meetpoint::api::Page<meetpoint::api::Thing>" to "PageOfThing".
std::string shortTypeName(std::string_view qualified);
std::string_view withoutUnderscore(std::string_view name);
std::shared_ptr<const Pattern> compile(std::string_view pattern);  // null for ""
const Shape& textShape();
const Shape& anyShape();

template <class T>
constexpr std::string_view typeName() {
    std::string_view text = __PRETTY_FUNCTION__;
    text.remove_prefix(text.find("T = ") + 4);
    return text.substr(0, text.find_first_of(";]"));
}

template <class T>
inline constexpr bool alwaysFalse = false;
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};
template <class T>
struct IsMap : std::false_type {};
template <class T>
struct IsMap<std::map<std::string, T>> : std::true_type {};

template <class T>
concept HasText = requires(std::string_view text, const T& value) {
    JsonText<T>::parse(text);
    JsonText<T>::write(value);
};

template <class T>
constexpr std::string_view nameOfType() {
    if constexpr (requires { Doc<T>::name; })
        return Doc<T>::name;
    else
        return typeName<T>();
}

template <class T>
constexpr FieldDoc docOf(std::string_view field) {
    if constexpr (requires { Doc<T>::fields; }) {
        for (const FieldDoc& doc : Doc<T>::fields)
            if (doc.field == field) return doc;
    } else if constexpr (requires { T::docs; }) {
        for (const FieldDoc& doc : T::docs)
            if (doc.field == field) return doc;
    }
    return FieldDoc{field};
}

template <class T>
using MembersOf = boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;

template <class T>
constexpr bool hasMember(std::string_view field) {
    bool found = false;
    boost::mp11::mp_for_each<MembersOf<T>>([&](auto member) { found = found || field == member.name; });
    return found;
}

// Every documented field is a member: a renamed member must not leave its constraints behind.
template <class T>
constexpr bool docsNameMembers() {
    bool all = true;
    if constexpr (requires { Doc<T>::fields; }) {
        for (const FieldDoc& doc : Doc<T>::fields)
            all = all && hasMember<T>(doc.field);
    } else if constexpr (requires { T::docs; }) {
        for (const FieldDoc& doc : T::docs)
            all = all && hasMember<T>(doc.field);
    }
    return all;
}

template <class T>
Shape objectShape() {
    static_assert(docsNameMembers<T>(), "a FieldDoc names a member that the struct does not have");
    Shape shape{ShapeKind::object, shortTypeName(nameOfType<T>())};
    if constexpr (requires { Doc<T>::what; }) shape.what = Doc<T>::what;
    boost::mp11::mp_for_each<MembersOf<T>>([&](auto member) {
        using Descriptor = decltype(member);
        using Member = std::remove_cvref_t<decltype(std::declval<T&>().*Descriptor::pointer)>;
        const FieldDoc doc = docOf<T>(Descriptor::name);
        shape.fields.push_back({std::string(withoutUnderscore(Descriptor::name)), &shapeOf<Member>, doc,
                                [](void* object) -> void* { return &(static_cast<T*>(object)->*Descriptor::pointer); },
                                compile(doc.pattern)});
    });
    return shape;
}

template <class T>
Shape enumShape() {
    Shape shape{ShapeKind::enumeration, shortTypeName(nameOfType<T>())};
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto entry) {
        shape.values.emplace_back(std::string(withoutUnderscore(EnumName<T>::wire(entry.name))),
                                  static_cast<std::int64_t>(entry.value));
    });
    shape.storeEnum = [](void* to, std::int64_t value) { *static_cast<T*>(to) = static_cast<T>(value); };
    shape.loadEnum = [](const void* from) { return static_cast<std::int64_t>(*static_cast<const T*>(from)); };
    return shape;
}

template <class T>
Shape parsedTextShape() {
    Shape shape{ShapeKind::parsedText};
    if constexpr (requires { JsonText<T>::format; }) shape.format = JsonText<T>::format;
    shape.parseText = [](void* to, std::string_view text) -> std::optional<Error> {
        Result<T> parsed = JsonText<T>::parse(text);
        if (!parsed) return std::move(parsed).error();
        *static_cast<T*>(to) = std::move(*parsed);
        return {};
    };
    shape.writeText = [](const void* from) { return std::string(JsonText<T>::write(*static_cast<const T*>(from))); };
    return shape;
}

template <class T>
Shape integerShape() {
    Shape shape{ShapeKind::integer};
    shape.lowest = static_cast<std::int64_t>(std::numeric_limits<T>::lowest());
    shape.highest = static_cast<std::uint64_t>(std::numeric_limits<T>::max());
    shape.storeInteger = [](void* to, std::uint64_t bits) { *static_cast<T*>(to) = static_cast<T>(bits); };
    shape.loadInteger = [](const void* from) {
        if constexpr (std::is_signed_v<T>)
            return static_cast<std::uint64_t>(static_cast<std::int64_t>(*static_cast<const T*>(from)));
        else
            return static_cast<std::uint64_t>(*static_cast<const T*>(from));
    };
    return shape;
}

template <class T>
Shape numberShape() {
    Shape shape{ShapeKind::number};
    shape.storeNumber = [](void* to, double value) { *static_cast<T*>(to) = static_cast<T>(value); };
    shape.loadNumber = [](const void* from) { return static_cast<double>(*static_cast<const T*>(from)); };
    return shape;
}

template <class T>
Shape optionalShape() {
    Shape shape{ShapeKind::optional};
    shape.inner = &shapeOf<typename T::value_type>;
    shape.emplace = [](void* to) -> void* { return &static_cast<T*>(to)->emplace(); };
    shape.held = [](const void* from) -> const void* {
        const T& value = *static_cast<const T*>(from);
        return value ? &*value : nullptr;
    };
    return shape;
}

template <class T>
Shape arrayShape() {
    static_assert(!std::is_same_v<T, std::vector<bool>>, "its items have no address; use std::vector<std::uint8_t>");
    Shape shape{ShapeKind::array};
    shape.inner = &shapeOf<typename T::value_type>;
    shape.emplace = [](void* to) -> void* { return &static_cast<T*>(to)->emplace_back(); };
    shape.size = [](const void* from) { return static_cast<const T*>(from)->size(); };
    shape.each = [](const void* from, void* to, void (*visit)(void*, const std::string*, const void*)) {
        for (const auto& item : *static_cast<const T*>(from))
            visit(to, nullptr, &item);
    };
    return shape;
}

template <class T>
Shape mapShape() {
    Shape shape{ShapeKind::map};
    shape.inner = &shapeOf<typename T::mapped_type>;
    shape.emplaceKey = [](void* to, std::string key) -> void* { return &(*static_cast<T*>(to))[std::move(key)]; };
    shape.size = [](const void* from) { return static_cast<const T*>(from)->size(); };
    shape.each = [](const void* from, void* to, void (*visit)(void*, const std::string*, const void*)) {
        for (const auto& [key, item] : *static_cast<const T*>(from))
            visit(to, &key, &item);
    };
    return shape;
}

template <class T>
Shape makeShape() {
    if constexpr (HasText<T>)
        return parsedTextShape<T>();
    else if constexpr (std::is_same_v<T, bool>)
        return Shape{ShapeKind::boolean};
    else if constexpr (std::is_integral_v<T>)
        return integerShape<T>();
    else if constexpr (std::is_floating_point_v<T>)
        return numberShape<T>();
    else if constexpr (IsOptional<T>::value)
        return optionalShape<T>();
    else if constexpr (IsVector<T>::value)
        return arrayShape<T>();
    else if constexpr (IsMap<T>::value)
        return mapShape<T>();
    else if constexpr (boost::describe::has_describe_enumerators<T>::value)
        return enumShape<T>();
    else if constexpr (boost::describe::has_describe_members<T>::value)
        return objectShape<T>();
    else
        static_assert(alwaysFalse<T>, "describe the type with BOOST_DESCRIBE_STRUCT or _ENUM, or specialise JsonText");
}

}  // namespace shape_detail

// The description of T; made once, on first use. Safe from several threads.
template <class T>
const Shape& shapeOf() {
    if constexpr (std::is_same_v<T, std::string>) {
        return shape_detail::textShape();
    } else if constexpr (std::is_same_v<T, boost::json::value>) {
        return shape_detail::anyShape();
    } else {
        static const Shape shape = shape_detail::makeShape<T>();
        return shape;
    }
}

template <>
struct JsonText<Instant> {
    static constexpr std::string_view format = "date-time";
    static Result<Instant> parse(std::string_view text) { return parseInstant(text); }
    static std::string write(Instant value) { return formatInstant(value); }
};
template <>
struct JsonText<Day> {
    static constexpr std::string_view format = "date";
    static Result<Day> parse(std::string_view text) { return parseDay(text); }
    static std::string write(Day value) { return formatDay(value); }
};
template <>
struct JsonText<Id> {
    static constexpr std::string_view format = "uuid";
    static Result<Id> parse(std::string_view text) { return parseId(text); }
    static std::string write(const Id& value) { return formatId(value); }
};

}  // namespace meetpoint::http
