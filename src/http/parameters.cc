#include "http/parameters.h"

#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/json_text.h"

namespace meetpoint::http {
namespace {

constexpr std::size_t parametersMax = 256;

int hexDigit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

Result<std::string> decode(std::string_view text, bool plusIsBlank) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '+' && plusIsBlank) {
            out += ' ';
        } else if (text[at] != '%') {
            out += text[at];
        } else {
            const int high = at + 2 < text.size() ? hexDigit(text[at + 1]) : -1;
            const int low = at + 2 < text.size() ? hexDigit(text[at + 2]) : -1;
            if (high < 0 || low < 0)
                return fail(invalidInput("bad-escape", "A percent sign is not followed by two hexadecimal digits."));
            out += static_cast<char>(high * 16 + low);
            at += 2;
        }
    }
    if (!isUtf8(out) || out.find('\0') != std::string::npos)
        return fail(invalidInput("bad-escape", "The decoded text is not UTF-8, or holds a NUL."));
    return out;
}

template <class T>
std::optional<T> wholeNumber(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || text.empty()) return {};
    return value;
}

Fault faultWith(std::string code, std::string message) {
    return {"", std::move(code), std::move(message), 0};
}

std::optional<Fault> integerFault(const Parameter& declared, std::string_view value) {
    const auto number = wholeNumber<std::int64_t>(value);
    if (!number) return faultWith("bad-parameter", "It must be a whole number.");
    if ((declared.min && *number < *declared.min) || (declared.max && *number > *declared.max)) {
        if (declared.min && declared.max)
            return faultWith("parameter-out-of-range",
                             fmt::format("It must be between {} and {}.", *declared.min, *declared.max));
        return faultWith("parameter-out-of-range", declared.min ? fmt::format("It must be at least {}.", *declared.min)
                                                                : fmt::format("It must be at most {}.", *declared.max));
    }
    return {};
}

}  // namespace

Parameter textParameter(std::string name, std::string what, std::size_t maxLength) {
    Parameter made{std::move(name), ParameterType::string, std::move(what)};
    made.maxLength = maxLength;
    return made;
}

Parameter integerParameter(std::string name, std::string what, std::int64_t min, std::int64_t max,
                           std::optional<std::int64_t> defaultValue) {
    Parameter made{std::move(name), ParameterType::integer, std::move(what)};
    made.min = min;
    made.max = max;
    if (defaultValue) made.defaultValue = std::to_string(*defaultValue);
    return made;
}

Parameter booleanParameter(std::string name, std::string what, bool defaultValue) {
    Parameter made{std::move(name), ParameterType::boolean, std::move(what)};
    made.defaultValue = defaultValue ? "true" : "false";
    return made;
}

Parameter instantParameter(std::string name, std::string what) {
    return {std::move(name), ParameterType::instant, std::move(what)};
}

Parameter dateParameter(std::string name, std::string what) {
    return {std::move(name), ParameterType::date, std::move(what)};
}

Parameter idParameter(std::string name, std::string what) {
    return {std::move(name), ParameterType::id, std::move(what)};
}

Parameter choiceParameter(std::string name, std::string what, std::vector<std::string> values,
                          std::optional<std::string> defaultValue) {
    Parameter made{std::move(name), ParameterType::enumeration, std::move(what)};
    made.values = std::move(values);
    made.defaultValue = std::move(defaultValue);
    return made;
}

Parameter required(Parameter parameter) {
    parameter.required = true;
    return parameter;
}

Parameter repeatable(Parameter parameter) {
    parameter.repeatable = true;
    return parameter;
}

bool ParameterValues::has(std::string_view name) const {
    return text(name).has_value();
}

std::optional<std::string> ParameterValues::text(std::string_view name) const {
    for (const auto& [key, value] : values_)
        if (key == name) return value;
    return {};
}

std::vector<std::string> ParameterValues::texts(std::string_view name) const {
    std::vector<std::string> found;
    for (const auto& [key, value] : values_)
        if (key == name) found.push_back(value);
    return found;
}

std::optional<std::int64_t> ParameterValues::integer(std::string_view name) const {
    const auto value = text(name);
    return value ? wholeNumber<std::int64_t>(*value) : std::nullopt;
}

bool ParameterValues::boolean(std::string_view name) const {
    return text(name) == "true";
}

