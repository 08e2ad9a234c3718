// The difference between the two clocks: constant, jumping (daylight saving, a file in another zone), or moving slowly.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/memory.h"
#include "reconcile/calibrate.h"
#include "reconcile/sorting.h"

namespace meetpoint::reconcile {
namespace {

// A peak is believed with so much weight if nothing else comes near it, or with less if nearly nothing else is there.
// Where a few number pairs have all the calls, each vote is split among many choices: there the number of votes
// decides.
constexpr std::uint64_t enoughWeight = 3 * fullVote;
constexpr std::uint64_t unanimousWeight = 3 * fullVote / 2;
constexpr std::size_t enoughVotes = 8;
// Drift is looked for where the differences lie within so much of each other but not together.
constexpr std::int64_t driftSpanMs = 240'000;

bool isBelieved(const Peak& peak, std::uint64_t rival) {
    const std::size_t votes = peak.last - peak.first;
    return (peak.weight >= enoughWeight && rival * 2 <= peak.weight) ||
           (peak.weight >= unanimousWeight && votes >= 2 && rival * 4 <= peak.weight) ||
           (votes >= enoughVotes && rival * 4 <= peak.weight);
}

std::uint64_t rivalOf(const std::vector<Vote>& votes, const Peak& peak) {
    const auto second = heaviestPeak(votes, peak.centreMs, 2 * peakWidthMs);
    return second ? second->weight : 0;
}

// Clocks that agree are the rule: an equal rhythm of calls must not speak for a shift while as much speaks for none.
Peak preferAgreement(const std::vector<Vote>& votes, const Peak& peak) {
    if (std::abs(peak.centreMs) <= 5'000) return peak;
    const Peak agreement = peakAt(votes, 0, 2 * peakWidthMs);
    return agreement.weight * 2 >= peak.weight ? agreement : peak;
}

// Pairs of the peak in which each call stands once, in order of rows.
std::vector<RowPair> pairsOf(const Sides& sides, const std::vector<Vote>& votes, std::size_t first, std::size_t last) {
    std::vector<RowPair> pairs;
    reserveLarge(pairs, last - first);
    for (std::size_t v = first; v < last; ++v)
        pairs.push_back({votes[v].ours, votes[v].theirs});
    sortByNumber(pairs, [](const RowPair& pair) { return std::uint64_t{pair.ours}; });
    for (std::size_t at = 0, end = 0; at < pairs.size(); at = end) {
        for (end = at + 1; end < pairs.size() && pairs[end].ours == pairs[at].ours;)
            ++end;
        if (end - at > 1) std::ranges::sort(std::span(pairs).subspan(at, end - at), {}, &RowPair::theirs);
    }
    // A pair that an id proposes votes twice.
    const auto repeats = std::ranges::unique(pairs);
    pairs.erase(repeats.begin(), repeats.end());
    enum : char { never, once, often };
    auto ours = largeVector<char>(sides.ours.size(), never), theirs = largeVector<char>(sides.theirs.size(), never);
    for (const RowPair& pair : pairs)
        for (char* seen : {&ours[pair.ours], &theirs[pair.theirs]})
            *seen = *seen == never ? once : often;
    std::erase_if(pairs, [&](const RowPair& pair) { return ours[pair.ours] != once || theirs[pair.theirs] != once; });
    return pairs;
}

// A finding and the weight of the votes that carry it; 0: nothing is believed.
struct Weighed {
    ClockFinding finding;
    std::uint64_t weight = 0;
    std::uint64_t cast = 0;  // of all votes
};

// Whether the side states when calls were answered, apart from when they began.
bool statesAnswers(const Side& side) {
    for (std::size_t row = 0; row < side.size(); ++row)
        if (side.statesAnswer(row) && side.answerAfter[row] != 0) return true;
    return false;
}

// A vote on the line of time, and which of two peaks it speaks for.
struct At {
    std::int64_t ms;
    bool second;
    std::uint32_t weight;
    auto operator<=>(const At&) const = default;
};

std::vector<At> lineOf(const Sides& sides, const std::vector<Vote>& votes, const Peak& peak, const Peak& second) {
    std::vector<At> line;
    for (std::size_t v = peak.first; v < peak.last; ++v)
        line.push_back({sides.theirs.start[votes[v].theirs], false, votes[v].weight});
    for (std::size_t v = second.first; v < second.last; ++v)
        line.push_back({sides.theirs.start[votes[v].theirs], true, votes[v].weight});
    std::ranges::sort(line);
    return line;
}

// Where along the line one peak's rule ends and the other's begins, and the weight of the votes that disagree.
struct Cuts {
    std::vector<std::size_t> at;
    bool secondFirst = false;
    std::int64_t mistakes = INT64_MAX;
};

// The best single cut and the best two (there and back). `lead[i]`: what stands before i for the second peak less what
// stands there for the first, so that labelling it with the first peak makes `lead[i]` more mistakes than with the
// second.
class Cutter {
public:
    explicit Cutter(const std::vector<At>& line) {
        lead_.reserve(line.size() + 1);
        for (const At& at : line) {
            const auto weight = static_cast<std::int64_t>(at.weight);
            (at.second ? ofSecond_ : ofFirst_) += weight;
            lead_.push_back(lead_.back() + (at.second ? weight : -weight));
        }
    }

    Cuts one() const {
        Cuts best;
        for (std::size_t cut = 0; cut < lead_.size(); ++cut) {
            take(best, {{cut}, false, lead_[cut] + ofFirst_});
            take(best, {{cut}, true, ofSecond_ - lead_[cut]});
        }
        return best;
    }

    Cuts two() const {
        Cuts best;
        std::size_t least = 0, most = 0;
        for (std::size_t cut = 1; cut < lead_.size(); ++cut) {
            take(best, {{least, cut}, false, lead_[least] - lead_[cut] + ofSecond_});
            take(best, {{most, cut}, true, lead_[cut] - lead_[most] + ofFirst_});
            if (lead_[cut] < lead_[least]) least = cut;
            if (lead_[cut] > lead_[most]) most = cut;
        }
        return best;
    }

private:
    static void take(Cuts& best, Cuts other) {
        if (other.mistakes < best.mistakes) best = std::move(other);
    }

    std::vector<std::int64_t> lead_{0};
    std::int64_t ofFirst_ = 0;
    std::int64_t ofSecond_ = 0;
};

bool isClean(const Cuts& cuts, std::size_t size, const Peak& second) {
    return cuts.at.front() > 0 && cuts.at.back() < size &&
           cuts.mistakes * 20 <= static_cast<std::int64_t>(second.weight);
}

// A stretch between two jumps is believed only if it is long: a few chance votes may stand side by side.
bool isLongStretch(const Cuts& cuts) {
    return cuts.at.back() - cuts.at.front() >= enoughVotes;
}

// Jumps by a multiple of a quarter of an hour: two peaks, of which one rules before an instant and the other after it
// (daylight saving), or one rules a stretch between two instants (a file in another zone among the others).
bool findJump(const Sides& sides, const std::vector<Vote>& votes, const Peak& peak, Weighed& weighed) {
    ClockFinding& out = weighed.finding;
    const auto second = heaviestPeak(votes, peak.centreMs, 2 * peakWidthMs);
    if (!second || second->weight * 10 < peak.weight || second->weight < 2 * fullVote) return false;
    const std::int64_t step = second->centreMs - peak.centreMs;
    const std::int64_t grid = std::llround(static_cast<double>(step) / 900'000.0) * 900'000;
    if (grid == 0 || std::abs(step - grid) > peakWidthMs) return false;
    const std::vector<At> line = lineOf(sides, votes, peak, *second);
    const Cutter cutter(line);
    Cuts cuts = cutter.one();
    if (!isClean(cuts, line.size(), *second)) {
        cuts = cutter.two();
        if (!isClean(cuts, line.size(), *second) || !isLongStretch(cuts)) return false;
    }
    bool isSecond = cuts.secondFirst;
    out.segments = {{INT64_MIN, isSecond ? second->centreMs : peak.centreMs}};
    for (const std::size_t cut : cuts.at) {
        isSecond = !isSecond;
        const std::int64_t instant = line[cut - 1].ms + (line[cut].ms - line[cut - 1].ms) / 2;
        out.segments.push_back({instant, isSecond ? second->centreMs : peak.centreMs});
    }
    out.pairs = pairsOf(sides, votes, peak.first, peak.last);
    const auto more = pairsOf(sides, votes, second->first, second->last);
    out.pairs.insert(out.pairs.end(), more.begin(), more.end());
    weighed.weight = peak.weight + second->weight;
    return true;
}

struct Point {
    double hours;
    double shiftMs;
};

// The slope (ms an hour) that half of all pairs of points lie above (Theil 1950, Sen 1968).
double medianSlope(const std::vector<Point>& points) {
    std::vector<double> slopes;
    for (std::size_t i = 0; i < points.size(); ++i)
        for (std::size_t j = i + 1; j < points.size(); ++j)
            if (points[j].hours > points[i].hours)
                slopes.push_back((points[j].shiftMs - points[i].shiftMs) / (points[j].hours - points[i].hours));
    if (slopes.empty()) return 0;
    std::ranges::nth_element(slopes, slopes.begin() + static_cast<std::ptrdiff_t>(slopes.size() / 2));
    return slopes[slopes.size() / 2];
}

double hoursAt(const Sides& sides, const Vote& vote, std::int64_t originMs) {
    return static_cast<double>(sides.theirs.start[vote.theirs] - originMs) / 3'600'000.0;
}

// The peaks of slices of equal size along the time.
std::vector<Point> slicePeaks(const Sides& sides, std::vector<Vote> votes, std::int64_t originMs) {
    constexpr std::size_t slices = 32;
    constexpr std::size_t fewestVotes = 4;
    std::ranges::sort(votes, {}, [&](const Vote& vote) { return std::pair(sides.theirs.start[vote.theirs], vote); });
    const std::size_t size = std::max(fewestVotes, votes.size() / slices);
    std::vector<Point> out;
    for (std::size_t first = 0; first + size <= votes.size(); first += size) {
        std::vector<Vote> slice(votes.begin() + static_cast<std::ptrdiff_t>(first),
                                votes.begin() + static_cast<std::ptrdiff_t>(first + size));
        std::ranges::sort(slice);
        const auto peak = heaviestPeak(slice);
        double hours = 0;
        for (std::size_t v = peak->first; v < peak->last; ++v)
            hours += hoursAt(sides, slice[v], originMs);
        out.push_back({hours / static_cast<double>(peak->last - peak->first), static_cast<double>(peak->centreMs)});
    }
    return out;
}

std::vector<Vote> withoutDrift(const Sides& sides, std::vector<Vote> votes, double slope, std::int64_t originMs) {
    for (Vote& vote : votes)
        vote.deltaMs -= std::llround(slope * hoursAt(sides, vote, originMs));
    std::ranges::sort(votes);
    return votes;
}

// The slope of the line through the votes of a peak, by least squares.
double fittedSlope(const Sides& sides, const std::vector<Vote>& votes, const Peak& peak, std::int64_t originMs) {
    double n = 0, x = 0, y = 0, xx = 0, xy = 0;
    for (std::size_t v = peak.first; v < peak.last; ++v) {
        const double hours = hoursAt(sides, votes[v], originMs);
        const auto shift = static_cast<double>(votes[v].deltaMs - peak.centreMs);
        n += 1, x += hours, y += shift, xx += hours * hours, xy += hours * shift;
    }
    const double spread = n * xx - x * x;
    return spread > 0 ? (n * xy - x * y) / spread : 0;
}

// A shift that moves slowly: along a line the votes come together that a constant leaves apart.
bool findDrift(const Sides& sides, const std::vector<Vote>& votes, const Peak& constant, Weighed& weighed) {
    const auto wide = heaviestPeak(votes, 0, -1, driftSpanMs);
    const std::uint64_t constantWeight = constant.weight;
    if (!wide || wide->weight < enoughWeight || wide->weight * 2 < constantWeight * 3) return false;
    const std::vector<Vote> near(votes.begin() + static_cast<std::ptrdiff_t>(wide->first),
                                 votes.begin() + static_cast<std::ptrdiff_t>(wide->last));
    // From the first call of all, so that what the clock was off by then is its offset and no part of the drift.
    std::int64_t origin = INT64_MAX, earliest = INT64_MAX, latest = INT64_MIN;
    for (const Vote& vote : votes)
        origin = std::min(origin, sides.theirs.start[vote.theirs]);
    for (const Vote& vote : near) {
        earliest = std::min(earliest, sides.theirs.start[vote.theirs]);
        latest = std::max(latest, sides.theirs.start[vote.theirs]);
    }
    double slope = medianSlope(slicePeaks(sides, near, origin));
    std::vector<Vote> straight = withoutDrift(sides, near, slope, origin);
    for (int round = 0; round < 3; ++round) {
        slope += fittedSlope(sides, straight, *heaviestPeak(straight), origin);
        straight = withoutDrift(sides, near, slope, origin);
    }
    const auto peak = heaviestPeak(straight);
    const double movedMs = std::abs(slope) * static_cast<double>(latest - earliest) / 3'600'000.0;
    if (movedMs < 2 * measurementMs || peak->weight * 2 < constantWeight * 3) return false;
    if (!isBelieved(*peak, rivalOf(straight, *peak))) return false;
    ClockFinding& out = weighed.finding;
    out.driftMsPerHour = slope;
    out.driftOriginMs = origin;
    // A clock that drifts may jump as well: straightened, what lies before and after has a peak each.
    const std::vector<Vote> all = withoutDrift(sides, votes, slope, origin);
    if (findJump(sides, all, *heaviestPeak(all), weighed)) return true;
    weighed.weight = peak->weight;
    out.segments = {{INT64_MIN, peak->centreMs}};
    out.pairs = pairsOf(sides, straight, peak->first, peak->last);
    return true;
}

Weighed findFor(const Sides& sides, const SharedGroups& groups, const std::vector<IdPair>& byId, Anchor anchor,
                std::size_t threads) {
    const std::vector<Vote> votes = collectVotes(sides, groups, anchor, byId, threads);
    Weighed out;
    out.finding.anchor = anchor;
    out.finding.segments = {ClockSegment{}};
    for (const Vote& vote : votes)
        out.cast += vote.weight;
    const auto heaviest = heaviestPeak(votes);
    if (!heaviest) return out;
    if (findJump(sides, votes, *heaviest, out) || findDrift(sides, votes, *heaviest, out)) return out;
    const Peak peak = preferAgreement(votes, *heaviest);
    const bool nearZero = std::abs(peak.centreMs) <= 2 * peakWidthMs;
    if (!isBelieved(peak, nearZero ? 0 : rivalOf(votes, peak))) return out;
    out.weight = peak.weight;
    out.finding.segments.front().shiftMs = peak.centreMs;
    out.finding.pairs = pairsOf(sides, votes, peak.first, peak.last);
    return out;
}

}  // namespace

// Start against start, unless another pair of instants agrees clearly better.
ClockFinding findClock(const Sides& sides, const SharedGroups& groups, const std::vector<IdPair>& byId,
                       std::size_t threads) {
    Weighed best = findFor(sides, groups, byId, Anchor::startToStart, threads);
    // With nine tenths of all votes together no other pair of instants can agree clearly better.
    if (best.weight * 10 >= best.cast * 9) return best.finding;
    const auto tryOther = [&](Anchor anchor) {
        Weighed other = findFor(sides, groups, byId, anchor, threads);
        if (other.weight > best.weight * 13 / 10 + fullVote) best = std::move(other);
    };
    if (statesAnswers(sides.ours)) tryOther(Anchor::startToAnswer);
    if (statesAnswers(sides.theirs)) tryOther(Anchor::answerToStart);
    return best.finding;
}

}  // namespace meetpoint::reconcile
