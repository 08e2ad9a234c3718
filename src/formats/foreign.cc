#include "formats/foreign.h"

#include <cmath>

#include "domain/call.h"
#include "domain/phone_number.h"
#include "formats/values.h"

namespace meetpoint::formats {
namespace {

constexpr std::size_t mostKnown = 65'536;
constexpr std::string_view months = "jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec";
constexpr std::string_view readableLetters = "YymdHIpMSbzf%";

struct Civil {
    int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0, ms = 0;
    std::optional<int> half;  // 0 a.m., 1 p.m.
    std::optional<int> offsetMinutes;
};

// Takes up to `width` digits off the front of `text`; -1 if there is none.
int takeDigits(std::string_view& text, std::size_t width) {
    int value = 0;
    std::size_t i = 0;
    for (; i < width && i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i)
        value = value * 10 + (text[i] - '0');
    text.remove_prefix(i);
    return i == 0 ? -1 : value;
}

std::string lowered(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    return out;
}

bool takeOffset(std::string_view& text, Civil& civil) {
    if (!text.empty() && (text[0] == 'Z' || text[0] == 'z')) {
        text.remove_prefix(1);
        civil.offsetMinutes = 0;
        return true;
    }
    if (text.size() < 5 || (text[0] != '+' && text[0] != '-')) return false;
    const int sign = text[0] == '-' ? -1 : 1;
    text.remove_prefix(1);
    const int hours = takeDigits(text, 2);
    if (!text.empty() && text[0] == ':') text.remove_prefix(1);
    const int minutes = takeDigits(text, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return false;
    civil.offsetMinutes = sign * (hours * 60 + minutes);
    return true;
}

// Fractions of a second, cut to milliseconds.
bool takeFraction(std::string_view& text, Civil& civil) {
    int scale = 100;
    std::size_t i = 0;
    for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i, scale /= 10)
        civil.ms += (text[i] - '0') * scale;
    text.remove_prefix(i);
    return i > 0;
}

bool takeLetter(char letter, std::string_view& text, Civil& civil) {
    const auto number = [&text](int& into, std::size_t width) { return (into = takeDigits(text, width)) >= 0; };
    switch (letter) {
        case 'Y':
            return number(civil.year, 4);
        case 'y':
            if (!number(civil.year, 2)) return false;
            civil.year += civil.year < 70 ? 2000 : 1900;
            return true;
        case 'm':
            return number(civil.month, 2);
        case 'd':
            return number(civil.day, 2);
        case 'H':
        case 'I':
            return number(civil.hour, 2);
        case 'M':
            return number(civil.minute, 2);
        case 'S':
            return number(civil.second, 2);
        case 'f':
            return takeFraction(text, civil);
        case 'z':
            return takeOffset(text, civil);
        case 'b': {
            const auto month = domain::indexIn(months, lowered(text.substr(0, 3)));
            if (month) text.remove_prefix(3);
            civil.month = month ? *month + 1 : 0;
            return month.has_value();
        }
        case 'p': {
            const std::string half = lowered(text.substr(0, 2));
            if (half != "am" && half != "pm") return false;
            text.remove_prefix(2);
            civil.half = half == "pm";
            return true;
        }
        case '%':
            if (text.empty() || text[0] != '%') return false;
            text.remove_prefix(1);
            return true;
        default:
            return false;
    }
}

bool isDate(const Civil& civil) {
    if (civil.year < 1 || civil.month < 1 || civil.month > 12 || civil.day < 1 || civil.hour > 23 ||
        civil.minute > 59 || civil.second > 59)
        return false;
    const auto month = static_cast<unsigned>(civil.month);
    const CivilDate back = civilFromDays(daysFromCivil(civil.year, month, static_cast<unsigned>(civil.day)));
    return back.month == month;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

std::string_view NumberCache::read(std::string_view text) {
    constexpr std::size_t longestNumber = 64;
    text = trimmed(text);
    if (text.size() > longestNumber || domain::readE164(text)) return text;
    const auto [entry, fresh] = known_.try_emplace(std::string(text));
    if (fresh) {
        const bool hasDigit = text.find_first_of("0123456789") != std::string_view::npos;
        const bool masked = text.find('*') != std::string_view::npos;
        const auto number = hasDigit && !masked ? domain::interpret(text, region_) : std::nullopt;
        entry->second = number ? domain::format(*number) : std::string(text);
    }
    return entry->second;
}

void NumberCache::trim() {
    if (known_.size() > mostKnown) known_.clear();
}

char unknownPatternLetter(std::string_view pattern) {
    for (std::size_t i = 0; i + 1 < pattern.size(); ++i)
        if (pattern[i] == '%' && readableLetters.find(pattern[++i]) == std::string_view::npos) return pattern[i];
    return 0;
}

std::optional<Instant> readPatternTime(std::string_view text, std::string_view pattern, const TimeZone& zone) {
    Civil civil;
    text = trimmed(text);
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '%' && i + 1 < pattern.size()) {
            if (!takeLetter(pattern[++i], text, civil)) return std::nullopt;
        } else if (pattern[i] == ' ') {
            if (text.empty() || text[0] != ' ') return std::nullopt;
            while (!text.empty() && text[0] == ' ')
                text.remove_prefix(1);
        } else {
            if (text.empty() || text[0] != pattern[i]) return std::nullopt;
            text.remove_prefix(1);
        }
    }
    if (!text.empty()) return std::nullopt;
    if (civil.half) {
        if (civil.hour < 1 || civil.hour > 12) return std::nullopt;
        civil.hour = civil.hour % 12 + (*civil.half ? 12 : 0);
    }
    if (!isDate(civil)) return std::nullopt;
    const TimeZone& in = zone;
    if (!civil.offsetMinutes)
        return in.toUtc(civil.year, civil.month, civil.day, civil.hour, civil.minute, civil.second) +
               milliseconds(civil.ms);
    const std::int64_t dayNumber =
        daysFromCivil(civil.year, static_cast<unsigned>(civil.month), static_cast<unsigned>(civil.day));
    const std::int64_t minute = (dayNumber * 24 + civil.hour) * 60 + civil.minute - *civil.offsetMinutes;
    return Instant{(minute * 60 + civil.second) * 1000 + civil.ms};
}

std::optional<std::int64_t> readClock(std::string_view text) {
    constexpr std::int64_t mostHours = 100'000;
    std::int64_t parts[2] = {0, 0};
    std::size_t colons = 0;
    text = trimmed(text);
    for (std::size_t colon = text.find(':'); colon != std::string_view::npos; colon = text.find(':')) {
        const auto value = readInteger(text.substr(0, colon));
        if (colons == 2 || !value || *value < 0 || *value > mostHours) return std::nullopt;
        parts[colons++] = *value;
        text.remove_prefix(colon + 1);
    }
    const auto seconds = readNumber(text);
    if (colons == 0 || !seconds || *seconds < 0 || *seconds >= 60) return std::nullopt;
    const std::int64_t minutes = colons == 2 ? parts[0] * 60 + parts[1] : parts[0];
    if (colons == 2 && parts[1] > 59) return std::nullopt;
    return minutes * 60'000 + std::llround(*seconds * 1000);
}

}  // namespace meetpoint::formats
