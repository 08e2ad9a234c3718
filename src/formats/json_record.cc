#include "formats/json_record.h"

#include <simdjson.h>

#include "base/json_text.h"
#include "formats/json_values.h"
#include "formats/plain_json.h"
#include "formats/values.h"

namespace meetpoint::formats {
namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;
using simdjson::SUCCESS;

// Whether the parser can go on with the next value after this error.
bool isLocal(error_code error) {
    return error == simdjson::INCORRECT_TYPE || error == simdjson::NUMBER_ERROR ||
           error == simdjson::NUMBER_OUT_OF_RANGE;
}

// Position of the first byte that is not UTF-8.
std::size_t firstBadByte(std::string_view text) {
    std::size_t low = 0, high = text.size();
    // The longest valid prefix, give or take the character that the cut splits.
    while (low < high) {
        const std::size_t middle = (low + high + 1) / 2;
        std::size_t cut = middle;
        while (cut > 0 && cut < text.size() && (static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80)
            --cut;
        if (simdjson::validate_utf8(text.data(), cut))
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

// A value as json_values reads it; what was wrong with it is kept.
struct JsonValue {
    ondemand::value& value;
    error_code error = SUCCESS;
    bool get(std::int64_t& into) { return (error = value.get_int64().get(into)) == SUCCESS; }
    bool get(double& into) { return (error = value.get_double().get(into)) == SUCCESS; }
    bool get(bool& into) { return (error = value.get_bool().get(into)) == SUCCESS; }
    bool get(std::string_view& into) { return (error = value.get_string().get(into)) == SUCCESS; }
};

// Values stay references: copying simdjson's small structures through memory costs more than reading them.
error_code nameOf(ondemand::field& field, const FieldIndex& fields, int& index, std::string_view& name) {
    if (const error_code error = field.unescaped_key().get(name)) return error;
    index = fields.find(name);
    return SUCCESS;
}

}  // namespace

struct JsonRecordParser::Impl {
    ondemand::parser parser;
    std::string padded;      // texts that come without padding
    std::string extensions;  // canonical JSON of the record's extensions
    std::vector<std::pair<std::string, std::string>> named;
    PlainJsonReader plain;
    RowAssembler* row = nullptr;
    bool lenient = false;
    std::uint64_t* ignored = nullptr;

    // All of these return an error only if the rest of the record cannot be read.
    error_code readRecord(ondemand::object object);
    error_code readField(int field, ondemand::value& value);
    error_code readEndpoint(ondemand::value& value);
    error_code readStreams(ondemand::array array);
    error_code readStream(ondemand::object object);
    error_code readStreamField(int inner, ondemand::value& value);
    error_code readExtensions(ondemand::object object);
    error_code readExtension(std::string_view name, ondemand::value& value);
    void unknown(std::string_view object, int stream, std::string_view name);
    void wrongType(const WireField& field);
    void reportBroken(error_code error, std::string_view json, const char* at);
};

JsonRecordParser::JsonRecordParser() : impl_(std::make_unique<Impl>()) {}
JsonRecordParser::~JsonRecordParser() = default;
std::size_t JsonRecordParser::padding() {
    return simdjson::SIMDJSON_PADDING;
}

void JsonRecordParser::Impl::wrongType(const WireField& field) {
    const std::string_view type = jsonTypeOf(field.kind);
    const bool vowel = type.front() == 'a' || type.front() == 'i' || type.front() == 'o';
    row->faultAt(field, "wrong-type",
                 std::string(field.name) + " must be " + (vowel ? "an " : "a ") + std::string(type));
}

void JsonRecordParser::Impl::unknown(std::string_view object, int stream, std::string_view name) {
    if (lenient) {
        ++*ignored;
        return;
    }
    std::string pointer;
    if (!object.empty()) pointer.append("/").append(object);
    if (stream >= 0) pointer.append("/").append(std::to_string(stream));
    pointer += '/';
    for (const char c : shortened(name, 64)) {
        if (c == '~')
            pointer += "~0";
        else if (c == '/')
            pointer += "~1";
        else
            pointer += c;
    }
    row->fault(std::move(pointer), "unknown-field",
               "there is no field '" + shortened(name) +
                   "'; correct it, put it into extensions, or send Prefer: handling=lenient to have it ignored");
}

error_code JsonRecordParser::Impl::readRecord(ondemand::object object) {
    for (auto next : object) {
        if (next.error()) return next.error();
        ondemand::field&& field = std::move(next).value_unsafe();
        std::string_view name;
        int index = -1;
        if (const error_code error = nameOf(field, row->fields(), index, name)) return error;
        if (index < 0) {
            unknown({}, -1, name);
            continue;
        }
        if (!row->see(index)) continue;
        if (const error_code error = readField(index, field.value())) {
            if (!isLocal(error)) return error;
            wrongType(row->fields()[index]);
        }
    }
    return SUCCESS;
}

error_code JsonRecordParser::Impl::readField(int index, ondemand::value& value) {
    const WireField& field = row->fields()[index];
    if (field.presence == Presence::givenOut) return SUCCESS;
    const char first = value.raw_json_token().front();
    if (first == 'n') {
        const auto null = value.is_null();
        if (null.error() || !null.value_unsafe()) return simdjson::INCORRECT_TYPE;
        row->setNull(index);
        return SUCCESS;
    }
    switch (field.kind) {
        case ValueKind::object:
            return readEndpoint(value);
        case ValueKind::list: {
            ondemand::array array;
            if (const error_code error = value.get_array().get(array)) return error;
            return readStreams(array);
        }
        case ValueKind::extensions: {
            ondemand::object object;
            if (const error_code error = value.get_object().get(object)) return error;
            return readExtensions(object);
        }
        default: {
            JsonValue scalar{value};
            setScalar(*row, index, scalar);
            return scalar.error;
        }
    }
}

error_code JsonRecordParser::Impl::readEndpoint(ondemand::value& value) {
    ondemand::object object;
    if (const error_code error = value.get_object().get(object)) return error;
    std::uint32_t seen = 0;
    for (auto next : object) {
        if (next.error()) return next.error();
        ondemand::field&& field = std::move(next).value_unsafe();
        std::string_view name, text;
        int inner = -1;
        if (const error_code error = nameOf(field, row->endpointFields(), inner, name)) return error;
        if (inner < 0) {
            unknown("endpoint", -1, name);
            continue;
        }
        const WireField& wire = row->endpointFields()[inner];
        row->setPlace({"endpoint", -1});
        if (seen >> inner & 1)
            row->faultAt(wire, "duplicate-field", std::string(wire.name) + " is given twice; send it once");
        seen |= 1u << inner;
        ondemand::value& inside = field.value();
        if (inside.raw_json_token().front() == 'n' && !inside.is_null().error()) {
            row->setPlace({});
            continue;
        }
        const error_code error = inside.get_string().get(text);
        if (error && !isLocal(error)) return error;
        if (error) wrongType(wire);
        row->setPlace({});
        if (!error) row->setEndpoint(inner, text);
    }
    return SUCCESS;
}

error_code JsonRecordParser::Impl::readStreams(ondemand::array array) {
    int position = 0;
    for (auto next : array) {
        ondemand::value value;
        if (const error_code error = std::move(next).get(value)) return error;
        ondemand::object object;
        const error_code error = value.get_object().get(object);
        if (error && !isLocal(error)) return error;
        if (error) {
            row->fault("/streams/" + std::to_string(position), "wrong-type", "a stream must be an object");
        } else if (!row->beginStream()) {
            return SUCCESS;  // the fault is recorded; simdjson skips the rest
        } else if (const error_code inside = readStream(object)) {
            return inside;
        }
        row->setPlace({});
        ++position;
    }
    return SUCCESS;
}

error_code JsonRecordParser::Impl::readStream(ondemand::object object) {
    std::uint32_t seen = 0;
    for (auto next : object) {
        if (next.error()) return next.error();
        ondemand::field&& field = std::move(next).value_unsafe();
        std::string_view name;
        int inner = -1;
        if (const error_code error = nameOf(field, row->streamFields(), inner, name)) return error;
        if (inner < 0) {
            unknown("streams", row->streamPosition(), name);
            continue;
        }
        const WireField& wire = row->streamFields()[inner];
        if (seen >> inner & 1)
            row->faultAt(wire, "duplicate-field", std::string(wire.name) + " is given twice; send it once");
        seen |= 1u << inner;
        if (const error_code error = readStreamField(inner, field.value())) {
            if (!isLocal(error)) return error;
            wrongType(wire);
        }
    }
    return SUCCESS;
}

error_code JsonRecordParser::Impl::readStreamField(int inner, ondemand::value& value) {
    const char first = value.raw_json_token().front();
    if (first == 'n') {
        const auto null = value.is_null();
        return null.error() || !null.value_unsafe() ? simdjson::INCORRECT_TYPE : SUCCESS;
    }
    JsonValue scalar{value};
    setStreamScalar(*row, inner, scalar);
    return scalar.error;
}

error_code JsonRecordParser::Impl::readExtensions(ondemand::object object) {
    named.clear();
    for (auto next : object) {
        if (next.error()) return next.error();
        ondemand::field&& field = std::move(next).value_unsafe();
        std::string_view name;
        if (const error_code error = field.unescaped_key().get(name)) return error;
        const std::string kept(name);
        if (const error_code error = readExtension(kept, field.value())) {
            if (!isLocal(error)) return error;
            row->fault("/extensions/" + shortened(kept), "wrong-type", "an extension is a text, a number or a flag");
        }
        if (named.size() > row->limits().extensions) {
            row->fault("/extensions", "too-many-extensions",
                       "at most " + std::to_string(row->limits().extensions) + " extensions are kept");
            return SUCCESS;
        }
    }
    std::sort(named.begin(), named.end(), [](const auto& a, const auto& b) { return lessInUtf16(a.first, b.first); });
    extensions = "{";
    for (std::size_t i = 0; i < named.size(); ++i) {
        if (i > 0 && named[i].first == named[i - 1].first)
            row->fault("/extensions/" + shortened(named[i].first), "duplicate-field", "is given twice; send it once");
        if (i > 0) extensions += ',';
        appendJsonText(named[i].first, extensions);
        extensions += ':';
        extensions += named[i].second;
    }
    extensions += '}';
    row->setExtensions(extensions);
    return SUCCESS;
}

error_code JsonRecordParser::Impl::readExtension(std::string_view name, ondemand::value& value) {
    if (name.size() > row->limits().extensionName || name.empty()) {
        row->fault("/extensions", "text-too-long",
                   "an extension's name has 1 to " + std::to_string(row->limits().extensionName) + " bytes");
        return SUCCESS;
    }
    std::string json;
    switch (value.raw_json_token().front()) {
        case '"': {
            std::string_view text;
            if (const error_code error = value.get_string().get(text)) return error;
            if (text.size() > row->limits().extensionText)
                row->fault("/extensions/" + std::string(name), "text-too-long",
                           "an extension has at most " + std::to_string(row->limits().extensionText) + " bytes");
            appendJsonText(text, json);
            break;
        }
        case 't':
        case 'f': {
            bool yes = false;
            if (const error_code error = value.get_bool().get(yes)) return error;
            json = yes ? "true" : "false";
            break;
        }
        default: {
            double number = 0;
            if (const error_code error = value.get_double().get(number)) return error;
            appendNumber(number, json);
        }
    }
    named.emplace_back(std::string(name), std::move(json));
    return SUCCESS;
}

void JsonRecordParser::Impl::reportBroken(error_code error, std::string_view json, const char* at) {
    if (error == simdjson::UTF8_ERROR)
        return row->fault("", "bad-utf8",
                          "byte " + std::to_string(firstBadByte(json)) + " of the record is not UTF-8; send UTF-8");
    const bool inside = at >= json.data() && at <= json.data() + json.size();
    const std::string where = inside ? " at byte " + std::to_string(at - json.data()) : "";
    row->fault("", "bad-json", "not a JSON object" + where + " of the record (" + simdjson::error_message(error) + ")");
}

void JsonRecordParser::parse(std::string_view json, bool lenient, RowAssembler& row, std::uint64_t& ignoredFields) {
    if (impl_->plain.read(json, row)) {
        const std::string_view extensions = impl_->plain.extensions();
        if (extensions.empty()) return;
        parseExtensions(extensions, row);
        // Otherwise what is wrong is said in the order of the fields.
        if (row.good()) return;
    }
    row.begin();
    parseAnySpelling(json, lenient, row, ignoredFields);
}

void JsonRecordParser::parseAnySpelling(std::string_view json, bool lenient, RowAssembler& row,
                                        std::uint64_t& ignoredFields) {
    impl_->row = &row;
    impl_->lenient = lenient;
    impl_->ignored = &ignoredFields;
    ondemand::document document;
    const std::size_t capacity = json.size() + simdjson::SIMDJSON_PADDING;
    error_code error = impl_->parser.iterate(json.data(), json.size(), capacity).get(document);
    if (error) return impl_->reportBroken(error, json, nullptr);
    ondemand::object object;
    error = document.get_object().get(object);
    if (!error) error = impl_->readRecord(object);
    const auto location = document.current_location();
    if (error) return impl_->reportBroken(error, json, location.error() ? nullptr : location.value_unsafe());
    if (location.error() != simdjson::OUT_OF_BOUNDS)
        row.fault("", "bad-json",
                  "something follows the record at byte " + std::to_string(location.value_unsafe() - json.data()) +
                      "; send one object a line");
}

void JsonRecordParser::parseExtensions(std::string_view json, RowAssembler& row) {
    impl_->row = &row;
    impl_->padded.assign(json);
    impl_->padded.reserve(json.size() + simdjson::SIMDJSON_PADDING);
    ondemand::document document;
    ondemand::object object;
    error_code error = impl_->parser.iterate(impl_->padded).get(document);
    if (!error) error = document.get_object().get(object);
    if (!error) error = impl_->readExtensions(object);
    if (!error && document.current_location().error() != simdjson::OUT_OF_BOUNDS) error = simdjson::TAPE_ERROR;
    if (error) row.fault("/extensions", "bad-json", "extensions must be a JSON object, e.g. {\"room\":\"4\"}");
}

void JsonRecordParser::parseStreams(std::string_view json, bool lenient, RowAssembler& row,
                                    std::uint64_t& ignoredFields) {
    impl_->row = &row;
    impl_->lenient = lenient;
    impl_->ignored = &ignoredFields;
    impl_->padded.assign(json);
    impl_->padded.reserve(json.size() + simdjson::SIMDJSON_PADDING);
    ondemand::document document;
    ondemand::array array;
    error_code error = impl_->parser.iterate(impl_->padded).get(document);
    if (!error) error = document.get_array().get(array);
    if (!error) error = impl_->readStreams(array);
    if (!error && document.current_location().error() != simdjson::OUT_OF_BOUNDS) error = simdjson::TAPE_ERROR;
    if (error) row.fault("/streams", "bad-json", "streams must be a JSON array of objects");
}

}  // namespace meetpoint::formats
