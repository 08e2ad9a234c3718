// What values a group has: how many, their sum and extremes, and percentiles. Merged in any order it gives the same, to
// the last bit.
#pragma once

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
    void add(float value);
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

private:
    // Sums are whole numbers of 2^-30, so that no order of adding matters.
    __extension__ typedef __int128 Wide;
    void count(std::int32_t bucket, std::uint32_t times);
    void moveToBuckets();

    std::uint64_t count_ = 0;
    Wide sum_ = 0;
    float smallest_ = 0, largest_ = 0;
    std::vector<float> values_;           // while they are few
    std::vector<std::uint32_t> buckets_;  // from bucket `first_` on, else
    std::int32_t first_ = 0;
    bool isExact_ = true;
};

}  // namespace meetpoint::quality
