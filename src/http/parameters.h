// Parameters of a request (query, path, header): declared once, and from that declaration validated and documented.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "base/time.h"

namespace meetpoint::http {

enum class ParameterType {
    string,
    integer,      // decimal, with a sign if negative
    boolean,      // "true" or "false"
    instant,      // RFC 3339 with an offset
    date,         // "2026-03-01"
    id,           // a UUID
    enumeration,  // one of `values`
};

struct Parameter {
    std::string name;
    ParameterType type = ParameterType::string;
    std::string what;  // a sentence for the reference
    bool required = false;
    bool repeatable = false;                    // may be given several times; read with texts()
    std::optional<std::string> defaultValue{};  // in wire form; what the handler sees when the caller sent none
    std::optional<std::int64_t> min{};          // of integers
    std::optional<std::int64_t> max{};
    std::size_t maxLength = 1024;       // bytes of the decoded value
    std::vector<std::string> values{};  // of enumerations
};

// Short ways to declare. Change what they give with the chained setters of the builder, or as a plain struct.
Parameter textParameter(std::string name, std::string what, std::size_t maxLength = 1024);
Parameter integerParameter(std::string name, std::string what, std::int64_t min, std::int64_t max,
                           std::optional<std::int64_t> defaultValue = {});
Parameter booleanParameter(std::string name, std::string what, bool defaultValue = false);
Parameter instantParameter(std::string name, std::string what);
Parameter dateParameter(std::string name, std::string what);
Parameter idParameter(std::string name, std::string what);
Parameter choiceParameter(std::string name, std::string what, std::vector<std::string> values,
                          std::optional<std::string> defaultValue = {});
Parameter required(Parameter parameter);
Parameter repeatable(Parameter parameter);

// Checked values by name. A getter of a parameter that was not given (and has no default) answers nothing; so does one
// whose declared type is another, which is a defect of the caller.
class ParameterValues {
public:
    void add(std::string name, std::string value) { values_.emplace_back(std::move(name), std::move(value)); }
    bool has(std::string_view name) const;
    std::optional<std::string> text(std::string_view name) const;
    std::vector<std::string> texts(std::string_view name) const;
    std::optional<std::int64_t> integer(std::string_view name) const;
    // false if not given.
    bool boolean(std::string_view name) const;
    std::optional<Instant> instant(std::string_view name) const;
    std::optional<Day> date(std::string_view name) const;
    std::optional<Id> id(std::string_view name) const;
    auto begin() const { return values_.begin(); }
    auto end() const { return values_.end(); }

private:
    std::vector<std::pair<std::string, std::string>> values_;
};

using RawParameters = std::vector<std::pair<std::string, std::string>>;

// "a=1&b=x%20y" (also application/x-www-form-urlencoded, where `+` is a blank) to decoded pairs. Codes "bad-escape"
// (a wrong percent escape, or bytes that are no UTF-8), "too-many-parameters" (over 256).
Result<RawParameters> parseForm(std::string_view text);
// One path segment. Code "bad-escape".
Result<std::string> percentDecode(std::string_view text);
// Everything but unreserved characters (RFC 3986) is escaped.
std::string percentEncode(std::string_view text);

// Checks what the caller sent against what is declared, and fills in defaults. All faults are collected: the error's
// code is "bad-parameters" and each fault's one of "unknown-parameter", "missing-parameter", "repeated-parameter",
// "bad-parameter" or "parameter-out-of-range"; its pointer is `place` and the name, as "query/limit".
Result<ParameterValues> checkParameters(std::span<const Parameter> declared, const RawParameters& sent,
                                        std::string_view place);
// One value against its declaration: what is wrong with it, or nothing.
std::optional<Fault> faultOf(const Parameter& declared, std::string_view value);

}  // namespace meetpoint::http
