#include "reconcile/options.h"

#include <algorithm>
#include <array>

namespace meetpoint::reconcile {

std::string_view name(State state) {
    constexpr std::array<std::string_view, stateCount> names = {"matched",
                                                                "matchedWithinTolerance",
                                                                "durationMismatch",
                                                                "timeMismatch",
                                                                "numberMismatch",
                                                                "answeredOnOneSide",
                                                                "missingAtPlatform",
                                                                "missingAtCarrier",
                                                                "duplicateAtPlatform",
                                                                "duplicateAtCarrier",
                                                                "outsideMutualInterval",
                                                                "outsideScope",
                                                                "ambiguous",
                                                                "invalid"};
    return names[static_cast<std::size_t>(state)];
}

bool differs(State state) {
    switch (state) {
        case State::matched:
        case State::matchedWithinTolerance:
        case State::outsideMutualInterval:
        case State::outsideScope:
            return false;
        default:
            return true;
    }
}

std::string_view name(Cause cause) {
    constexpr std::array<std::string_view, causeCount> names = {
        "clockOffset",     "clockDrift",        "timeZone",         "startBasis",   "durationBasis",
        "durationUnit",    "rounding",          "partialRecords",   "forkedLegs",   "hungCall",
        "coverageGap",     "answeredOnly",      "oneDirectionOnly", "onNet",        "transferredCall",
        "presentedNumber", "reversedDirection", "duplicateUpload",  "numberFormat", "maskedNumber",
        "lateRecord",      "unexplained"};
    return names[static_cast<std::size_t>(cause)];
}

std::optional<Cause> readCause(std::string_view word) {
    for (std::size_t c = 0; c < causeCount; ++c)
        if (word == name(static_cast<Cause>(c))) return static_cast<Cause>(c);
    return std::nullopt;
}

std::string_view name(MatchedBy matchedBy) {
    constexpr std::string_view names[] = {"", "callId", "sipCallId", "key", "parts", "farEnd", "ownNumber", "reversed"};
    return names[static_cast<std::size_t>(matchedBy)];
}

std::int64_t Rounding::apply(std::int64_t ms) const {
    if (step.ms <= 1 || ms <= 0) return ms;
    switch (mode) {
        case RoundingMode::up:
            if (ms <= initial.ms) return initial.ms;
            if (initial.ms > 0) return initial.ms + (ms - initial.ms + step.ms - 1) / step.ms * step.ms;
            return (ms + step.ms - 1) / step.ms * step.ms;
        case RoundingMode::down:
            return ms / step.ms * step.ms;
        case RoundingMode::nearest:
            return (ms + step.ms / 2) / step.ms * step.ms;
    }
    return ms;
}

std::int64_t UnitFactor::apply(std::int64_t ms) const {
    return std::abs(ms) > INT64_MAX / multiply ? ms : ms * multiply / divide;
}

std::int64_t Rounding::distance(std::int64_t ms, std::int64_t stated, std::int64_t slack) const {
    const std::int64_t low = apply(std::max<std::int64_t>(0, ms - slack));
    const std::int64_t high = apply(ms + slack);
    if (stated < low) return low - stated;
    return stated > high ? stated - high : 0;
}

}  // namespace meetpoint::reconcile
