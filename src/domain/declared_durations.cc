#include "domain/declared_durations.h"

namespace meetpoint::domain {
namespace {

constexpr std::string_view units = "ms,s,min";
constexpr std::string_view modes = "up,down,nearest";

template <class Word>
std::optional<Word> wordIn(std::string_view names, std::string_view word) {
    const auto index = indexIn(names, word);
    return index ? std::optional(static_cast<Word>(*index)) : std::nullopt;
}

}  // namespace

std::string_view name(DurationUnit unit) {
    return nameAt(units, static_cast<std::size_t>(unit));
}

std::optional<DurationUnit> readDurationUnit(std::string_view word) {
    return wordIn<DurationUnit>(units, word);
}

std::int64_t millisecondsOf(DurationUnit unit) {
    constexpr std::int64_t lengths[] = {1, 1'000, 60'000};
    return lengths[static_cast<std::size_t>(unit)];
}

std::string_view name(RoundingMode mode) {
    return nameAt(modes, static_cast<std::size_t>(mode));
}

std::optional<RoundingMode> readRoundingMode(std::string_view word) {
    return wordIn<RoundingMode>(modes, word);
}

}  // namespace meetpoint::domain
