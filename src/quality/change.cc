#include "quality/change.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

namespace meetpoint::quality {
namespace {

// The rises that are looked for: odds so many times as high as usual.
constexpr double oddsRatios[] = {2.5, 6, 20};
constexpr int rounds = 3;  // of estimating a rate without what stands out from it, and of looking for begin and end

// x·ln(p), where 0·ln(0) is 0.
double xlog(double x, double p) {
    return x > 0 ? x * std::log(p) : 0;
}
double logLikelihood(const Trials& trials, double rate) {
    const auto bad = static_cast<double>(trials.bad), good = static_cast<double>(trials.all - trials.bad);
    return xlog(bad, rate) + xlog(good, 1 - rate);
}

double withOddsTimes(double rate, double ratio) {
    const double odds = rate / (1 - rate) * ratio;
    return odds / (1 + odds);
}

// What each trial adds to the sum, for one rate against another.
struct Weights {
    Weights(double usual, double raised, double dispersion)
        : bad(std::log(raised / usual) / dispersion), good(std::log((1 - raised) / (1 - usual)) / dispersion) {}
    double of(const Trials& trials) const {
        return bad * static_cast<double>(trials.bad) + good * static_cast<double>(trials.all - trials.bad);
    }
    double bad, good;
};

// Stretches over which the sum rises to `candidate` at least, each up to the greatest sum.
std::vector<Stretch> excursions(std::span<const Trials> bins, const Weights& weights, const RiseLimits& limits) {
    std::vector<Stretch> found;
    double sum = 0, greatest = 0;
    Stretch current;
    const auto close = [&](std::size_t next) {
        if (greatest >= limits.candidate) found.push_back(current);
        sum = greatest = 0;
        current = {next, next};
    };
    for (std::size_t at = 0; at < bins.size(); ++at) {
        sum += weights.of(bins[at]);
        if (sum <= 0 || sum < greatest - limits.decline) {
            // What followed the greatest sum may hold another rise.
            const bool again = sum > 0 && greatest >= limits.candidate;
            const std::size_t next = again ? current.end : at + 1;
            close(next);
            if (again) at = next - 1;
            continue;
        }
        if (sum > greatest) {
            greatest = sum;
            current.end = at + 1;
        }
    }
    close(bins.size());
    return found;
}

// The stretch near `guess` over which the sum is greatest.
Stretch refined(std::span<const Trials> bins, Stretch guess, const Usual& usual, const RiseLimits& limits) {
    for (int round = 0; round < rounds; ++round) {
        const double rate = sumOf(bins, guess).rate();
        if (rate <= usual.rate()) return guess;
        const Weights weights(usual.rate(), std::min(rate, 1 - 1e-6), usual.dispersion(1));
        const std::size_t from = guess.first - std::min(guess.first, limits.searchAround);
        const std::size_t to = std::min(bins.size(), guess.end + limits.searchAround);
        Stretch best = guess, current{from, from};
        double sum = 0, greatest = 0;
        for (std::size_t at = from; at < to; ++at) {
            sum += weights.of(bins[at]);
            if (sum <= 0) {
                sum = 0;
                current = {at + 1, at + 1};
            } else if (sum > greatest) {
                greatest = sum;
                best = {current.first, at + 1};
            }
        }
        if (best == guess) break;
        guess = best;
    }
    // A bin without a bad one at its begin says nothing.
    while (guess.first + 1 < guess.end && bins[guess.first].bad == 0)
        ++guess.first;
    return guess;
}

std::vector<Stretch> joined(std::vector<Stretch> stretches, std::size_t within) {
    std::ranges::sort(stretches, {}, &Stretch::first);
    std::vector<Stretch> out;
    for (const Stretch& stretch : stretches) {
        if (!out.empty() && stretch.first <= out.back().end + within)
            out.back().end = std::max(out.back().end, stretch.end);
        else
            out.push_back(stretch);
    }
    return out;
}

std::vector<Stretch> candidates(std::span<const Trials> bins, const Usual& usual, const RiseLimits& limits) {
    std::vector<Stretch> found;
    for (const double ratio : oddsRatios) {
        const Weights weights(usual.rate(), withOddsTimes(usual.rate(), ratio), usual.dispersion(1));
        for (const Stretch& stretch : excursions(bins, weights, limits))
            found.push_back(refined(bins, stretch, usual, limits));
    }
    return joined(std::move(found), 0);
}

}  // namespace

Trials sumOf(std::span<const Trials> bins, const Stretch& stretch) {
    Trials sum;
    for (std::size_t at = stretch.first; at < stretch.end; ++at)
        sum.add(bins[at]);
    return sum;
}

double Usual::rate() const {
    return (static_cast<double>(trials.bad) + 0.5) / (static_cast<double>(trials.all) + 1);
}

double Usual::dispersion(std::size_t bins) const {
    for (std::size_t i = 0; i < dispersions.size(); ++i)
        if (bins <= varianceScales[i]) return dispersions[i];
    return dispersions.back();
}

namespace {

// Pearson's chi-square a degree of freedom, over stretches of `scale` bins in which a few bad ones are expected. The
// largest tenth is left out, and what that takes from a chi-square made good, so that what is looked for does not hide
// itself. Nothing where stretches are too few.
std::optional<double> dispersionOf(const std::vector<Trials>& bins, double rate, std::size_t scale) {
    constexpr double expectedAtLeast = 4, keptShare = 0.9, meanOfKept = 0.6233;
    constexpr std::size_t enough = 8;
    std::vector<double> squares;
    Trials group;
    std::size_t length = 0;
    for (const Trials& bin : bins) {
        group.add(bin);
        ++length;
        const double expected = rate * static_cast<double>(group.all);
        if (length < scale || expected < expectedAtLeast) continue;
        const double off = static_cast<double>(group.bad) - expected;
        squares.push_back(off * off / (expected * (1 - rate)));
        group = {};
        length = 0;
    }
    if (squares.size() < enough) return std::nullopt;
    std::ranges::sort(squares);
    squares.resize(static_cast<std::size_t>(std::ceil(static_cast<double>(squares.size()) * keptShare)));
    return std::accumulate(squares.begin(), squares.end(), 0.0) / static_cast<double>(squares.size()) / meanOfKept;
}

}  // namespace

Usual usualOf(std::span<const Trials> bins, std::span<const Stretch> without) {
    Usual usual;
    std::vector<Trials> kept;
    auto skip = without.begin();
    for (std::size_t at = 0; at < bins.size(); ++at) {
        while (skip != without.end() && at >= skip->end)
            ++skip;
        if (skip != without.end() && at >= skip->first) continue;
        kept.push_back(bins[at]);
        usual.trials.add(bins[at]);
    }
    double before = 1;  // longer stretches vary no less
    for (std::size_t i = 0; i < usual.dispersions.size(); ++i) {
        before = std::max(before, dispersionOf(kept, usual.rate(), varianceScales[i]).value_or(before));
        usual.dispersions[i] = before;
    }
    return usual;
}

double evidenceOfRise(const Trials& now, const Trials& usual) {
    if (now.all == 0 || now.rate() <= usual.rate()) return 0;
    Trials both = usual;
    both.add(now);
    return std::max(
        0.0, logLikelihood(now, now.rate()) + logLikelihood(usual, usual.rate()) - logLikelihood(both, both.rate()));
}

double evidenceIn(std::span<const Trials> bins, const Stretch& stretch, const Usual& usual) {
    return evidenceOfRise(sumOf(bins, stretch), usual.trials) / usual.dispersion(stretch.end - stretch.first);
}

std::vector<Rise> findRises(std::span<const Trials> bins, const RiseLimits& limits) {
    std::vector<Stretch> known;
    Usual usual;
    for (int round = 0; round < rounds; ++round) {
        usual = usualOf(bins, known);
        auto found = candidates(bins, usual, limits);
        if (found == known) break;
        known = std::move(found);
    }
    std::vector<Rise> rises;
    for (const Stretch& stretch : joined(known, limits.joinWithin))
        rises.push_back({stretch, 0});
    std::vector<Stretch> all;
    for (const Rise& rise : rises)
        all.push_back(rise.stretch);
    usual = usualOf(bins, all);
    for (Rise& rise : rises)
        rise.evidence = evidenceIn(bins, rise.stretch, usual);
    return rises;
}

}  // namespace meetpoint::quality
