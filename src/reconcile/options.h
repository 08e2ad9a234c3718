// What a reconciliation is asked for, and the closed sets that its answer is written in.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "domain/agreement.h"
#include "domain/declared_durations.h"

namespace meetpoint::reconcile {

// In the order in which columns::ItemCore::state stores them.
enum class State : std::uint8_t {
    matched,
    matchedWithinTolerance,
    durationMismatch,
    timeMismatch,
    numberMismatch,
    answeredOnOneSide,
    missingAtPlatform,
    missingAtCarrier,
    duplicateAtPlatform,
    duplicateAtCarrier,
    outsideMutualInterval,
    outsideScope,
    ambiguous,
    invalid,
};
inline constexpr std::size_t stateCount = 14;

enum class Cause : std::uint8_t {
    clockOffset,
    clockDrift,
    timeZone,
    startBasis,
    durationBasis,
    durationUnit,
    rounding,
    partialRecords,
    forkedLegs,
    hungCall,
    coverageGap,
    answeredOnly,
    oneDirectionOnly,
    onNet,
    transferredCall,
    presentedNumber,
    reversedDirection,
    duplicateUpload,
    numberFormat,
    maskedNumber,
    lateRecord,
    unexplained,
};
inline constexpr std::size_t causeCount = 22;

// Whether the two sides differ in an item of that state.
bool differs(State state);

// The causes of one item.
class Causes {
public:
    void add(Cause cause) { bits_ |= 1u << static_cast<unsigned>(cause); }
    bool has(Cause cause) const { return (bits_ >> static_cast<unsigned>(cause) & 1u) != 0; }
    bool none() const { return bits_ == 0; }
    // Calls use(cause) with each, in the order of their declaration.
    template <class Use>
    void forEach(Use use) const {
        for (std::uint32_t left = bits_; left != 0; left &= left - 1)
            use(static_cast<Cause>(std::countr_zero(left)));
    }
    bool operator==(const Causes&) const = default;

private:
    std::uint32_t bits_ = 0;
};

// What joined the two sides of an item.
enum class MatchedBy : std::uint8_t { nothing, callId, sipCallId, key, parts, farEnd, ownNumber, reversed };

std::string_view name(State state);  // "missingAtCarrier"
std::string_view name(Cause cause);  // "clockOffset"
std::optional<Cause> readCause(std::string_view word);
std::string_view name(MatchedBy matchedBy);  // "sipCallId"; empty for `nothing`

using domain::RoundingMode;
struct Rounding {
    RoundingMode mode = RoundingMode::up;
    Duration step;
    Duration initial{};  // of mode up: what is charged at least, before the steps begin; 0: a step
    bool operator==(const Rounding&) const = default;
    // The duration in milliseconds as this rule bills it.
    std::int64_t apply(std::int64_t ms) const;
    // How far `stated` is from the nearest value that this rule can give for a true duration within `slack` of `ms`.
    std::int64_t distance(std::int64_t ms, std::int64_t stated, std::int64_t slack) const;
};

// What a figure of one unit that stands in a field of another has to be multiplied by, and then divided, to be right.
// {1'000, 1}: seconds in a field of milliseconds.
struct UnitFactor {
    std::int64_t multiply = 1;
    std::int64_t divide = 1;
    bool operator==(const UnitFactor&) const = default;
    // A figure that is too large to be multiplied stays as it is.
    std::int64_t apply(std::int64_t ms) const;
};

// Two clocks that read whole seconds disagree by one without either being wrong (218 records of one real exchange: its
// own fields disagree with themselves by a second in 43 of 100). Such a difference is measurement, never a finding.
inline constexpr std::int64_t measurementMs = 1000;

struct Options {
    // What both sides have agreed to ignore: a difference up to the larger of the two. The share is of our duration.
    Duration tolerance;
    double toleranceShare = 0;
    // ISO 3166-1 alpha-2 region in which numbers without a country code are read; empty: as they stand.
    std::string defaultRegion;
    // What the agreement says; used where the data are too few to show it.
    std::optional<Rounding> agreedRounding;
    std::optional<domain::TimeBasis> agreedStartBasis;
    std::optional<domain::TimeBasis> agreedDurationBasis;
    // Which kinds of call their side records: ours of other kinds that stand alone are outside the scope, however few.
    std::optional<domain::RecordedScope> agreedScope;
    // How many threads may work at once; makes no difference to what comes of it.
    std::size_t threads = 1;
    // The time of interest [from, to), on our clock: only items in it are given and counted. Records outside it,
    // brought for the margin, help to calibrate and may find a partner inside.
    std::optional<Instant> from;
    std::optional<Instant> to;
    // By when the records of that time were due at the exchange; names nothing by itself: SideInput::add() is told
    // which came later.
    std::optional<Instant> dueAt;
};

}  // namespace meetpoint::reconcile
