// Whether and when a rate rose: sums of log-likelihood ratios over bins of time (Page's CUSUM, 1954), and a two-sample
// likelihood ratio test of what they find against everything else.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace meetpoint::quality {

// What happened in one bin of time.
struct Trials {
    std::uint64_t all = 0;
    std::uint64_t bad = 0;
    void add(const Trials& other) {
        all += other.all;
        bad += other.bad;
    }
    double rate() const { return all == 0 ? 0 : static_cast<double>(bad) / static_cast<double>(all); }
};

// Bins [first, end).
struct Stretch {
    std::size_t first = 0;
    std::size_t end = 0;
    bool operator==(const Stretch&) const = default;
    bool touches(const Stretch& other) const { return first < other.end && other.first < end; }
};
Trials sumOf(std::span<const Trials> bins, const Stretch& stretch);

// Bins that are taken together to see how much they vary. A rate that drifts with the time of day varies little within
// a quarter of an hour, and much from one quarter of a day to the next.
inline constexpr std::size_t varianceScales[] = {15, 60, 180, 360};

// A rate as it usually is.
struct Usual {
    Trials trials;
    // How much more than by chance alone stretches of that many bins vary: variance over that of a binomial, 1 at
    // least.
    std::array<double, std::size(varianceScales)> dispersions{1, 1, 1, 1};
    // Of stretches of so many bins.
    double dispersion(std::size_t bins) const;
    // With half a bad one and half a good one more, so that it is never 0 or 1 (Jeffreys).
    double rate() const;
};
// Of all bins but the stretches `without`.
Usual usualOf(std::span<const Trials> bins, std::span<const Stretch> without);

// How much better one explains both with two rates than with one: the log-likelihood ratio; 0 where the rate did not
// rise. Divided by the dispersion of stretches as long as that of `now`, the chance that this comes to x or more while
// nothing has changed is at most about e^-x (Wilks: half a chi-square with one degree of freedom, one-sided).
double evidenceOfRise(const Trials& now, const Trials& usual);

// That of a stretch of these bins, divided by the dispersion.
double evidenceIn(std::span<const Trials> bins, const Stretch& stretch, const Usual& usual);

struct RiseLimits {
    double candidate = 6;           // a sum of this size is looked at more closely
    double decline = 6;             // a sum that has fallen by this much has had its end
    std::size_t joinWithin = 30;    // bins: rises so close to each other are one
    std::size_t searchAround = 45;  // bins before and behind in which begin and end are looked for
};
struct Rise {
    Stretch stretch;
    double evidence = 0;
};
// The stretches in which the rate was higher than usual, in order of time, none touching another. Their begin is the
// most likely one, bin by bin. Not yet judged: compare the evidence with what chance can do.
std::vector<Rise> findRises(std::span<const Trials> bins, const RiseLimits& limits = {});

}  // namespace meetpoint::quality
