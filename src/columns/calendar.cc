#include "columns/calendar.h"

#include <algorithm>
#include <bit>

namespace meetpoint::columns {
namespace {

constexpr std::int64_t minuteMs = 60'000;
constexpr std::size_t dayBytes = minutesPerDay / 8;

std::int64_t dividedDown(std::int64_t value, std::int64_t by) {
    return value / by - (value % by < 0 ? 1 : 0);
}

}  // namespace

std::optional<int> MinuteSet::firstFrom(int minute) const {
    std::uint64_t rest = words_[word(minute)] & ~(bit(minute) - 1);
    for (std::size_t at = word(minute);;) {
        if (rest != 0) return static_cast<int>(at) * wordBits + std::countr_zero(rest);
        if (++at == words_.size()) return std::nullopt;
        rest = words_[at];
    }
}

std::optional<int> MinuteSet::lastUpTo(int minute) const {
    std::uint64_t rest = words_[word(minute)] & (bit(minute) | (bit(minute) - 1));
    for (std::size_t at = word(minute);;) {
        if (rest != 0) return static_cast<int>(at) * wordBits + wordBits - 1 - std::countl_zero(rest);
        if (at-- == 0) return std::nullopt;
        rest = words_[at];
    }
}

Bytes MinuteSet::toBytes() const {
    Bytes all(dayBytes);
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i] = static_cast<std::uint8_t>(words_[i / 8] >> (8 * (i % 8)));
    const auto isFull = [](std::uint8_t byte) { return byte != 0; };
    const auto first = std::ranges::find_if(all, isFull);
    const auto last = std::find_if(all.rbegin(), std::make_reverse_iterator(first), isFull).base();
    Bytes out{static_cast<std::uint8_t>(first - all.begin())};
    out.insert(out.end(), first, last);
    return out;
}

Result<MinuteSet> MinuteSet::fromBytes(ByteView bytes) {
    if (bytes.empty() || bytes[0] + bytes.size() - 1 > dayBytes)
        return fail(corrupt("a block's minutes have an impossible length"));
    MinuteSet set;
    for (std::size_t i = 1; i < bytes.size(); ++i) {
        const std::size_t at = bytes[0] + i - 1;
        set.words_[at / 8] |= static_cast<std::uint64_t>(bytes[i]) << (8 * (at % 8));
    }
    return set;
}

std::int64_t minuteOf(Instant at) {
    return dividedDown(at.ms, minuteMs);
}

Instant startOfMinute(std::int64_t minute) {
    return {minute * minuteMs};
}

std::vector<DayMinutes> calendarOf(std::span<const std::int64_t> times) {
    std::vector<DayMinutes> days;
    std::size_t last = 0;  // most records follow one of the same day
    for (const std::int64_t ms : times) {
        const std::int64_t minute = minuteOf({ms});
        const Day day{static_cast<std::int32_t>(dividedDown(minute, minutesPerDay))};
        if (last >= days.size() || days[last].day != day) {
            const auto at = std::ranges::lower_bound(days, day, {}, &DayMinutes::day);
            last = static_cast<std::size_t>(at - days.begin());
            if (at == days.end() || at->day != day) {
                if (days.size() == mostCalendarDays) return {};
                days.insert(at, {day, {}});
            }
        }
        days[last].minutes.add(static_cast<int>(minute - std::int64_t{day.number} * minutesPerDay));
    }
    return days;
}

}  // namespace meetpoint::columns
