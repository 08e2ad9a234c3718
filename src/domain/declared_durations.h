// What a carrier declares of all durations that it sends at once: in which unit its figures are, from where they count,
// and how they are rounded.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"
#include "domain/call.h"

namespace meetpoint::domain {

enum class DurationUnit : std::uint8_t { milliseconds, seconds, minutes };
std::string_view name(DurationUnit unit);  // "ms", "s", "min"
std::optional<DurationUnit> readDurationUnit(std::string_view word);
std::int64_t millisecondsOf(DurationUnit unit);

enum class RoundingMode : std::uint8_t { up, down, nearest };
std::string_view name(RoundingMode mode);  // "up"
std::optional<RoundingMode> readRoundingMode(std::string_view word);

struct DeclaredRounding {
    RoundingMode mode = RoundingMode::up;
    Duration step;
    bool operator==(const DeclaredRounding&) const = default;
};
inline constexpr Duration longestRoundingStep = hours(1);

// What is left out is not declared.
struct DeclaredDurations {
    std::optional<DurationUnit> unit;
    std::optional<TimeBasis> basis;  // of records that do not state their own, like the rounding
    std::optional<DeclaredRounding> rounding;
    bool isEmpty() const { return !unit && !basis && !rounding; }
    bool operator==(const DeclaredDurations&) const = default;
};

}  // namespace meetpoint::domain
