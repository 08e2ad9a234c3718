#include "reconcile/calibrate.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"

namespace meetpoint::reconcile {
namespace {

constexpr std::int64_t quarterHourMs = 900'000;
// No two places on Earth have zones further apart than the exchange admits: beyond it a shift is a wrong clock.
constexpr std::int64_t mostZoneMs = 14 * 3'600'000;

// The zone that a shift looks like, 0 if none: near a multiple of a quarter of an hour, nearer for the rarer ones.
std::int64_t zoneOf(std::int64_t shiftMs) {
    const std::int64_t zone = std::llround(static_cast<double>(shiftMs) / quarterHourMs) * quarterHourMs;
    if (zone == 0 || std::abs(shiftMs) > mostZoneMs + measurementMs) return 0;
    const std::int64_t rest = std::abs(shiftMs - zone);
    const std::int64_t allowed = zone % 3'600'000 == 0 ? 450'000 : zone % 1'800'000 == 0 ? 180'000 : 60'000;
    return rest <= allowed ? zone : 0;
}

// The shift as its causes have it: clocks that cut to whole seconds lose half a second on average.
std::int64_t withoutCutting(const Sides& sides, std::int64_t shiftMs) {
    if (sides.ours.resolutionMs == sides.theirs.resolutionMs) return shiftMs;
    const std::int64_t half = sides.theirs.resolutionMs > sides.ours.resolutionMs ? 500 : -500;
    const auto rest = [](std::int64_t ms) {
        return std::abs(ms - std::llround(static_cast<double>(ms) / 1000.0) * 1000);
    };
    // A clock that is set right is off by nothing, one that is set wrong by whole seconds as often as not: of the two
    // readings (cut, rounded) the one nearer to a whole second.
    const std::int64_t cut = shiftMs + half;
    const std::int64_t best = rest(cut) <= rest(shiftMs) ? cut : shiftMs;
    return rest(best) <= 100 ? std::llround(static_cast<double>(best) / 1000.0) * 1000 : best;
}

void nameShifts(Calibration& out, const Sides& sides) {
    for (const ClockSegment& segment : out.segments)
        out.zoneMinutes.push_back(static_cast<int>(zoneOf(withoutCutting(sides, segment.shiftMs)) / 60'000));
    const std::int64_t rest = withoutCutting(sides, out.segments.front().shiftMs) - out.zoneMinutes.front() * 60'000ll;
    out.clockOffsetMs = std::abs(rest) >= measurementMs ? rest : 0;
}

}  // namespace

std::size_t Calibration::segmentAt(std::int64_t theirMs) const {
    std::size_t at = segments.size() - 1;
    while (at > 0 && segments[at].fromMs > theirMs)
        --at;
    return at;
}

std::int64_t Calibration::shiftAt(std::int64_t theirMs) const {
    const double drift = driftMsPerHour * static_cast<double>(theirMs - driftOriginMs) / 3'600'000.0;
    return segments[segmentAt(theirMs)].shiftMs + (driftMsPerHour == 0 ? 0 : std::llround(drift));
}

bool Calibration::clockDiffers() const {
    return clockOffsetMs != 0 || driftMsPerHour != 0 ||
           std::ranges::any_of(zoneMinutes, [](int minutes) { return minutes != 0; });
}

std::int64_t durationFrom(const Side& ours, std::size_t row, domain::TimeBasis basis) {
    if (basis == domain::TimeBasis::answer || ours.end(row) == noTime) return ours.duration[row];
    if (!ours.answered[row]) return std::max<std::int64_t>(0, ours.end(row) - ours.start[row]);
    // The connected time is the better figure of the two; the ringing is added to it.
    const std::int64_t answer = ours.answer(row) != noTime ? ours.answer(row) : ours.end(row) - ours.duration[row];
    return ours.duration[row] + std::max<std::int64_t>(0, answer - ours.start[row]);
}

Calibration calibrate(const Sides& sides, const SharedGroups& groups, const std::vector<IdPair>& byId,
                      const Options& options) {
    const ClockFinding clock = findClock(sides, groups, byId, options.threads);
    Calibration out;
    out.segments = clock.segments;
    out.driftMsPerHour = clock.driftMsPerHour;
    out.driftOriginMs = clock.driftOriginMs;
    out.anchor = clock.anchor;
    out.pairs = clock.pairs.size();
    const FigureFinding figures = findFigures(sides, clock.pairs, options.threads);
    out.durationBasis = figures.basis;
    out.rounding = figures.rounding;
    out.exactRounding = figures.exact;
    constexpr std::size_t tooFewToShow = 4, tooFewToShowRounding = 6;
    if (!out.rounding && clock.pairs.size() < tooFewToShowRounding) {
        out.rounding = sides.theirs.usualRounding();
        if (!out.rounding) out.rounding = options.agreedRounding;
    }
    if (clock.pairs.size() < tooFewToShow) {
        if (options.agreedDurationBasis) out.durationBasis = *options.agreedDurationBasis;
        if (const auto stated = sides.theirs.usualBasis()) out.durationBasis = *stated;
        if (options.agreedStartBasis == domain::TimeBasis::answer) out.anchor = Anchor::startToAnswer;
    }
    nameShifts(out, sides);
    return out;
}

void align(Sides& sides, const Calibration& calibration, std::size_t threads) {
    Side& ours = sides.ours;
    Side& theirs = sides.theirs;
    const auto alignOurs = [&] {
        ours.atAfter.reserve(ours.size());
        ours.measured.reserve(ours.size());
        for (std::size_t i = 0; i < ours.size(); ++i) {
            const bool fromAnswer =
                calibration.anchor == Anchor::startToAnswer && ours.answered[i] && ours.statesAnswer(i);
            ours.atAfter.append(fromAnswer ? ours.answerAfter[i] : 0);
            ours.measured.append(durationFrom(ours, i, calibration.durationBasis));
        }
    };
    const auto alignTheirs = [&] {
        theirs.atAfter.reserve(theirs.size());
        theirs.measured = theirs.duration;
        for (std::size_t j = 0; j < theirs.size(); ++j) {
            const bool fromAnswer =
                calibration.anchor == Anchor::answerToStart && theirs.answered[j] && theirs.statesAnswer(j);
            const std::int64_t at = fromAnswer ? theirs.answer(j) : theirs.start[j];
            theirs.atAfter.append(Side::gapTo(at - calibration.shiftAt(at), theirs.start[j]));
        }
    };
    inParallel(threads, 2, [&](std::size_t side) { side == 0 ? alignOurs() : alignTheirs(); });
}

std::int64_t durationGap(const std::optional<Rounding>& rounding, std::int64_t ourMeasured,
                         std::int64_t theirMeasured) {
    const std::int64_t plain = std::max<std::int64_t>(0, std::abs(theirMeasured - ourMeasured) - measurementMs);
    if (!rounding || plain == 0) return plain;
    return std::min(plain, rounding->distance(ourMeasured, theirMeasured, measurementMs));
}

std::int64_t durationGap(const Calibration& calibration, std::int64_t ourMeasured, std::int64_t theirMeasured) {
    return durationGap(calibration.rounding, ourMeasured, theirMeasured);
}

}  // namespace meetpoint::reconcile