std::optional<Instant> ParameterValues::instant(std::string_view name) const {
    const auto value = text(name);
    if (!value) return {};
    const auto parsed = parseInstant(*value);
    return parsed ? std::optional(*parsed) : std::nullopt;
}

std::optional<Day> ParameterValues::date(std::string_view name) const {
    const auto value = text(name);
    if (!value) return {};
    const auto parsed = parseDay(*value);
    return parsed ? std::optional(*parsed) : std::nullopt;
}

std::optional<Id> ParameterValues::id(std::string_view name) const {
    const auto value = text(name);
    if (!value) return {};
    const auto parsed = parseId(*value);
    return parsed ? std::optional(*parsed) : std::nullopt;
}

Result<RawParameters> parseForm(std::string_view text) {
    RawParameters pairs;
    while (!text.empty()) {
        const std::string_view part = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(part.size() + 1, text.size()));
        if (part.empty()) continue;
        if (pairs.size() == parametersMax)
            return fail(
                invalidInput("too-many-parameters", fmt::format("There are more than {} parameters.", parametersMax)));
        const std::size_t equals = part.find('=');
        TRY_ASSIGN(std::string name, decode(part.substr(0, equals), true));
        TRY_ASSIGN(std::string value, decode(equals == part.npos ? "" : part.substr(equals + 1), true));
        pairs.emplace_back(std::move(name), std::move(value));
    }
    return pairs;
}

Result<std::string> percentDecode(std::string_view text) {
    return decode(text, false);
}

std::string percentEncode(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool unreserved = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                                c == '-' || c == '.' || c == '_' || c == '~';
        if (unreserved)
            out += c;
        else
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

std::optional<Fault> faultOf(const Parameter& declared, std::string_view value) {
    if (value.size() > declared.maxLength)
        return faultWith("parameter-out-of-range", fmt::format("It is longer than {} bytes.", declared.maxLength));
    const auto faultFrom = [](const auto& parsed) -> std::optional<Fault> {
        if (parsed) return {};
        return faultWith("bad-parameter", parsed.error().message);
    };
    switch (declared.type) {
        case ParameterType::string:
            return {};
        case ParameterType::integer:
            return integerFault(declared, value);
        case ParameterType::boolean:
            if (value == "true" || value == "false") return {};
            return faultWith("bad-parameter", "It must be true or false.");
        case ParameterType::instant:
            return faultFrom(parseInstant(value));
        case ParameterType::date:
            return faultFrom(parseDay(value));
        case ParameterType::id:
            return faultFrom(parseId(value));
        case ParameterType::enumeration:
            if (std::find(declared.values.begin(), declared.values.end(), value) != declared.values.end()) return {};
            return faultWith("bad-parameter", fmt::format("It must be one of {}.", fmt::join(declared.values, ", ")));
    }
    return {};
}

Result<ParameterValues> checkParameters(std::span<const Parameter> declared, const RawParameters& sent,
                                        std::string_view place) {
    std::vector<Fault> faults;
    ParameterValues values;
    const auto report = [&](Fault fault, std::string_view name) {
        fault.pointer = fmt::format("{}/{}", place, name);
        faults.push_back(std::move(fault));
    };
    for (const auto& [name, value] : sent) {
        const auto known = std::find_if(declared.begin(), declared.end(),
                                        [&wanted = name](const Parameter& p) { return p.name == wanted; });
        if (known == declared.end())
            report(faultWith("unknown-parameter", "There is no such parameter here."), name);
        else if (values.has(name) && !known->repeatable)
            report(faultWith("repeated-parameter", "It may be given once only."), name);
        else if (auto fault = faultOf(*known, value))
            report(std::move(*fault), name);
        else
            values.add(name, value);
    }
    for (const Parameter& parameter : declared) {
        const bool given =
            std::any_of(sent.begin(), sent.end(), [&](const auto& pair) { return pair.first == parameter.name; });
        if (given) continue;
        if (parameter.defaultValue)
            values.add(parameter.name, *parameter.defaultValue);
        else if (parameter.required)
            report(faultWith("missing-parameter", "It is required."), parameter.name);
    }
    if (faults.empty()) return values;
    Error error = invalidInput("bad-parameters", fmt::format("{}: {}", faults.front().pointer, faults.front().message));
    error.faults = std::move(faults);
    return fail(std::move(error));
}

}  // namespace meetpoint::http
