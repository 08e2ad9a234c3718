// What a column batch holds: named, typed columns. A schema is a constant; columns are only ever added to it at its
// end, nullable, and read by name, so that old blocks stay readable.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace meetpoint::columns {

// How a value is stored, and the Arrow type that it is on the wire.
enum class ColumnType : std::uint8_t {
    uint8,  // closed sets (their meaning is in Field::meanings) and flags (0 no, 1 yes)
    int32,
    int64,
    uint64,     // E.164 digits without the plus
    timestamp,  // int64 milliseconds since 1970-01-01T00:00:00Z; Arrow timestamp[ms, UTC]
    float32,
    utf8,     // int32 offsets and bytes
    fixed16,  // 16 bytes: a UUID
};

// Bytes of one value; 0 for utf8.
constexpr std::size_t widthOf(ColumnType type) {
    switch (type) {
        case ColumnType::uint8:
            return 1;
        case ColumnType::int32:
        case ColumnType::float32:
            return 4;
        case ColumnType::int64:
        case ColumnType::uint64:
        case ColumnType::timestamp:
            return 8;
        case ColumnType::fixed16:
            return 16;
        case ColumnType::utf8:
            return 0;
    }
    return 0;
}

struct Field {
    std::string_view name;
    ColumnType type;
    bool nullable = true;
    // "inbound,outbound": the names of the values 0, 1, …; empty for an open column.
    std::string_view meanings = {};
};

struct Schema {
    std::string_view name;  // "calls.core"
    int number = 1;         // raised whenever a column is added
    std::span<const Field> fields;

    // Index of the column of that name; -1 if there is none.
    int find(std::string_view column) const {
        for (std::size_t i = 0; i < fields.size(); ++i)
            if (fields[i].name == column) return static_cast<int>(i);
        return -1;
    }
};

}  // namespace meetpoint::columns
