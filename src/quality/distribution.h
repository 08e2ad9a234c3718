// What values a group has: how many, their sum and extremes, and percentiles. Merged in any order it gives the same, to
// the last bit.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

namespace meetpoint::quality {

class Distribution {
public:
    // Up to so many values are kept as they are, and percentiles are exact. More are counted in buckets, 64 for each
    // doubling of the value, and percentiles are off by at most this part of the value (a log-linear histogram, as
    // HdrHistogram's). Values below 2^-20 count as 0 there, above 2^30 as that.
    static constexpr std::size_t exactValues = 256;
    static constexpr double relativeError = 1.0 / 128;

    // A finite value that is not negative; others are left out.
    void add(float value) {
        if (!isFigure(value)) return;
        value += 0.0f;  // -0 is 0
        note(value);
        // Where values are many, nearly all fall among the buckets that are there.
        const auto at = static_cast<std::size_t>(bucketOf(value) - first_);
        if (at < buckets_.size())
            ++buckets_[at];
        else
            addBeside(value);
    }
    // A peak that is measured apart from the values (the highest jitter of a stream beside its mean): the largest value
    // is at least this.
    void raiseLargest(float value);
    void merge(const Distribution& other);

    std::uint64_t count() const { return count_; }
    bool isExact() const { return isExact_; }
    double sum() const;
    // Nothing where there is no value.
    std::optional<double> average() const;
    std::optional<double> smallest() const;
    std::optional<double> largest() const;
    // By nearest rank: the smallest value that at least `percent` percent of all are not above.
    std::optional<double> percentile(double percent) const;

    // Everything that it holds, for keeping: equal parts make equal distributions.
    struct Point {
        std::int32_t at = 0;  // exact: the bits of the value, a float; else its bucket
        std::int32_t times = 1;
        bool operator==(const Point&) const = default;
    };
    struct Parts {
        std::uint64_t count = 0;
        std::int64_t sumHigh = 0;
        std::uint64_t sumLow = 0;
        float smallest = 0, largest = 0;
        bool isExact = true;
        std::vector<Point> points;  // ascending
        bool operator==(const Parts&) const = default;
    };
    Parts parts() const;
    // Nothing where no distribution has such parts.
    static std::optional<Distribution> ofParts(const Parts& parts);

private:
    // Sums are whole numbers of 2^-30, so that no order of adding matters. A value above 2^66 counts as that in them, so
    // that a billion of them can be added.
    __extension__ typedef __int128 Wide;
    static constexpr double unitsOfOne = 0x1p30;
    static constexpr int mostUnitsBits = 96;  // of one value
    static constexpr float smallestCounted = 0x1p-20f, largestCounted = 0x1p30f, largestFloat = 3.40282347e38f;
    // A float that is not negative orders like its bits; their upper part is its bucket. What counts as 0 has one of
    // its own, right before the others.
    static constexpr int bucketBits = 6;  // of a float's fraction: 64 buckets for each doubling
    static constexpr int shift = 23 - bucketBits;
    static constexpr auto zeroBucket =
        static_cast<std::int32_t>(std::bit_cast<std::uint32_t>(smallestCounted) >> shift) - 1;
    static constexpr auto lastBucket = static_cast<std::int32_t>(std::bit_cast<std::uint32_t>(largestCounted) >> shift);

    static bool isFigure(float value) { return value >= 0 && value <= largestFloat; }
    static std::int32_t bucketOf(float value) {
        if (value < smallestCounted) return zeroBucket;
        return static_cast<std::int32_t>(std::bit_cast<std::uint32_t>(std::min(value, largestCounted)) >> shift);
    }
    static double middleOf(std::int32_t bucket);
    // Counts a value, but for its percentiles.
    void note(float value) {
        smallest_ = count_ == 0 ? value : std::min(smallest_, value);
        largest_ = std::max(largest_, value);
        ++count_;
        const double units = static_cast<double>(value) * unitsOfOne + 0.5;
        // The wide conversion is slow, and hardly ever needed.
        sum_ += units < 0x1p62 ? static_cast<Wide>(static_cast<std::int64_t>(units)) : static_cast<Wide>(std::min(units, 0x1p96));
    }
    void addBeside(float value);
    void count(std::int32_t bucket, std::uint32_t times);
    void moveToBuckets();
    bool takePoint(const Point& point);

    std::uint64_t count_ = 0;
    Wide sum_ = 0;
    float smallest_ = 0, largest_ = 0;
    std::vector<float> values_;           // while they are few
    std::vector<std::uint32_t> buckets_;  // from bucket `first_` on, else
    std::int32_t first_ = 0;
    bool isExact_ = true;
};

}  // namespace meetpoint::quality
