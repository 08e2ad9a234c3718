#include "http/json.h"

#include <charconv>
#include <cmath>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "base/json_text.h"
#include "http/json_parse.h"
#include "http/pattern.h"

namespace meetpoint::http {
namespace {

namespace json = boost::json;

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string_view kindName(const json::value& value) {
    switch (value.kind()) {
        case json::kind::null:
            return "null";
        case json::kind::bool_:
            return "a boolean";
        case json::kind::int64:
        case json::kind::uint64:
        case json::kind::double_:
            return "a number";
        case json::kind::string:
            return "text";
        case json::kind::array:
            return "an array";
        case json::kind::object:
            return "an object";
    }
    return "something else";
}

// Walks a JSON tree and a shape together, stores what fits and notes what does not.
class Reader {
public:
    explicit Reader(const JsonLimits& limits) : limits_(limits) {}

    void note(Fault fault) {
        if (faults_.size() < limits_.faults) faults_.push_back(std::move(fault));
        ++count_;
    }

    // `field` is the member being read, for its constraints; null at the top.
    void read(const Shape& shape, const json::value& value, void* to, const std::string& path, const Field* field) {
        switch (shape.kind) {
            case ShapeKind::text:
                return readText(value, to, path, field);
            case ShapeKind::parsedText:
                return readParsedText(shape, value, to, path);
            case ShapeKind::boolean:
                if (!value.is_bool()) return wrongType(path, "true or false", value);
                *static_cast<bool*>(to) = value.get_bool();
                return;
            case ShapeKind::integer:
                return readInteger(shape, value, to, path, field);
            case ShapeKind::number:
                return readNumber(shape, value, to, path, field);
            case ShapeKind::enumeration:
                return readEnum(shape, value, to, path);
            case ShapeKind::optional:
                if (!value.is_null()) read(shape.inner(), value, shape.emplace(to), path, field);
                return;
            case ShapeKind::array:
                return readArray(shape, value, to, path, field);
            case ShapeKind::map:
                return readMap(shape, value, to, path, field);
            case ShapeKind::object:
                return readObject(shape, value, to, path);
            case ShapeKind::any:
                *static_cast<json::value*>(to) = value;
                return;
        }
    }

    Result<void> finish() {
        if (count_ == 0) return {};
        const Fault& first = faults_.front();
        std::string message = fmt::format("{}: {}", first.pointer.empty() ? "The body" : first.pointer, first.message);
        if (count_ > 1) message += fmt::format(" There are {} faults in all.", count_);
        if (count_ > faults_.size()) message += fmt::format(" The first {} are listed.", faults_.size());
        Error error = invalidInput("invalid-body", std::move(message));
        error.faults = std::move(faults_);
        return fail(std::move(error));
    }

private:
    void fault(const std::string& path, std::string code, std::string message) {
        note({path, std::move(code), std::move(message), 0});
    }
    void wrongType(const std::string& path, std::string_view expected, const json::value& value) {
        fault(path, "wrong-type", fmt::format("It must be {}, not {}.", expected, kindName(value)));
    }

    bool lengthFits(std::size_t length, std::string_view unit, const std::string& path, const Field* field) {
        if (!field) return true;
        if (field->doc.maxLength && length > field->doc.maxLength) {
            fault(path, "too-long",
                  fmt::format("It has {} {}; at most {} are possible.", length, unit, field->doc.maxLength));
            return false;
        }
        if (length < field->doc.minLength)
            fault(path, "too-short",
                  fmt::format("It has {} {}; at least {} are needed.", length, unit, field->doc.minLength));
        return length >= field->doc.minLength;
    }

    void rangeFits(double value, const std::string& path, const Field* field) {
        if (!field) return;
        if (field->doc.min && value < *field->doc.min)
            fault(path, "out-of-range", fmt::format("It must be at least {}.", *field->doc.min));
        else if (field->doc.max && value > *field->doc.max)
            fault(path, "out-of-range", fmt::format("It must be at most {}.", *field->doc.max));
    }

    void readText(const json::value& value, void* to, const std::string& path, const Field* field) {
        if (!value.is_string()) return wrongType(path, "text", value);
        const json::string& text = value.get_string();
        // An array's limits are its own; its items only share the pattern.
        const bool item = field && ownLimitsAreItems_;
        if (!item && !lengthFits(characters({text.data(), text.size()}), "characters", path, field)) return;
        if (field && field->pattern && !field->pattern->fits({text.data(), text.size()}))
            return fault(path, "bad-format", fmt::format("It does not have the form {}.", field->doc.pattern));
        static_cast<std::string*>(to)->assign(text.data(), text.size());
    }

