// In which minutes of which UTC days the records of a block lie. A block's first and last time alone say too little:
// one record that came days late stretches them over everything between, and nearly every block has one.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace meetpoint::columns {

inline constexpr int minutesPerDay = 1'440;
// A block with records on more days than this has no calendar: it would say little and take up much.
inline constexpr std::size_t mostCalendarDays = 64;

// Minutes of one day, 0 to 1439.
class MinuteSet {
public:
    void add(int minute) { words_[word(minute)] |= bit(minute); }
    bool has(int minute) const { return (words_[word(minute)] & bit(minute)) != 0; }
    // The first minute that is not before `minute`, or the last that is not after it; nothing if there is none.
    std::optional<int> firstFrom(int minute) const;
    std::optional<int> lastUpTo(int minute) const;
    bool operator==(const MinuteSet&) const = default;

    // As stored: without what is empty at either end; at most 181 bytes.
    Bytes toBytes() const;
    // Code "corrupt-data".
    static Result<MinuteSet> fromBytes(ByteView bytes);

private:
    static constexpr int wordBits = 64;
    static std::size_t word(int minute) { return static_cast<std::size_t>(minute / wordBits); }
    static std::uint64_t bit(int minute) { return 1ULL << (minute % wordBits); }
    std::array<std::uint64_t, (minutesPerDay + wordBits - 1) / wordBits> words_{};
};

struct DayMinutes {
    Day day;
    MinuteSet minutes;
    bool operator==(const DayMinutes&) const = default;
};

// Milliseconds since 1970 UTC in minutes, rounded down.
std::int64_t minuteOf(Instant at);
Instant startOfMinute(std::int64_t minute);

// The minutes of these times (milliseconds since 1970 UTC), in order of day; empty if they lie on more than
// mostCalendarDays days.
std::vector<DayMinutes> calendarOf(std::span<const std::int64_t> times);

}  // namespace meetpoint::columns
