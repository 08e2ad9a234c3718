// Seventh stage, for calls that stand alone: whether the other side's data could have had them at all. A kind of call
// or a stretch of time of which the other side has nothing, although chance would have left something, is named as
// such.
#pragma once

#include <cstdint>
#include <vector>

#include "reconcile/match.h"

namespace meetpoint::reconcile {

enum class Absence : std::uint8_t { missing, answeredOnly, oneDirectionOnly, onNet, gap, outsideInterval };

// A hole in one side's data, on our clock.
struct CoverageGap {
    std::int64_t fromMs = 0;  // start of the first call that is missing
    std::int64_t toMs = 0;    // start of the last
    bool atPlatform = false;  // whose data have the hole
    std::size_t calls = 0;
    std::int64_t durationMs = 0;
};

struct Absences {
    std::vector<Absence> ours;  // a row of ours; only rows that stand alone mean anything
    std::vector<Absence> theirs;
    std::vector<CoverageGap> gaps;
};

Absences findAbsences(const Sides& sides, const Matching& matching, const Options& options);

// Whether `run` calls in a row, each missing by chance with probability `share`, are too many to be chance among
// `total`.
bool isBeyondChance(std::size_t run, double share, std::size_t total);

}  // namespace meetpoint::reconcile
