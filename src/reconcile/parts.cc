#include "reconcile/parts.h"

#include <algorithm>
#include <span>
#include <unordered_set>

#include "base/parallel.h"
#include "reconcile/match.h"

namespace meetpoint::reconcile {
namespace {

// One record ends and the next begins within so much, either way by a second of measurement.
constexpr std::int64_t mostGapMs = 2'000;
// The whole record starts so close to the first part.
constexpr std::int64_t startWindowMs = 5'000;
constexpr std::size_t mostParts = 64;
constexpr std::int64_t longestRingMs = 180'000;

enum class Link : std::uint8_t { none, adjacent, afterRinging };

// Whether `next` begins where `row` ends. A first part that states a start but neither answer nor end may have rung
// before it was talked: its end is then known only within the ringing, and the whole record must confirm the last end.
// Rounding up may let a part overlap the next by `overlapMs`, rounding down leave `lostMs` between them.
Link linkOf(const Side& side, std::uint32_t row, std::uint32_t next, bool isFirst, std::int64_t overlapMs,
            std::int64_t lostMs) {
    const auto adjacent = [&](std::int64_t end, std::int64_t lost = 0) {
        const std::int64_t gap = side.start[next] - end;
        return gap >= -measurementMs - overlapMs && gap <= mostGapMs + lost;
    };
    if (side.far[row] != side.far[next] || side.direction[row] != side.direction[next]) return Link::none;
    if (side.statesEnd(row) && adjacent(side.end(row))) return Link::adjacent;
    if (adjacent(side.start[row] + side.duration[row], lostMs)) return Link::adjacent;
    if (side.statesAnswer(row))
        return adjacent(side.answer(row) + side.duration[row], lostMs) ? Link::adjacent : Link::none;
    const std::int64_t gap = side.start[next] - side.start[row] - side.duration[row];
    const bool ringing = isFirst && !side.statesEnd(row) && gap > 0 && gap <= longestRingMs;
    return ringing ? Link::afterRinging : Link::none;
}

class Joiner {
public:
    Joiner(Side& side, const Side& other, const Calibration& calibration)
        : side_(side), other_(other), calibration_(calibration) {
        if (!side.ours && calibration.rounding && calibration.rounding->mode != RoundingMode::down)
            overlapMs_ = calibration.rounding->step.ms;
        if (!side.ours && calibration.rounding && calibration.rounding->mode != RoundingMode::up)
            lostMs_ = calibration.rounding->step.ms;
    }

    // Whether any of the rows, in order of time, could be joined to the one before it.
    bool hasChain(std::span<const Keyed> rows) const {
        for (std::size_t i = 1; i < rows.size(); ++i)
            if (linkOf(side_, rows[i - 1].row, rows[i].row, true, overlapMs_, lostMs_) != Link::none) return true;
        return false;
    }

    // `rows` of this side and `others` of the other side have one key and are in order of time.
    void group(std::span<const Keyed> rows, std::span<const Keyed> others) {
        for (std::size_t first = 0; first + 1 < rows.size();) {
            std::size_t last = first + 1;
            rang_ = false;
            while (last < rows.size() && last - first < mostParts) {
                const Link link =
                    linkOf(side_, rows[last - 1].row, rows[last].row, last == first + 1, overlapMs_, lostMs_);
                if (link == Link::none) break;
                rang_ = rang_ || link == Link::afterRinging;
                ++last;
            }
            first += last - first > 1 ? joinFrom(rows.subspan(first, last - first), others) : 1;
        }
    }

private:
    // The longest beginning of the chain that some record of the other side sums up. Gives how many rows are settled.
    std::size_t joinFrom(std::span<const Keyed> chain, std::span<const Keyed> others) {
        for (std::size_t count = chain.size(); count > 1; --count) {
            if (!isSummedUp(chain.first(count), others)) continue;
            const std::uint32_t head = chain.front().row;
            for (std::size_t part = 1; part < count; ++part) {
                const std::uint32_t row = chain[part].row;
                side_.joinTalk(head, row, side_.transferorId(row) != 0 ? Role::onward : Role::part);
            }
            return count;
        }
        return 1;
    }

