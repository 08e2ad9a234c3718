// What readers of other people's files share: numbers in national spellings, ids that repeat, local times.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.h"

namespace meetpoint::formats {

// Remembers what a number means: libphonenumber takes about 10 µs, and logs repeat their numbers.
class NumberCache {
public:
    explicit NumberCache(std::string region) : region_(std::move(region)) {}
    // E.164 with a plus if the text is a telephone number, else the text without blanks around it. Valid until the next
    // call of trim().
    std::string_view read(std::string_view text);
    // Between records: forgets everything when too much has gathered.
    void trim();

private:
    std::string region_;
    std::unordered_map<std::string, std::string> known_;
};

// Counts how often an id came before: 0 the first time. Memory grows with the number of different ids, 16 bytes or so
// each.
class RepetitionCounter {
public:
    std::uint32_t operator()(std::string_view id) { return counts_[std::hash<std::string_view>{}(id)]++; }

private:
    std::unordered_map<std::size_t, std::uint32_t> counts_;
};

std::string_view trimmed(std::string_view text);

// A civil time by a strftime-like pattern: %Y %y %m %d %H %I %p %M %S %b %z %f and literal text; a blank matches any
// run of blanks. `zone` holds for texts without %z. Nothing if the text does not follow the pattern or is no date.
std::optional<Instant> readPatternTime(std::string_view text, std::string_view pattern, const TimeZone& zone);
// Which of its letters a pattern uses that this cannot read; 0 if none.
char unknownPatternLetter(std::string_view pattern);

// "H:MM:SS" or "MM:SS", seconds perhaps with a fraction, as milliseconds.
std::optional<std::int64_t> readClock(std::string_view text);

}  // namespace meetpoint::formats
