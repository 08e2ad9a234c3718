#include "reconcile/votes.h"

#include <algorithm>
#include <numeric>
#include <span>

#include "base/parallel.h"

namespace meetpoint::reconcile {
namespace {

// So many of our calls of one number pair vote; more of them add nothing but time.
constexpr std::size_t votersOfOnePair = 64;
// So many calls of the other side does each of them consider.
constexpr std::size_t choicesOfOneVoter = 20'000;
// Above this number of voters, or of votes, whole number pairs are left out, by their hash: more voters show nothing
// that these do not.
constexpr std::size_t manyVoters = 500'000;
constexpr std::size_t manyVotes = 4'000'000;

std::int64_t ourInstant(const Side& ours, std::uint32_t row, Anchor anchor) {
    if (anchor == Anchor::startToAnswer && ours.answered[row] && ours.answer(row) != noTime) return ours.answer(row);
    return ours.start[row];
}

std::int64_t theirInstant(const Side& theirs, std::uint32_t row, Anchor anchor) {
    if (anchor == Anchor::answerToStart && theirs.answered[row] && theirs.answer(row) != noTime)
        return theirs.answer(row);
    return theirs.start[row];
}

// How much the two durations speak for the same call. Ringing may be counted, and figures be rounded up to a minute.
std::uint32_t likeness(const Side& ours, std::uint32_t i, const Side& theirs, std::uint32_t j) {
    if (ours.answered[i] != theirs.answered[j]) return 2;
    std::int64_t gap = theirs.duration[j] - ours.duration[i];
    if (ours.end(i) != noTime) {
        const std::int64_t whole = theirs.duration[j] - (ours.end(i) - ours.start[i]);
        if (std::abs(whole) < std::abs(gap) && theirs.duration[j] > 0) gap = whole;
    }
    if (theirs.duration[j] == 0 && ours.duration[i] == 0) return 30;
    if (std::abs(gap) <= measurementMs) return 100;
    if (std::abs(gap) <= 7'000) return 40;
    return gap >= -65'000 && gap <= 185'000 ? 15 : 1;
}

class Collector {
public:
    Collector(const Sides& sides, Anchor anchor) : sides_(sides), anchor_(anchor) {}

    void group(std::span<const Keyed> ours, std::span<const Keyed> theirs) {
        const std::size_t voters = std::min(ours.size(), votersOfOnePair);
        const std::size_t choices = std::min(theirs.size(), choicesOfOneVoter);
        for (std::size_t v = 0; v < voters; ++v) {
            const std::uint32_t i = ours[v * ours.size() / voters].row;
            const std::size_t before = votes_.size();
            std::uint64_t total = 0;
            for (std::size_t c = 0; c < choices; ++c) {
                const std::uint32_t j = theirs[c * theirs.size() / choices].row;
                const std::uint32_t weight = likeness(sides_.ours, i, sides_.theirs, j);
                // Where many compete, only like durations say anything.
                if (weight < 15 && theirs.size() > 1) continue;
                total += weight;
                vote(i, j, weight);
            }
            share(before, total);
        }
    }
    void vote(std::uint32_t i, std::uint32_t j, std::uint32_t weight) {
        const std::int64_t delta = theirInstant(sides_.theirs, j, anchor_) - ourInstant(sides_.ours, i, anchor_);
        if (std::abs(delta) <= mostShiftMs) votes_.push_back({delta, i, j, weight});
    }
    void reserve(std::size_t votes) { reserveLarge(votes_, votes); }
    std::vector<Vote> take() { return std::move(votes_); }

private:
    // Splits one full vote in proportion; a lone choice that is unlike keeps its small weight.
    void share(std::size_t first, std::uint64_t total) {
        for (std::size_t v = first; v < votes_.size(); ++v)
            votes_[v].weight = static_cast<std::uint32_t>(std::uint64_t{votes_[v].weight} * fullVote /
                                                          std::max<std::uint64_t>(total, 100));
    }

    const Sides& sides_;
    Anchor anchor_;
    std::vector<Vote> votes_;
};

// Cuts what both sides have between two numbers into the groups that vote.
class VotingGroups {
public:
    explicit VotingGroups(const Sides& sides) : sides_(sides) {}

    template <class Visit>
    void forEach(std::span<const GroupedRow> ours, std::span<const GroupedRow> theirs, Visit visit) {
        const auto keyOf = [this](const Side& side) {
            return [this, &side](std::uint32_t row) -> std::uint64_t {
                const bool votes = side.isCall(row) && side.own[row] != 0 && side.far[row] != 0;
                return votes ? pairKey(side, row, sides_.hiddenDigits) : 0;
            };
        };
        keyRows(ours, keyOf(sides_.ours), ours_);
        if (!ours_.empty()) keyRows(theirs, keyOf(sides_.theirs), theirs_), forEachCommonKey(ours_, theirs_, visit);
    }

private:
    const Sides& sides_;
    std::vector<Keyed> ours_, theirs_;
};

// One in `stride` groups votes: all of them, unless there would be too many. `most` says how many votes a piece of the
// groups can have at most if all do.
struct VotingPlan {
    std::uint64_t stride = 1;
    std::vector<std::size_t> most;
};
VotingPlan planOf(const SharedGroups& groups, std::size_t threads) {
    VotingPlan plan{1, std::vector<std::size_t>(groups.pieces(), 0)};
    std::vector<std::size_t> voters(groups.pieces(), 0);
    inParallel(threads, groups.pieces(), [&](std::size_t piece) {
        groups.forEach(piece, [&](std::span<const GroupedRow> ours, std::span<const GroupedRow> theirs) {
            const std::size_t ofGroup = std::min(ours.size(), votersOfOnePair);
            voters[piece] += ofGroup;
            plan.most[piece] += ofGroup * std::min(theirs.size(), choicesOfOneVoter);
        });
    });
    const auto sum = [](const std::vector<std::size_t>& of) {
        return std::accumulate(of.begin(), of.end(), std::size_t{0});
    };
    plan.stride = std::max(sum(voters) / manyVoters, sum(plan.most) / manyVotes) + 1;
    return plan;
}

}  // namespace

std::vector<Vote> collectVotes(const Sides& sides, const SharedGroups& groups, Anchor anchor,
                               const std::vector<IdPair>& byId, std::size_t threads) {
    const VotingPlan plan = planOf(groups, threads);
    std::vector<std::vector<Vote>> found(groups.pieces() + 1);
    inParallel(threads, groups.pieces(), [&](std::size_t piece) {
        Collector collector(sides, anchor);
        collector.reserve(plan.most[piece] / plan.stride);
        VotingGroups voting(sides);
        groups.forEach(piece, [&](std::span<const GroupedRow> ours, std::span<const GroupedRow> theirs) {
            if ((ours.front() >> 32) % plan.stride != 0) return;
            voting.forEach(ours, theirs,
                           [&](std::span<const Keyed> a, std::span<const Keyed> b) { collector.group(a, b); });
        });
        found[piece] = collector.take();
    });
    Collector collector(sides, anchor);
    const std::size_t idStride = byId.size() / manyVoters + 1;
    collector.reserve(byId.size() / idStride + 1);
    for (std::size_t i = 0; i < byId.size(); i += idStride)
        if (byId[i].alone) collector.vote(byId[i].ours, byId[i].theirs, fullVote);
    found.back() = collector.take();
    std::size_t count = 0;
    for (const auto& part : found)
        count += part.size();
    std::vector<Vote> votes;
    reserveLarge(votes, count);
    for (auto& part : found) {
        votes.insert(votes.end(), part.begin(), part.end());
        part = {};
    }
    // Those of one difference may stand in any order: whoever needs another sorts them.
    sortByNumberInPlace(
        std::span(votes), [](const Vote& vote) { return inUnsignedOrder(vote.deltaMs); }, threads);
    return votes;
}

std::optional<Peak> heaviestPeak(const std::vector<Vote>& votes, std::int64_t exceptMs, std::int64_t exceptWithinMs,
                                 std::int64_t widthMs) {
    std::optional<Peak> best;
    std::uint64_t weight = 0;
    std::size_t last = 0;
    for (std::size_t first = 0; first < votes.size();) {
        while (last < votes.size() && votes[last].deltaMs <= votes[first].deltaMs + widthMs)
            weight += votes[last++].weight;
        const std::int64_t middle = (votes[first].deltaMs + votes[last - 1].deltaMs) / 2;
        const bool allowed = std::abs(middle - exceptMs) > exceptWithinMs;
        const bool better =
            !best || weight > best->weight || (weight == best->weight && std::abs(middle) < std::abs(best->centreMs));
        if (allowed && better) best = Peak{middle, weight, first, last};
        // Among votes of one difference the first has all that the others have.
        for (const std::int64_t delta = votes[first].deltaMs; first < votes.size() && votes[first].deltaMs == delta;)
            weight -= votes[first++].weight;
    }
    if (best) *best = peakAt(votes, best->centreMs, widthMs);
    return best;
}

Peak peakAt(const std::vector<Vote>& votes, std::int64_t centreMs, std::int64_t widthMs) {
    const auto from = std::ranges::lower_bound(votes, centreMs - widthMs / 2, {}, &Vote::deltaMs);
    const auto to = std::ranges::upper_bound(votes, centreMs + widthMs / 2, {}, &Vote::deltaMs);
    Peak peak{centreMs, 0, static_cast<std::size_t>(from - votes.begin()),
              static_cast<std::size_t>(to - votes.begin())};
    for (auto it = from; it != to; ++it)
        peak.weight += it->weight;
    std::uint64_t half = 0;
    for (auto it = from; it != to; ++it) {
        half += it->weight;
        if (half * 2 >= peak.weight) {
            peak.centreMs = it->deltaMs;
            break;
        }
    }
    return peak;
}

}  // namespace meetpoint::reconcile