    // Those of `others` that began within so much of the instant, the nearest where they are many.
    std::span<const Keyed> beside(std::span<const Keyed> others, std::int64_t at, std::int64_t windowMs) const {
        const auto placeOf = [&](std::int64_t instant) {
            const auto place =
                std::ranges::lower_bound(others, instant, {}, [&](const Keyed& one) { return other_.at(one.row); });
            return static_cast<std::size_t>(place - others.begin());
        };
        const auto [first, last] = nearestOf(placeOf(at - windowMs), placeOf(at), placeOf(at + windowMs + 1));
        return others.subspan(first, last - first);
    }

    bool isSummedUp(std::span<const Keyed> chain, std::span<const Keyed> others) const {
        std::int64_t sum = 0;
        std::int64_t longest = 0;
        for (const Keyed& part : chain) {
            sum += side_.measured[part.row];
            longest = std::max(longest, side_.measured[part.row]);
            if (part != chain.front() && hasCounterpart(part.row, others)) return false;
        }
        const std::int64_t at = side_.at(chain.front().row);
        const auto slack = static_cast<std::int64_t>(chain.size()) * measurementMs;
        for (const Keyed& one : beside(others, at, startWindowMs)) {
            const std::int64_t whole = other_.measured[one.row];
            // A part that was rounded up may itself be longer than the whole.
            if (whole <= longest - overlapMs_ + 2 * measurementMs) continue;
            const bool endDecides = rang_ || std::max(lostMs_, overlapMs_) > measurementMs;
            if (endDecides && !endsWith(chain.back().row, one.row, slack)) continue;
            if (std::abs(whole - sum) <= slack ||
                agreesRounded(sum, whole, static_cast<std::int64_t>(chain.size()), slack))
                return true;
        }
        return false;
    }

    // A record that one of the other side begins and ends with is a call of its own.
    bool hasCounterpart(std::uint32_t row, std::span<const Keyed> others) const {
        for (const Keyed& one : beside(others, side_.at(row), mostGapMs)) {
            const std::int64_t here = side_.measured[row], there = other_.measured[one.row];
            if ((side_.ours ? durationGap(calibration_, here, there) : durationGap(calibration_, there, here)) == 0)
                return true;
        }
        return false;
    }

    // The last part ends when the whole record does.
    bool endsWith(std::uint32_t last, std::uint32_t whole, std::int64_t slack) const {
        if (!other_.statesEnd(whole)) return false;
        const std::int64_t step = calibration_.rounding ? calibration_.rounding->step.ms : 0;
        const std::int64_t gap = side_.at(last) + side_.duration[last] - other_.end(whole);
        return std::abs(gap) <= slack + step;
    }

    bool agreesRounded(std::int64_t sum, std::int64_t whole, std::int64_t parts, std::int64_t slack) const {
        if (!calibration_.rounding) return false;
        if (side_.ours) return calibration_.rounding->distance(sum, whole, slack) == 0;
        // Their parts are rounded one by one.
        const std::int64_t step = calibration_.rounding->step.ms;
        const bool up = calibration_.rounding->mode != RoundingMode::down;
        const bool down = calibration_.rounding->mode != RoundingMode::up;
        return sum - whole >= -slack - (down ? parts * step : 0) && sum - whole <= slack + (up ? parts * step : 0);
    }

