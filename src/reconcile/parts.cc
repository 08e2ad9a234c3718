#include "reconcile/parts.h"

#include <algorithm>
#include <functional>
#include <span>

namespace meetpoint::reconcile {
namespace {

// One record ends and the next begins within so much, either way by a second of measurement.
constexpr std::int64_t mostGapMs = 2'000;
// The whole record starts so close to the first part.
constexpr std::int64_t startWindowMs = 5'000;
constexpr std::size_t mostParts = 64;
constexpr std::int64_t longestRingMs = 180'000;

template <class Key>
std::vector<Keyed> talks(const Side& side, const Key& keyOf) {
    std::vector<Keyed> out;
    for (std::uint32_t row = 0; row < side.size(); ++row) {
        if (!side.isCall(row) || side.duration[row] <= 0) continue;
        const std::uint64_t key = keyOf(side, row);
        if (key != 0) out.push_back({key, row});
    }
    std::ranges::sort(out);
    return out;
}

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
    if (side.end[row] != noTime && adjacent(side.end[row])) return Link::adjacent;
    if (adjacent(side.start[row] + side.duration[row], lostMs)) return Link::adjacent;
    if (side.answer[row] != noTime)
        return adjacent(side.answer[row] + side.duration[row], lostMs) ? Link::adjacent : Link::none;
    const std::int64_t gap = side.start[next] - side.start[row] - side.duration[row];
    const bool ringing = isFirst && side.end[row] == noTime && gap > 0 && gap <= longestRingMs;
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
                side_.duration[head] += side_.duration[row];
                side_.measured[head] += side_.measured[row];
                if (side_.end[row] != noTime) side_.end[head] = side_.end[row];
                side_.join(head, row, Role::part);
            }
            return count;
        }
        return 1;
    }

    bool isSummedUp(std::span<const Keyed> chain, std::span<const Keyed> others) const {
        std::int64_t sum = 0;
        std::int64_t longest = 0;
        for (const Keyed& part : chain) {
            sum += side_.measured[part.row];
            longest = std::max(longest, side_.measured[part.row]);
        }
        const std::int64_t at = side_.at[chain.front().row];
        const auto slack = static_cast<std::int64_t>(chain.size()) * measurementMs;
        const auto first = std::ranges::lower_bound(others, at - startWindowMs, {},
                                                    [&](const Keyed& one) { return other_.at[one.row]; });
        for (auto it = first; it != others.end() && other_.at[it->row] <= at + startWindowMs; ++it) {
            const std::int64_t whole = other_.measured[it->row];
            // A part that was rounded up may itself be longer than the whole.
            if (whole <= longest - overlapMs_ + 2 * measurementMs) continue;
            const bool endDecides = rang_ || std::max(lostMs_, overlapMs_) > measurementMs;
            if (endDecides && !endsWith(chain.back().row, it->row, slack)) continue;
            if (std::abs(whole - sum) <= slack ||
                agreesRounded(sum, whole, static_cast<std::int64_t>(chain.size()), slack))
                return true;
        }
        return false;
    }

    // The last part ends when the whole record does.
    bool endsWith(std::uint32_t last, std::uint32_t whole, std::int64_t slack) const {
        if (other_.end[whole] == noTime) return false;
        const std::int64_t step = calibration_.rounding ? calibration_.rounding->step.ms : 0;
        const std::int64_t gap = side_.at[last] + side_.duration[last] - other_.end[whole];
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

using KeyOf = std::function<std::uint64_t(const Side&, std::uint32_t)>;

// Chains are made of records that agree in all of their own numbers; the whole record is looked for by `keyOf`.
void joinSide(Side& side, const Side& other, const KeyOf& keyOf, const Calibration& calibration) {
    auto rows = talks(side, [](const Side& one, std::uint32_t row) { return mix(one.own[row], one.far[row]) | 1; });
    auto others = talks(other, keyOf);
    // Shifted times of one side may be in another order than its own.
    std::ranges::sort(others, {}, [&](const Keyed& one) { return std::tuple(one.key, other.at[one.row], one.row); });
    Joiner joiner(side, other, calibration);
    for (std::size_t first = 0; first < rows.size();) {
        std::size_t last = first + 1;
        while (last < rows.size() && rows[last].key == rows[first].key)
            ++last;
        const auto group = std::span(rows).subspan(first, last - first);
        first = last;
        const std::uint64_t key = group.size() > 1 ? keyOf(side, group.front().row) : 0;
        if (key == 0) continue;
        const auto range = std::ranges::equal_range(others, key, {}, &Keyed::key);
        if (!range.empty()) joiner.group(group, std::span(range.begin(), range.end()));
    }
}

}  // namespace

void joinPartialRecords(Sides& sides, const Calibration& calibration) {
    // Without the direction: the two sides may mean the opposite by it.
    const KeyOf byNumbers = [&](const Side& side, std::uint32_t row) -> std::uint64_t {
        if (side.own[row] == 0 || side.far[row] == 0) return 0;
        return mix(side.own[row], readablePart(side.far[row], sides.hiddenDigits)) | 1;
    };
    // Without the own number: one side may name the number shown instead.
    const KeyOf byFarEnd = [&](const Side& side, std::uint32_t row) -> std::uint64_t {
        return side.far[row] == 0 ? 0 : readablePart(side.far[row], sides.hiddenDigits);
    };
    for (const KeyOf& key : {byNumbers, byFarEnd}) {
        joinSide(sides.theirs, sides.ours, key, calibration);
        joinSide(sides.ours, sides.theirs, key, calibration);
    }
}

}  // namespace meetpoint::reconcile
