// Instants and durations: int64 milliseconds, UTC. Text in is RFC 3339 with an offset; text out is RFC 3339 UTC with
// milliseconds. Civil time in a zone goes through the IANA database (cctz).
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace meetpoint {

// Milliseconds; may be negative.
struct Duration {
    std::int64_t ms = 0;
    auto operator<=>(const Duration&) const = default;
};
constexpr Duration milliseconds(std::int64_t n) {
    return {n};
}
constexpr Duration seconds(std::int64_t n) {
    return {n * 1000};
}
constexpr Duration minutes(std::int64_t n) {
    return {n * 60'000};
}
constexpr Duration hours(std::int64_t n) {
    return {n * 3'600'000};
}
constexpr Duration days(std::int64_t n) {
    return {n * 86'400'000};
}

// Milliseconds since 1970-01-01T00:00:00Z.
struct Instant {
    std::int64_t ms = 0;
    auto operator<=>(const Instant&) const = default;
};
constexpr Duration operator-(Instant a, Instant b) {
    return {a.ms - b.ms};
}
constexpr Instant operator+(Instant a, Duration d) {
    return {a.ms + d.ms};
}
constexpr Instant operator-(Instant a, Duration d) {
    return {a.ms - d.ms};
}

// A UTC day: days since 1970-01-01.
struct Day {
    std::int32_t number = 0;
    auto operator<=>(const Day&) const = default;
};
Day dayOf(Instant at);
Instant startOf(Day day);

// "2026-03-01T09:30:00.250Z". Years 0001 to 9999; outside them the text is clamped to that range's ends.
std::string formatInstant(Instant at);
// Writes the 24 characters of formatInstant to `out`, which must have room for them.
void formatInstantTo(Instant at, char* out);

// RFC 3339 with `Z` or `±hh:mm`; 1 to 9 fraction digits, cut to milliseconds; `T` or a blank between date and time.
// A time without an offset is refused: code "time-without-zone". Anything else wrong: "bad-time".
Result<Instant> parseInstant(std::string_view text);

// "2026-03-01". Code "bad-date".
std::string formatDay(Day day);
Result<Day> parseDay(std::string_view text);

// An IANA time zone, e.g. "Europe/Zurich", or "UTC", or a fixed "+02:00".
class TimeZone {
public:
    static TimeZone utc();
    // Code "unknown-time-zone".
    static Result<TimeZone> load(std::string_view name);

    const std::string& name() const { return name_; }
    // The UTC instant of a civil time in this zone. A time that a DST change skips is moved forward by the gap; one
    // that it repeats takes the earlier of the two.
    Instant toUtc(int year, int month, int day, int hour, int minute, int second) const;
    // Minutes east of UTC at that instant.
    int offsetMinutesAt(Instant at) const;
    // The civil day in this zone at that instant, counted from 1970-01-01.
    Day dayOf(Instant at) const;
    // The first instant of that civil day in this zone.
    Instant startOf(Day day) const;

private:
    struct Impl;
    TimeZone(std::string name, std::shared_ptr<const Impl> impl);
    std::string name_;
    std::shared_ptr<const Impl> impl_;
};

// Days since 1970-01-01 of a proleptic Gregorian date, and back (Howard Hinnant, "chrono-Compatible Low-Level Date
// Algorithms").
std::int64_t daysFromCivil(std::int64_t year, unsigned month, unsigned day);
struct CivilDate {
    std::int64_t year;
    unsigned month;
    unsigned day;
};
CivilDate civilFromDays(std::int64_t days);

}  // namespace meetpoint