    Side& side_;
    const Side& other_;
    const Calibration& calibration_;
    std::int64_t overlapMs_ = 0;
    std::int64_t lostMs_ = 0;
    bool rang_ = false;  // the chain at hand begins with ringing
};

bool isTalk(const Side& side, std::uint32_t row) {
    return side.isCall(row) && side.duration[row] > 0;
}

// Shifted times of one side may be in another order than its own.
void sortByTime(const Side& side, std::vector<Keyed>& rows) {
    const auto place = [&](const Keyed& one) { return std::tuple(one.key, side.at(one.row), one.row); };
    if (!std::ranges::is_sorted(rows, {}, place)) std::ranges::sort(rows, {}, place);
}

// Rows of one side that may be parts of one call: they agree in all of their own numbers, and one follows another.
using Chains = std::vector<std::vector<Keyed>>;
Chains chainsOf(const Side& side, const Joiner& joiner, std::span<const GroupedRow> rows, std::vector<Keyed>& room) {
    Chains chains;
    keyRows(
        rows, [&](std::uint32_t row) { return isTalk(side, row) ? mix(side.own[row], side.far[row]) | 1 : 0; }, room);
    forEachKey(room, [&](std::span<const Keyed> same) {
        if (joiner.hasChain(same)) chains.emplace_back(same.begin(), same.end());
    });
    return chains;
}

// The whole records are looked for between the same two numbers, without the direction: the two sides may mean the
// opposite by it.
void joinByNumbers(Side& side, const Side& other, const Sides& sides, const SharedGroups& groups,
                   const Calibration& calibration, std::size_t threads) {
    Joiner joiner(side, other, calibration);
    const auto keyOf = [&](const Side& of, std::uint32_t row) -> std::uint64_t {
        if (of.own[row] == 0 || of.far[row] == 0) return 0;
        return mix(of.own[row], readablePart(of.far[row], sides.hiddenDigits)) | 1;
    };
    struct Found {
        std::vector<Keyed> chain, others;
    };
    std::vector<std::vector<Found>> found(groups.pieces());
    inParallel(threads, groups.pieces(), [&](std::size_t piece) {
        std::vector<Keyed> room, others;
        groups.forEach(piece, [&](std::span<const GroupedRow> a, std::span<const GroupedRow> b) {
            const auto here = side.ours ? a : b, there = side.ours ? b : a;
            if (here.size() < 2) return;
            for (auto& chain : chainsOf(side, joiner, here, room)) {
                const std::uint64_t key = keyOf(side, chain.front().row);
                if (key == 0) continue;
                keyRows(
                    there, [&](std::uint32_t row) { return isTalk(other, row) && keyOf(other, row) == key ? key : 0; },
                    others);
                if (others.empty()) continue;
                sortByTime(other, others);
                found[piece].push_back({std::move(chain), others});
            }
        });
    });
    for (const auto& piece : found)
        for (const Found& one : piece)
            joiner.group(one.chain, one.others);
}

// The whole records are looked for by the far end alone: one side may name the number shown instead of its own.
void joinByFarEnd(Side& side, const Side& other, const Sides& sides, const SharedGroups& groups,
                  const Calibration& calibration, std::size_t threads) {
    Joiner joiner(side, other, calibration);
    const auto keyOf = [&](const Side& of, std::uint32_t row) -> std::uint64_t {
        return of.far[row] == 0 ? 0 : readablePart(of.far[row], sides.hiddenDigits);
    };
    std::vector<Chains> found(groups.pieces());
    inParallel(threads, groups.pieces(), [&](std::size_t piece) {
        std::vector<Keyed> room;
        groups.forEachOf(side, piece, [&](std::span<const GroupedRow> group) {
            if (group.size() < 2) return;
            for (auto& chain : chainsOf(side, joiner, group, room))
                if (keyOf(side, chain.front().row) != 0) found[piece].push_back(std::move(chain));
        });
    });
    Chains chains;
    for (Chains& piece : found)
        std::ranges::move(piece, std::back_inserter(chains));
    if (chains.empty()) return;
    std::unordered_set<std::uint64_t> wanted;
    for (const auto& chain : chains)
        wanted.insert(keyOf(side, chain.front().row));
    std::vector<Keyed> others;
    for (std::uint32_t row = 0; row < other.size(); ++row)
        if (isTalk(other, row) && wanted.contains(keyOf(other, row))) others.push_back({keyOf(other, row), row});
    sortByTime(other, others);
    for (const auto& chain : chains) {
        const auto range = std::ranges::equal_range(others, keyOf(side, chain.front().row), {}, &Keyed::key);
        if (!range.empty()) joiner.group(chain, std::span(range.begin(), range.end()));
    }
}

}  // namespace

void joinPartialRecords(Sides& sides, const SharedGroups& groups, const Calibration& calibration, std::size_t threads) {
    joinByNumbers(sides.theirs, sides.ours, sides, groups, calibration, threads);
    joinByNumbers(sides.ours, sides.theirs, sides, groups, calibration, threads);
    joinByFarEnd(sides.theirs, sides.ours, sides, groups, calibration, threads);
    joinByFarEnd(sides.ours, sides.theirs, sides, groups, calibration, threads);
}

}  // namespace meetpoint::reconcile
