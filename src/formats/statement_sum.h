// What a delivery statement says of the records that a feed held.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace meetpoint::formats {

// Adds up records in whatever order they come: the sum modulo 2^128 of the first 16 bytes, taken as a big-endian
// number, of SHA-256 of each record's canonical JSON (RFC 8785), which is a line of NDJSON without its newline
// (formats/writer.h).
class StatementSum {
public:
    void add(std::string_view canonicalJson);
    // Big-endian.
    std::array<std::uint8_t, 16> value() const;

private:
    __extension__ using Wide = unsigned __int128;
    Wide sum_ = 0;
};

}  // namespace meetpoint::formats
