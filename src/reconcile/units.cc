#include "reconcile/units.h"

#include <algorithm>
#include <cmath>

namespace meetpoint::reconcile {
namespace {

// So many talks of a side are looked at, spread over all of them.
constexpr std::size_t mostSampled = 20'000;
// Fewer talks show nothing.
constexpr std::size_t fewestTalks = 6;
// A side whose usual talk differs from the other's by less than this is in the right unit: the geometric mean of 1
// and 60.
constexpr double leastRatio = 7.75;

// Between minutes, seconds and milliseconds.
constexpr UnitFactor units[] = {{60'000, 1}, {1'000, 1}, {60, 1}, {1, 60}, {1, 1'000}, {1, 60'000}};
// Figures that are set right may still be rounded to so much.
constexpr std::int64_t mostStepMs = 60'000;

double ratioOf(const UnitFactor& unit) {
    return static_cast<double>(unit.multiply) / static_cast<double>(unit.divide);
}

// The median of the side's talks, ms; 0 where they are too few.
std::int64_t usualTalk(const Side& side) {
    std::vector<std::int64_t> talks;
    const std::size_t stride = side.size() / mostSampled + 1;
    for (std::size_t row = 0; row < side.size(); row += stride)
        if (side.duration[row] > 0 && side.isCall(row)) talks.push_back(side.duration[row]);
    if (talks.size() < fewestTalks) return 0;
    const auto middle = talks.begin() + static_cast<std::ptrdiff_t>(talks.size() / 2);
    std::ranges::nth_element(talks, middle);
    return *middle;
}

// The unit that would bring the two medians closest together.
std::optional<UnitFactor> likelyUnit(const Sides& sides) {
    const std::int64_t ours = usualTalk(sides.ours), theirs = usualTalk(sides.theirs);
    if (ours == 0 || theirs == 0) return std::nullopt;
    const double ratio = static_cast<double>(ours) / static_cast<double>(theirs);
    if (ratio < leastRatio && ratio > 1 / leastRatio) return std::nullopt;
    const auto apart = [&](const UnitFactor& unit) { return std::abs(std::log(ratio / ratioOf(unit))); };
    return *std::ranges::min_element(units, {}, apart);
}

// Counts their talks for which one of ours between the same two numbers is as long, read as they stand and converted.
class Evidence {
public:
    Evidence(const Sides& sides, const UnitFactor& unit) : sides_(sides), unit_(unit) {}

    void add(std::span<const GroupedRow> ours, std::span<const GroupedRow> theirs) {
        lengths_.clear();
        for (const GroupedRow grouped : ours) {
            const std::uint32_t row = rowOf(grouped);
            const Side& side = sides_.ours;
            if (!side.isCall(row) || side.duration[row] <= 0) continue;
            lengths_.push_back(side.duration[row]);
            // As one would count who counts the ringing.
            if (side.statesEnd(row)) lengths_.push_back(side.endAfter[row]);
        }
        if (lengths_.empty()) return;
        std::ranges::sort(lengths_);
        for (const GroupedRow grouped : theirs) {
            const std::uint32_t row = rowOf(grouped);
            const std::int64_t stated = sides_.theirs.duration[row];
            if (!sides_.theirs.isCall(row) || stated <= 0) continue;
            ++talks_;
            asStated_ += isLikeOne(stated, 0) ? 1 : 0;
            converted_ += isLikeOne(unit_.apply(stated), mostStepMs) ? 1 : 0;
        }
    }

    bool isShown() const {
        return converted_ >= fewestTalks && converted_ * 2 >= talks_ && asStated_ * 4 <= converted_;
    }

private:
    bool isLikeOne(std::int64_t ms, std::int64_t stepMs) const {
        const std::int64_t slack = measurementMs + stepMs;
        const auto near = std::ranges::lower_bound(lengths_, ms - slack);
        return near != lengths_.end() && *near <= ms + slack;
    }

    const Sides& sides_;
    const UnitFactor unit_;
    std::vector<std::int64_t> lengths_;
    std::size_t talks_ = 0, asStated_ = 0, converted_ = 0;
};

}  // namespace

std::optional<UnitFactor> findUnit(const Sides& sides, const SharedGroups& groups) {
    const auto unit = likelyUnit(sides);
    if (!unit) return std::nullopt;
    Evidence evidence(sides, *unit);
    for (std::size_t piece = 0; piece < groups.pieces(); ++piece)
        groups.forEach(piece, [&](std::span<const GroupedRow> ours, std::span<const GroupedRow> theirs) {
            evidence.add(ours, theirs);
        });
    return evidence.isShown() ? unit : std::nullopt;
}

void convertDurations(Side& side, const UnitFactor& unit) {
    side.stated = side.duration;
    for (std::size_t row = 0; row < side.size(); ++row)
        side.duration.set(row, unit.apply(side.duration[row]));
}

}  // namespace meetpoint::reconcile
