#include "quality/distribution.h"

#include <cmath>

namespace meetpoint::quality {

double Distribution::middleOf(std::int32_t bucket) {
    if (bucket == zeroBucket) return 0;
    const auto low = std::bit_cast<float>(static_cast<std::uint32_t>(bucket) << shift);
    const auto high = std::bit_cast<float>(static_cast<std::uint32_t>(bucket + 1) << shift);
    return (static_cast<double>(low) + static_cast<double>(high)) / 2;
}

void Distribution::addBeside(float value) {
    if (!isExact_) return count(bucketOf(value), 1);
    values_.push_back(value);
    if (values_.size() > exactValues) moveToBuckets();
}

void Distribution::raiseLargest(float value) {
    if (isFigure(value)) largest_ = std::max(largest_, value);
}

void Distribution::count(std::int32_t bucket, std::uint32_t times) {
    constexpr std::int32_t bucketsPerDoubling = 1 << bucketBits;
    const auto size = static_cast<std::int32_t>(buckets_.size());
    if (bucket >= first_ && bucket < first_ + size) {
        buckets_[static_cast<std::size_t>(bucket - first_)] += times;
        return;
    }
    // Grows by whole doublings.
    const std::int32_t from = bucket / bucketsPerDoubling * bucketsPerDoubling, to = from + bucketsPerDoubling;
    if (buckets_.empty()) {
        first_ = from;
        buckets_.resize(static_cast<std::size_t>(bucketsPerDoubling));
    } else if (from < first_) {
        buckets_.insert(buckets_.begin(), static_cast<std::size_t>(first_ - from), 0);
        first_ = from;
    } else {
        buckets_.resize(static_cast<std::size_t>(to - first_));
    }
    buckets_[static_cast<std::size_t>(bucket - first_)] += times;
}

void Distribution::moveToBuckets() {
    if (!isExact_) return;
    isExact_ = false;
    for (const float value : values_)
        count(bucketOf(value), 1);
    values_ = {};
}

void Distribution::merge(const Distribution& other) {
    largest_ = std::max(largest_, other.largest_);
    if (other.count_ == 0) return;
    smallest_ = count_ == 0 ? other.smallest_ : std::min(smallest_, other.smallest_);
    count_ += other.count_;
    sum_ += other.sum_;
    if (!other.isExact_ || count_ > exactValues) moveToBuckets();
    if (isExact_) {
        values_.insert(values_.end(), other.values_.begin(), other.values_.end());
        return;
    }
    for (const float value : other.values_)
        count(bucketOf(value), 1);
    for (std::size_t i = 0; i < other.buckets_.size(); ++i)
        if (other.buckets_[i] > 0) count(other.first_ + static_cast<std::int32_t>(i), other.buckets_[i]);
}

double Distribution::sum() const {
    return static_cast<double>(sum_) / unitsOfOne;
}

std::optional<double> Distribution::average() const {
    return count_ == 0 ? std::nullopt : std::optional(sum() / static_cast<double>(count_));
}

std::optional<double> Distribution::smallest() const {
    return count_ == 0 ? std::nullopt : std::optional(static_cast<double>(smallest_));
}

std::optional<double> Distribution::largest() const {
    return count_ == 0 ? std::nullopt : std::optional(static_cast<double>(largest_));
}

std::optional<double> Distribution::percentile(double percent) const {
    if (count_ == 0) return std::nullopt;
    const double wanted = std::ceil(percent / 100 * static_cast<double>(count_));
    const auto rank = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(wanted), 1, count_);
    if (isExact_) {
        std::vector<float> sorted = values_;
        const auto at = sorted.begin() + static_cast<std::ptrdiff_t>(rank - 1);
        std::nth_element(sorted.begin(), at, sorted.end());
        return static_cast<double>(*at);
    }
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
        seen += buckets_[i];
        if (seen < rank) continue;
        return std::clamp(middleOf(first_ + static_cast<std::int32_t>(i)), static_cast<double>(smallest_),
                          static_cast<double>(largest_));
    }
    return static_cast<double>(largest_);
}

Distribution::Parts Distribution::parts() const {
    Parts parts{.count = count_,
                .sumHigh = static_cast<std::int64_t>(sum_ >> 64),
                .sumLow = static_cast<std::uint64_t>(sum_),
                .smallest = smallest_,
                .largest = largest_,
                .isExact = isExact_,
                .points = {}};
    std::vector<float> sorted = values_;
    std::ranges::sort(sorted);
    for (const float value : sorted) {
        const auto at = std::bit_cast<std::int32_t>(value);
        if (parts.points.empty() || parts.points.back().at != at)
            parts.points.push_back({at, 1});
        else
            ++parts.points.back().times;
    }
    for (std::size_t i = 0; i < buckets_.size(); ++i)
        if (buckets_[i] > 0)
            parts.points.push_back({first_ + static_cast<std::int32_t>(i), static_cast<std::int32_t>(buckets_[i])});
    return parts;
}

bool Distribution::takePoint(const Point& point) {
    if (point.times < 1) return false;
    if (!isExact_) {
        if (point.at < zeroBucket || point.at > lastBucket) return false;
        count(point.at, static_cast<std::uint32_t>(point.times));
        return true;
    }
    const auto value = std::bit_cast<float>(point.at);
    if (!isFigure(value) || values_.size() + static_cast<std::size_t>(point.times) > exactValues) return false;
    values_.insert(values_.end(), static_cast<std::size_t>(point.times), value);
    return true;
}

std::optional<Distribution> Distribution::ofParts(const Parts& parts) {
    Distribution made;
    made.count_ = parts.count;
    made.sum_ = static_cast<Wide>(parts.sumHigh) << 64 | parts.sumLow;
    made.smallest_ = parts.smallest;
    made.largest_ = parts.largest;
    made.isExact_ = parts.isExact;
    std::uint64_t points = 0;
    std::int64_t before = INT64_MIN;
    for (const Point& point : parts.points) {
        if (point.at <= std::exchange(before, point.at) || !made.takePoint(point)) return std::nullopt;
        points += static_cast<std::uint64_t>(point.times);
    }
    if (points != parts.count || made.sum_ < 0 || static_cast<std::uint64_t>(made.sum_ >> mostUnitsBits) > points || !isFigure(parts.smallest) || !isFigure(parts.largest))
        return std::nullopt;
    return made;
}

}  // namespace meetpoint::quality