    void readParsedText(const Shape& shape, const json::value& value, void* to, const std::string& path) {
        if (!value.is_string()) return wrongType(path, "text", value);
        const json::string& text = value.get_string();
        if (auto error = shape.parseText(to, {text.data(), text.size()}))
            fault(path, std::move(error->code), std::move(error->message));
    }

    void readInteger(const Shape& shape, const json::value& value, void* to, const std::string& path,
                     const Field* field) {
        if (!value.is_int64() && !value.is_uint64()) return wrongType(path, "a whole number", value);
        const bool huge = value.is_uint64();  // the parser makes these only beyond int64
        const bool fits =
            huge ? value.get_uint64() <= shape.highest
                 : value.get_int64() >= shape.lowest &&
                       (value.get_int64() < 0 || static_cast<std::uint64_t>(value.get_int64()) <= shape.highest);
        if (!fits)
            return fault(path, "out-of-range",
                         fmt::format("It must be between {} and {}.", shape.lowest, shape.highest));
        rangeFits(huge ? static_cast<double>(value.get_uint64()) : static_cast<double>(value.get_int64()), path, field);
        shape.storeInteger(to, huge ? value.get_uint64() : static_cast<std::uint64_t>(value.get_int64()));
    }

    void readNumber(const Shape& shape, const json::value& value, void* to, const std::string& path,
                    const Field* field) {
        if (!value.is_number()) return wrongType(path, "a number", value);
        const double number = value.is_double()  ? value.get_double()
                              : value.is_int64() ? static_cast<double>(value.get_int64())
                                                 : static_cast<double>(value.get_uint64());
        rangeFits(number, path, field);
        shape.storeNumber(to, number);
    }

    void readEnum(const Shape& shape, const json::value& value, void* to, const std::string& path) {
        if (!value.is_string()) return wrongType(path, "text", value);
        std::string known;
        for (const auto& [name, number] : shape.values) {
            if (name == std::string_view(value.get_string().data(), value.get_string().size()))
                return shape.storeEnum(to, number);
            known += (known.empty() ? "" : ", ") + name;
        }
        fault(path, "unknown-value", fmt::format("It must be one of {}.", known));
    }

    void readArray(const Shape& shape, const json::value& value, void* to, const std::string& path,
                   const Field* field) {
        if (!value.is_array()) return wrongType(path, "an array", value);
        if (!lengthFits(value.get_array().size(), "items", path, field)) return;
        const bool outer = std::exchange(ownLimitsAreItems_, true);
        std::size_t index = 0;
        for (const json::value& item : value.get_array())
            read(shape.inner(), item, shape.emplace(to), pointerTo(path, std::to_string(index++)), field);
        ownLimitsAreItems_ = outer;
    }

    void readMap(const Shape& shape, const json::value& value, void* to, const std::string& path, const Field* field) {
        if (!value.is_object()) return wrongType(path, "an object", value);
        if (!lengthFits(value.get_object().size(), "members", path, field)) return;
        const bool outer = std::exchange(ownLimitsAreItems_, true);
        for (const auto& [key, item] : value.get_object()) {
            std::string name(key.data(), key.size());
            const std::string itemPath = pointerTo(path, name);
            read(shape.inner(), item, shape.emplaceKey(to, std::move(name)), itemPath, field);
        }
        ownLimitsAreItems_ = outer;
    }

    void readObject(const Shape& shape, const json::value& value, void* to, const std::string& path) {
        if (!value.is_object()) return wrongType(path, "an object", value);
        const json::object& object = value.get_object();
        const bool outer = std::exchange(ownLimitsAreItems_, false);
        for (const auto& [key, member] : object) {
            const std::string_view name(key.data(), key.size());
            const std::string memberPath = pointerTo(path, name);
            if (const Field* field = shape.find(name))
                read(field->shape(), member, field->member(to), memberPath, field);
            else
                fault(memberPath, "unknown-field", "There is no such field here.");
        }
        ownLimitsAreItems_ = outer;
        for (const Field& field : shape.fields)
            if (field.required() && !object.contains(field.name))
                fault(pointerTo(path, field.name), "missing-field", "It is required.");
    }

