#include "base/time.h"

#include <algorithm>
#include <array>
#include <memory>

#include <cctz/civil_time.h>
#include <cctz/time_zone.h>

namespace meetpoint {
namespace {

constexpr std::int64_t msPerDay = 86'400'000;
// 0001-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z
constexpr std::int64_t minFormattableMs = -62'135'596'800'000;
constexpr std::int64_t maxFormattableMs = 253'402'300'799'999;

std::int64_t floorDiv(std::int64_t a, std::int64_t b) {
    return a / b - ((a % b != 0) && ((a < 0) != (b < 0)));
}

void writeDigits(char* out, unsigned value, int width) {
    for (int i = width - 1; i >= 0; --i) {
        out[i] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
}

// Reads exactly `width` digits at `at`; -1 if they are not all digits.
int readDigits(std::string_view text, std::size_t at, std::size_t width) {
    if (at + width > text.size()) return -1;
    int value = 0;
    for (std::size_t i = at; i < at + width; ++i) {
        if (text[i] < '0' || text[i] > '9') return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

unsigned daysInMonth(std::int64_t year, unsigned month) {
    static constexpr std::array<unsigned, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

bool validDate(int year, int month, int day) {
    return year >= 1 && month >= 1 && month <= 12 && day >= 1 &&
           day <= static_cast<int>(daysInMonth(year, static_cast<unsigned>(month)));
}

Error badTime(std::string_view text) {
    return invalidInput("bad-time", "'" + std::string(text.substr(0, 40)) +
                                        "' is not a time; write RFC 3339, e.g. 2026-03-01T09:30:00.250Z");
}

// Offset in seconds from `Z`, `z` or `±hh:mm` that must fill `text`; nothing if it is malformed.
Result<int> parseOffset(std::string_view text, std::string_view whole) {
    if (text == "Z" || text == "z") return 0;
    if (text.empty())
        return fail(invalidInput("time-without-zone", "'" + std::string(whole.substr(0, 40)) +
                                                          "' has no time zone; add Z or an offset such as +02:00"));
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return fail(badTime(whole));
    int hour = readDigits(text, 1, 2);
    int minute = readDigits(text, 4, 2);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return fail(badTime(whole));
    int seconds = hour * 3600 + minute * 60;
    return text[0] == '-' ? -seconds : seconds;
}

}  // namespace

std::int64_t daysFromCivil(std::int64_t year, unsigned month, unsigned day) {
    year -= month <= 2;
    const std::int64_t era = floorDiv(year, 400);
    const auto yearOfEra = static_cast<unsigned>(year - era * 400);
    const unsigned dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const unsigned dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
    return era * 146097 + static_cast<std::int64_t>(dayOfEra) - 719468;
}

CivilDate civilFromDays(std::int64_t days) {
    days += 719468;
    const std::int64_t era = floorDiv(days, 146097);
    const auto dayOfEra = static_cast<unsigned>(days - era * 146097);
    const unsigned yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
    const unsigned dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    const unsigned monthIndex = (5 * dayOfYear + 2) / 153;
    const unsigned day = dayOfYear - (153 * monthIndex + 2) / 5 + 1;
    const unsigned month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9;
    return {static_cast<std::int64_t>(yearOfEra) + era * 400 + (month <= 2), month, day};
}

Day dayOf(Instant at) {
    return {static_cast<std::int32_t>(floorDiv(at.ms, msPerDay))};
}
Instant startOf(Day day) {
    return {static_cast<std::int64_t>(day.number) * msPerDay};
}

void formatInstantTo(Instant at, char* out) {
    const std::int64_t ms = std::clamp(at.ms, minFormattableMs, maxFormattableMs);
    const std::int64_t day = floorDiv(ms, msPerDay);
    const auto inDay = static_cast<unsigned>(ms - day * msPerDay);
    const CivilDate date = civilFromDays(day);
    writeDigits(out, static_cast<unsigned>(date.year), 4);
    out[4] = '-';
    writeDigits(out + 5, date.month, 2);
    out[7] = '-';
    writeDigits(out + 8, date.day, 2);
    out[10] = 'T';
    writeDigits(out + 11, inDay / 3'600'000, 2);
    out[13] = ':';
    writeDigits(out + 14, inDay / 60'000 % 60, 2);
    out[16] = ':';
    writeDigits(out + 17, inDay / 1000 % 60, 2);
    out[19] = '.';
    writeDigits(out + 20, inDay % 1000, 3);
    out[23] = 'Z';
}

std::string formatInstant(Instant at) {
    std::string text(24, '\0');
    formatInstantTo(at, text.data());
    return text;
}

Result<Instant> parseInstant(std::string_view text) {
    const int year = readDigits(text, 0, 4);
    const int month = readDigits(text, 5, 2);
    const int day = readDigits(text, 8, 2);
    const int hour = readDigits(text, 11, 2);
    const int minute = readDigits(text, 14, 2);
    const int second = readDigits(text, 17, 2);
    const bool shaped = text.size() >= 19 && text[4] == '-' && text[7] == '-' &&
                        (text[10] == 'T' || text[10] == 't' || text[10] == ' ') && text[13] == ':' && text[16] == ':';
    // A leap second (:60) is read as the second after :59, as POSIX time does.
    if (!shaped || !validDate(year, month, day) || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
        second > 60)
        return fail(badTime(text));
    std::size_t at = 19;
    int millisecond = 0;
    if (at < text.size() && text[at] == '.') {
        const std::size_t first = ++at;
        int scale = 100;
        while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
            millisecond += (text[at] - '0') * scale;
            scale /= 10;
            ++at;
        }
        if (at == first || at - first > 9) return fail(badTime(text));
    }
    TRY_ASSIGN(const int offset, parseOffset(text.substr(at), text));
    const std::int64_t dayNumber = daysFromCivil(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
    return Instant{dayNumber * msPerDay + (hour * 3600LL + minute * 60 + second - offset) * 1000 + millisecond};
}

std::string formatDay(Day day) {
    return formatInstant(startOf(day)).substr(0, 10);
}

Result<Day> parseDay(std::string_view text) {
    const int year = readDigits(text, 0, 4);
    const int month = readDigits(text, 5, 2);
    const int day = readDigits(text, 8, 2);
    if (text.size() != 10 || text[4] != '-' || text[7] != '-' || !validDate(year, month, day))
        return fail(invalidInput("bad-date",
                                 "'" + std::string(text.substr(0, 40)) + "' is not a date; write it as 2026-03-01"));
    return Day{
        static_cast<std::int32_t>(daysFromCivil(year, static_cast<unsigned>(month), static_cast<unsigned>(day)))};
}

struct TimeZone::Impl {
    cctz::time_zone zone;
};

TimeZone::TimeZone(std::string name, std::shared_ptr<const Impl> impl)
    : name_(std::move(name)), impl_(std::move(impl)) {}

TimeZone TimeZone::utc() {
    return TimeZone("UTC", std::make_shared<Impl>(Impl{cctz::utc_time_zone()}));
}

Result<TimeZone> TimeZone::load(std::string_view name) {
    if (name == "UTC" || name == "Z") return utc();
    if (!name.empty() && (name[0] == '+' || name[0] == '-')) {
        auto offset = parseOffset(name, name);
        if (!offset)
            return fail(invalidInput("unknown-time-zone", "'" + std::string(name) + "' is not an offset like +02:00"));
        return TimeZone(std::string(name), std::make_shared<Impl>(Impl{cctz::fixed_time_zone(cctz::seconds(*offset))}));
    }
    cctz::time_zone zone;
    if (!cctz::load_time_zone(std::string(name), &zone))
        return fail(invalidInput(
            "unknown-time-zone",
            "'" + std::string(name) + "' is not an IANA time zone; write e.g. Europe/Zurich, UTC or +02:00"));
    return TimeZone(std::string(name), std::make_shared<Impl>(Impl{zone}));
}

namespace {

std::chrono::system_clock::time_point pointOf(Instant at) {
    return std::chrono::system_clock::time_point(std::chrono::milliseconds(at.ms));
}

Instant instantOf(const cctz::time_point<cctz::seconds>& point) {
    return {std::chrono::duration_cast<std::chrono::milliseconds>(point.time_since_epoch()).count()};
}

}  // namespace

Instant TimeZone::toUtc(int year, int month, int day, int hour, int minute, int second) const {
    // cctz's convert() has the promised rule for skipped and repeated times.
    return instantOf(cctz::convert(cctz::civil_second(year, month, day, hour, minute, second), impl_->zone));
}

int TimeZone::offsetMinutesAt(Instant at) const {
    return impl_->zone.lookup(pointOf(at)).offset / 60;
}

Day TimeZone::dayOf(Instant at) const {
    const cctz::civil_day day(cctz::convert(pointOf(at), impl_->zone));
    return {static_cast<std::int32_t>(day - cctz::civil_day(1970, 1, 1))};
}

Instant TimeZone::startOf(Day day) const {
    const cctz::civil_day civil = cctz::civil_day(1970, 1, 1) + day.number;
    return instantOf(cctz::convert(cctz::civil_second(civil), impl_->zone));
}

}  // namespace meetpoint
