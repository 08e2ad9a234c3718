// Single values: reading them from text quickly, and writing them as RFC 8785 demands.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"
#include "base/time.h"

namespace meetpoint::formats {

// Reads the spelling of times that machines use: "2026-03-01T09:30:00.250Z", fraction of three digits or none.
// Remembers the day that it read last, which is mostly the next one's too.
class InstantReader {
public:
    // Nothing if it is spelled otherwise; parseInstant knows every spelling.
    std::optional<Instant> read(std::string_view text);

private:
    std::array<char, 10> date_{};
    std::int64_t startOfDay_ = 0;
};
// parseId without making an error.
std::optional<Id> readId(std::string_view text);

// No byte below 0x20 and no 0x7f.
bool isPlain(std::string_view text);
// The first `length` bytes at most, cut between characters: for quoting what was sent.
std::string shortened(std::string_view text, std::size_t length = 40);
// Whole text as a decimal integer or as a finite decimal number.
std::optional<std::int64_t> readInteger(std::string_view text);
std::optional<double> readNumber(std::string_view text);

// RFC 8785: numbers as ECMAScript writes them, names in the order of their UTF-16 code units. Strings:
// base/json_text.
void appendNumber(double value, std::string& out);
// The shortest digits that give this float back; as a double they are canonical too.
void appendNumber(float value, std::string& out);
void appendInteger(std::int64_t value, std::string& out);
// RFC 3339 with milliseconds and the zone's offset at that instant; in UTC, with Z, where there is no zone.
void appendInstant(Instant at, const TimeZone* zone, std::string& out);
bool lessInUtf16(std::string_view a, std::string_view b);

// A deterministic version 8 UUID (RFC 9562 §5.8) from the SHA-256 of the two texts and a number.
Id derivedId(std::string_view source, std::string_view key, std::uint64_t repetition);

}  // namespace meetpoint::formats
