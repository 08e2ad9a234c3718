// The public names of records, declared once: readers, writers and the OpenAPI document go through these tables. A
// table ties a wire name to the column that keeps it; names whose value is made of several columns (the numbers,
// `streams`, `extensions`) have no column of their own and are handled by name in the reader and the writer.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "columns/records.h"
#include "formats/limits.h"

namespace meetpoint::formats {

// What a value means. It decides how text and JSON are read and written.
enum class ValueKind : std::uint8_t {
    uuid,          // RFC 9562 text, 36 characters
    text,          // UTF-8 without control characters; an empty text counts as absent
    phoneNumber,   // "+" and 7 to 15 digits; a far-end number may be masked (`+12345678***`), other text, or null
    instant,       // RFC 3339 with an offset in; UTC with milliseconds out
    day,           // "2026-03-01"
    milliseconds,  // integer
    seconds,       // integer or decimal, read only: given out as milliseconds
    integer,       // 32 bit, not negative
    bigInteger,    // 64 bit, up to 2^53 - 1
    count,         // as bigInteger, a quality figure
    figure,        // number, not negative: a quality figure in milliseconds or MOS points lost
    ratio,         // number 0 to 1
    mos,           // number 0 to 5
    closedSet,     // one of `meanings`
    flag,          // true or false (in CSV also yes, no, 1, 0)
    extensions,    // object of up to 16 named texts, numbers or flags
    json,          // JSON kept as text by whoever made the record
    object,        // the nested fields `nested`
    list,          // a list of objects of the fields `nested`
};

enum class Presence : std::uint8_t {
    required,
    optional,
    givenOut,  // the exchange's own: written out, and on input accepted and ignored
};

struct WireField {
    std::string_view name;  // its own name, without the object that it is nested in
    ValueKind kind = ValueKind::text;
    Presence presence = Presence::optional;
    // Where it is kept; -1 if it is not kept in one column.
    columns::Part part = columns::Part::core;
    int column = -1;
    std::string_view meanings = {};          // "inbound,outbound": the words of a closed set
    std::size_t Limits::*longest = nullptr;  // of texts
    std::string_view description = {};
    std::span<const WireField> nested = {};  // of objects and lists
};

struct WireRecord {
    columns::LaneKind lane;
    std::string_view name;  // "Call", "CallDuration", "AssignmentEvent", "ReconciliationItem"
    std::string_view description;
    std::span<const WireField> fields;
};

// The table of a lane; calls, durations, assignments and items all have one.
const WireRecord& wireRecordOf(columns::LaneKind lane);
// The field of that name ("endpoint.ipAddress" reaches into an object); null if there is none.
const WireField* findField(const WireRecord& record, std::string_view name);

// JSON Schema words for a kind: type "string", format "date-time" (empty if none).
std::string_view jsonTypeOf(ValueKind kind);
std::string_view jsonFormatOf(ValueKind kind);

// Hides the last `digits` digits of the far-end number of one record in `core`, as the tenant's country demands. A
// number that came masked further stays so; a far end without digits stays as it is. `parties` keeps the full number.
void setFarEndMask(columns::Records& records, std::size_t row, int digits);

}  // namespace meetpoint::formats