    const JsonLimits& limits_;
    std::vector<Fault> faults_;
    std::size_t count_ = 0;
    bool ownLimitsAreItems_ = false;  // inside an array or map, whose lengths the field's limits speak of
};

void appendNumber(double value, std::string& out) {
    if (!std::isfinite(value)) {
        out += "null";
        return;
    }
    char digits[32];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

void appendInteger(const Shape& shape, std::uint64_t bits, std::string& out) {
    char digits[24];
    const auto end = shape.lowest < 0 ? std::to_chars(digits, digits + sizeof digits, static_cast<std::int64_t>(bits))
                                      : std::to_chars(digits, digits + sizeof digits, bits);
    out.append(digits, end.ptr);
}

void writeEnum(const Shape& shape, const void* from, std::string& out) {
    const std::int64_t value = shape.loadEnum(from);
    for (const auto& [name, number] : shape.values)
        if (number == value) return appendRepairedJsonText(name, out);
    out += "null";
}

void writeItems(const Shape& shape, const void* from, std::string& out) {
    struct State {
        const Shape& inner;
        std::string& out;
        bool first = true;
    } state{shape.inner(), out};
    out += shape.kind == ShapeKind::map ? '{' : '[';
    shape.each(from, &state, [](void* to, const std::string* key, const void* item) {
        State& state = *static_cast<State*>(to);
        if (!std::exchange(state.first, false)) state.out += ',';
        if (key) {
            appendRepairedJsonText(*key, state.out);
            state.out += ':';
        }
        writeJsonTo(state.inner, item, state.out);
    });
    out += shape.kind == ShapeKind::map ? '}' : ']';
}

void writeObject(const Shape& shape, const void* from, std::string& out) {
    out += '{';
    bool first = true;
    for (const Field& field : shape.fields) {
        // Shapes give addresses of members for reading and writing alike; nothing is changed here.
        const void* member = field.member(const_cast<void*>(from));
        const Shape& inner = field.shape();
        if (inner.kind == ShapeKind::optional && !inner.held(member) && !field.doc.required) continue;
        if (!std::exchange(first, false)) out += ',';
        appendRepairedJsonText(field.name, out);
        out += ':';
        writeJsonTo(inner, member, out);
    }
    out += '}';
}

}  // namespace

Schema textSchema() {
    return {nullptr, R"({"type":"string"})"};
}
Schema binarySchema() {
    return {nullptr, R"({"type":"string","format":"binary"})"};
}

Result<void> readJsonInto(const Shape& shape, std::string_view text, void* to, const JsonLimits& limits) {
    TRY_ASSIGN(ParsedJson parsed, parseJson(text, limits.depth));
    Reader reader(limits);
    for (Fault& duplicate : parsed.duplicates)
        reader.note(std::move(duplicate));
    reader.read(shape, parsed.value, to, "", nullptr);
    return reader.finish();
}

void writeJsonTo(const Shape& shape, const void* from, std::string& out) {
    switch (shape.kind) {
        case ShapeKind::text:
            return appendRepairedJsonText(*static_cast<const std::string*>(from), out);
        case ShapeKind::parsedText:
            return appendRepairedJsonText(shape.writeText(from), out);
        case ShapeKind::boolean:
            out += *static_cast<const bool*>(from) ? "true" : "false";
            return;
        case ShapeKind::integer:
            return appendInteger(shape, shape.loadInteger(from), out);
        case ShapeKind::number:
            return appendNumber(shape.loadNumber(from), out);
        case ShapeKind::enumeration:
            return writeEnum(shape, from, out);
        case ShapeKind::optional:
            if (const void* held = shape.held(from)) return writeJsonTo(shape.inner(), held, out);
            out += "null";
            return;
        case ShapeKind::array:
        case ShapeKind::map:
            return writeItems(shape, from, out);
        case ShapeKind::object:
            return writeObject(shape, from, out);
        case ShapeKind::any:
            out += json::serialize(*static_cast<const json::value*>(from));
            return;
    }
}

std::string pointerTo(std::string_view parent, std::string_view step) {
    std::string path(parent);
    path += '/';
    for (const char c : step) {
        if (c == '~')
            path += "~0";
        else if (c == '/')
            path += "~1";
        else
            path += c;
    }
    return path;
}

}  // namespace meetpoint::http
