#include "formats/values.h"

#include <charconv>
#include <cmath>
#include <cstring>

#include "base/hash.h"

namespace meetpoint::formats {
namespace {

constexpr std::uint8_t notHex = 0xff;

constexpr std::array<std::uint8_t, 256> hexValues = [] {
    std::array<std::uint8_t, 256> values{};
    values.fill(notHex);
    for (std::uint8_t i = 0; i < 10; ++i)
        values['0' + i] = i;
    for (std::uint8_t i = 0; i < 6; ++i)
        values['a' + i] = values['A' + i] = static_cast<std::uint8_t>(10 + i);
    return values;
}();

constexpr std::array<std::uint8_t, 16> idPositions{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};

// Two decimal digits; more than 99 if one is none.
unsigned twoDigits(const char* at) {
    const auto high = static_cast<unsigned char>(at[0] - '0');
    const auto low = static_cast<unsigned char>(at[1] - '0');
    return high > 9 || low > 9 ? 1000 : high * 10u + low;
}

bool isLeap(unsigned year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

unsigned daysIn(unsigned year, unsigned month) {
    constexpr std::array<std::uint8_t, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && isLeap(year) ? 29 : days[month - 1];
}

// Milliseconds at which the day "YYYY-MM-DD" starts; nothing if it is not exactly that.
std::optional<std::int64_t> readDay(const char* at) {
    if (at[4] != '-' || at[7] != '-') return std::nullopt;
    const unsigned century = twoDigits(at), year2 = twoDigits(at + 2), month = twoDigits(at + 5),
                   day = twoDigits(at + 8);
    if (century > 99 || year2 > 99 || month == 0 || month > 12 || day == 0) return std::nullopt;
    const unsigned year = century * 100 + year2;
    if (year == 0 || day > daysIn(year, month)) return std::nullopt;
    return daysFromCivil(year, month, day) * 24 * 3'600'000;
}

// Milliseconds of "HH:MM:SS"; nothing if it is not exactly that.
std::optional<std::int64_t> readTime(const char* at) {
    const unsigned hour = twoDigits(at), minute = twoDigits(at + 3), second = twoDigits(at + 6);
    if (at[2] != ':' || at[5] != ':' || hour > 23 || minute > 59 || second > 59) return std::nullopt;
    return (hour * 60 + minute) * 60'000 + second * 1000;
}

// ECMAScript's Number::toString (ECMA-262 §6.1.6.1.20) for the shortest digits of a positive number, given as
// "d.ddde±xx".
void appendEcmaNumber(std::string_view scientific, std::string& out) {
    const std::size_t e = scientific.find('e');
    std::string digits(1, scientific[0]);
    if (e > 2) digits += scientific.substr(2, e - 2);
    int exponent = 0;
    const std::size_t start = e + 1 + (scientific[e + 1] == '+');
    std::from_chars(scientific.data() + start, scientific.data() + scientific.size(), exponent);
    const int length = static_cast<int>(digits.size());
    const int point = exponent + 1;  // how many digits stand before the decimal point
    if (length <= point && point <= 21) {
        out += digits;
        out.append(static_cast<std::size_t>(point - length), '0');
    } else if (0 < point && point <= 21) {
        out.append(digits, 0, static_cast<std::size_t>(point));
        out += '.';
        out.append(digits, static_cast<std::size_t>(point));
    } else if (-6 < point && point <= 0) {
        out += "0.";
        out.append(static_cast<std::size_t>(-point), '0');
        out += digits;
    } else {
        out += digits[0];
        if (length > 1) out.append(".").append(digits, 1);
        out += exponent < 0 ? "e-" : "e+";
        out += std::to_string(std::abs(exponent));
    }
}

// A figure of at most six digits of which four are decimals, which is what meters report. No two such figures are the
// same float, and none of fewer digits is one of them: what is found is the shortest.
bool appendPlainFigure(float value, std::string& out) {
    constexpr float most = 99.9999f;
    constexpr int scale = 10'000;
    if (!(value > 0 && value <= most)) return false;
    int digits = static_cast<int>(static_cast<double>(value) * scale + 0.5);
    if (static_cast<float>(static_cast<double>(digits) / scale) != value) return false;
    char text[8];  // "99.9999"
    char* at = text;
    const int whole = digits / scale;
    if (whole > 9) *at++ = static_cast<char>('0' + whole / 10);
    *at++ = static_cast<char>('0' + whole % 10);
    *at++ = '.';
    for (digits %= scale; digits > 0; digits = digits * 10 % scale)
        *at++ = static_cast<char>('0' + digits * 10 / scale);
    out.append(text, static_cast<std::size_t>(at - text));
    return true;
}

template <class Number>
void appendShortest(Number value, std::string& out) {
    if (!std::isfinite(value)) value = 0;  // never stored; JSON has no spelling for it
    if (value == 0) {
        out += '0';
        return;
    }
    char text[48];
    if (value == std::trunc(value) && std::abs(value) < Number(1e6)) {
        appendInteger(static_cast<std::int64_t>(value), out);
        return;
    }
    if (value < 0) out += '-';
    const auto end = std::to_chars(text, text + sizeof text, std::abs(value), std::chars_format::scientific).ptr;
    appendEcmaNumber({text, static_cast<std::size_t>(end - text)}, out);
}

}  // namespace

std::optional<Instant> InstantReader::read(std::string_view text) {
    constexpr std::size_t whole = 20, withMilliseconds = 24, timeAt = 11;
    unsigned milliseconds = 0;
    if (text.size() == withMilliseconds && text[19] == '.') {
        const auto last = static_cast<unsigned char>(text[22] - '0');
        milliseconds = last > 9 ? 1000 : twoDigits(text.data() + 20) * 10 + last;
    } else if (text.size() != whole) {
        return std::nullopt;
    }
    const auto time = readTime(text.data() + timeAt);
    if (!time || milliseconds > 999 || text[timeAt - 1] != 'T' || text.back() != 'Z') return std::nullopt;
    if (std::memcmp(date_.data(), text.data(), date_.size()) != 0) {
        const auto day = readDay(text.data());
        if (!day) return std::nullopt;
        startOfDay_ = *day;
        std::memcpy(date_.data(), text.data(), date_.size());
    }
    return Instant{startOfDay_ + *time + milliseconds};
}

std::optional<Id> readId(std::string_view text) {
    if (text.size() != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-')
        return std::nullopt;
    Id id;
    std::uint8_t all = 0;
    for (std::size_t i = 0; i < 16; ++i) {
        const std::uint8_t high = hexValues[static_cast<unsigned char>(text[idPositions[i]])];
        const std::uint8_t low = hexValues[static_cast<unsigned char>(text[idPositions[i] + 1])];
        all |= high | low;
        id.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    if (all > 15) return std::nullopt;
    return id;
}

namespace {

// Not 0 if a byte of the word is a control character: below 0x20, or 0x7f. (Subtracting borrows only from bytes above
// one that is found, so that the answer for the whole word is exact.)
std::uint64_t controls(std::uint64_t word) {
    constexpr std::uint64_t ones = 0x0101010101010101ULL, tops = ones << 7;
    const std::uint64_t deletes = word ^ ones * 0x7f;
    return ((word - ones * 0x20) & ~word & tops) | ((deletes - ones) & ~deletes & tops);
}

}  // namespace

bool isPlain(std::string_view text) {
    std::uint64_t found = 0, word = 0;
    if (text.size() < sizeof word) {
        for (const char c : text)
            found |= static_cast<std::uint64_t>(static_cast<unsigned char>(c) < 0x20 || c == 0x7f);
        return found == 0;
    }
    for (std::size_t at = 0; at + sizeof word <= text.size(); at += sizeof word) {
        std::memcpy(&word, text.data() + at, sizeof word);
        found |= controls(word);
    }
    std::memcpy(&word, text.data() + text.size() - sizeof word, sizeof word);
    return (found | controls(word)) == 0;
}

std::string shortened(std::string_view text, std::size_t length) {
    if (text.size() <= length) return std::string(text);
    while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80)
        --length;
    return std::string(text.substr(0, length)) + "…";
}

std::optional<std::int64_t> readInteger(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<double> readNumber(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
    return value;
}

void appendNumber(double value, std::string& out) {
    appendShortest(value, out);
}
void appendNumber(float value, std::string& out) {
    const bool isWhole = value == std::trunc(value);
    if (isWhole || !appendPlainFigure(value, out)) appendShortest(value, out);
}

void appendInteger(std::int64_t value, std::string& out) {
    char text[24];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    out.append(text, static_cast<std::size_t>(end - text));
}

void appendInstant(Instant at, const TimeZone* zone, std::string& out) {
    char text[24];
    const int offset = zone ? zone->offsetMinutesAt(at) : 0;
    formatInstantTo(at + minutes(offset), text);
    out.append(text, sizeof text);
    if (!zone) return;
    out.pop_back();  // the Z
    const auto two = [&](int number) {
        out += static_cast<char>('0' + number / 10);
        out += static_cast<char>('0' + number % 10);
    };
    out += offset < 0 ? '-' : '+';
    two(std::abs(offset) / 60);
    out += ':';
    two(std::abs(offset) % 60);
}

bool lessInUtf16(std::string_view a, std::string_view b) {
    const std::size_t common = std::min(a.size(), b.size());
    const std::size_t at =
        static_cast<std::size_t>(std::mismatch(a.begin(), a.begin() + common, b.begin()).first - a.begin());
    if (at == common) return a.size() < b.size();
    const auto x = static_cast<unsigned char>(a[at]), y = static_cast<unsigned char>(b[at]);
    // Surrogates (UTF-8 lead bytes from 0xf0) sort before U+E000 to U+FFFF (lead bytes 0xee and 0xef).
    const bool xSurrogate = x >= 0xf0, ySurrogate = y >= 0xf0;
    if (xSurrogate != ySurrogate && (xSurrogate ? y : x) >= 0xee) return xSurrogate;
    return x < y;
}

Id derivedId(std::string_view source, std::string_view key, std::uint64_t repetition) {
    Sha256Builder builder;
    builder.addU64(source.size());
    builder.add(viewOf(source));
    builder.add(viewOf(key));
    builder.addU64(repetition);
    const Sha256 hash = builder.finish();
    Id id = idFromBytes(ByteView(hash).first(16));
    id.bytes[6] = static_cast<std::uint8_t>(0x80 | (id.bytes[6] & 0x0f));
    id.bytes[8] = static_cast<std::uint8_t>(0x80 | (id.bytes[8] & 0x3f));
    return id;
}

}  // namespace meetpoint::formats
