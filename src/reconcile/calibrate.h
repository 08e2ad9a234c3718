// Fourth stage: how the other side's clock and figures stand to ours, learnt from the pairs that are unambiguous by
// numbers and duration. Nothing is named that the data do not show.
#pragma once

#include <optional>
#include <vector>

#include "reconcile/exact.h"
#include "reconcile/side.h"
#include "reconcile/votes.h"

namespace meetpoint::reconcile {

// A stretch of time with one difference between the clocks; a zone with daylight saving has several.
struct ClockSegment {
    std::int64_t fromMs = INT64_MIN;  // on their clock
    std::int64_t shiftMs = 0;         // theirs minus ours, at `Calibration::driftOriginMs` if the clock drifts
};

struct Calibration {
    std::vector<ClockSegment> segments{ClockSegment{}};
    double driftMsPerHour = 0;
    std::int64_t driftOriginMs = 0;  // on their clock
    Anchor anchor = Anchor::startToStart;
    domain::TimeBasis durationBasis = domain::TimeBasis::answer;
    std::optional<Rounding> rounding;
    // Their durations are figures of another unit: what sets them right, before anything else is compared.
    std::optional<UnitFactor> unit;
    // Their durations follow this rule exactly, without measurement between the two: set for steps up to a second.
    bool exactRounding = false;
    // How many unambiguous pairs carry the clock's shift; 0: nothing is known of it.
    std::size_t pairs = 0;

    // What the shifts come to in words: 0 where there is nothing to name. The zone of each segment is its shift less
    // this.
    std::int64_t clockOffsetMs = 0;
    std::vector<int> zoneMinutes;  // a segment each

    // Which segment rules at that time of their clock.
    std::size_t segmentAt(std::int64_t theirMs) const;
    std::int64_t shiftAt(std::int64_t theirMs) const;
    bool clockDiffers() const;
};

// `groups` are those by the two numbers. What too few pairs show is as most of their records say of themselves, else as
// agreed.
Calibration calibrate(const Sides& sides, const SharedGroups& groups, const std::vector<IdPair>& byId,
                      const Options& options);

// Fills `at` and `measured` of both sides, so that equal calls have equal figures.
void align(Sides& sides, const Calibration& calibration, std::size_t threads);

// How far their duration is from what ours becomes under the rounding, ms; 0 within measurement.
std::int64_t durationGap(const std::optional<Rounding>& rounding, std::int64_t ourMeasured, std::int64_t theirMeasured);
// The same under the learnt one.
std::int64_t durationGap(const Calibration& calibration, std::int64_t ourMeasured, std::int64_t theirMeasured);

// Parts of `calibrate`.
struct RowPair {
    std::uint32_t ours;
    std::uint32_t theirs;
    bool operator==(const RowPair&) const = default;
};
struct ClockFinding {
    std::vector<ClockSegment> segments;
    double driftMsPerHour = 0;
    std::int64_t driftOriginMs = 0;
    Anchor anchor = Anchor::startToStart;
    std::vector<RowPair> pairs;  // that carry the finding, one a call at most
};
ClockFinding findClock(const Sides& sides, const SharedGroups& groups, const std::vector<IdPair>& byId,
                       std::size_t threads);
struct FigureFinding {
    domain::TimeBasis basis = domain::TimeBasis::answer;
    std::optional<Rounding> rounding;
    bool exact = false;
};
FigureFinding findFigures(const Sides& sides, const std::vector<RowPair>& pairs, std::size_t threads);
// Our duration as the other side counts it from, ms.
std::int64_t durationFrom(const Side& ours, std::size_t row, domain::TimeBasis basis);

}  // namespace meetpoint::reconcile
