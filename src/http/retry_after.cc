#include "http/retry_after.h"

#include <algorithm>
#include <charconv>

namespace meetpoint::http {
namespace {

constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr std::int64_t longestSeconds = 366LL * 86'400;

template <class T>
bool readNumber(std::string_view text, T& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
}

// "Sun, 06 Nov 1994 08:49:37 GMT": every field has its place.
std::optional<Instant> readDate(std::string_view text) {
    if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT") return std::nullopt;
    const std::size_t month = months.find(text.substr(8, 3));
    unsigned day = 0, hour = 0, minute = 0, second = 0;
    std::int64_t year = 0;
    const bool isRead = readNumber(text.substr(5, 2), day) && readNumber(text.substr(12, 4), year) &&
                        readNumber(text.substr(17, 2), hour) && readNumber(text.substr(20, 2), minute) &&
                        readNumber(text.substr(23, 2), second);
    if (!isRead || month == months.npos || month % 3 != 0 || day == 0 || day > 31 || hour > 23 || minute > 59 ||
        second > 60)
        return std::nullopt;
    const std::int64_t days = daysFromCivil(year, static_cast<unsigned>(month / 3) + 1, day);
    return Instant{((days * 24 + hour) * 60 + minute) * 60'000 + std::int64_t{second} * 1'000};
}

}  // namespace

std::optional<Duration> readRetryAfter(std::string_view value, Instant now) {
    std::int64_t count = 0;
    if (readNumber(value, count) && count >= 0) return seconds(std::min(count, longestSeconds));
    const auto date = readDate(value);
    if (!date) return std::nullopt;
    return std::clamp(*date - now, Duration{0}, seconds(longestSeconds));
}

}  // namespace meetpoint::http
