#include "quality/distribution.h"

#include <algorithm>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace meetpoint::quality {
namespace {

constexpr double asked[] = {0, 1, 5, 25, 50, 75, 95, 99, 99.9, 100};

double nearestRank(std::vector<float> values, double percent) {
    std::ranges::sort(values);
    const auto rank = static_cast<std::size_t>(std::ceil(percent / 100 * static_cast<double>(values.size())));
    return values[std::max<std::size_t>(rank, 1) - 1];
}

Distribution of(const std::vector<float>& values) {
    Distribution out;
    for (const float value : values)
        out.add(value);
    return out;
}

TEST(Distribution, OfNothingSaysNothing) {
    const Distribution none;
    EXPECT_EQ(none.count(), 0u);
    EXPECT_FALSE(none.average() || none.smallest() || none.largest() || none.percentile(50));
}

// Wikipedia, "Percentile", the nearest-rank method: 15, 20, 35, 40, 50.
TEST(Distribution, TakesPercentilesByNearestRank) {
    const Distribution five = of({35, 20, 15, 50, 40});
    EXPECT_EQ(five.percentile(5), 15);
    EXPECT_EQ(five.percentile(30), 20);
    EXPECT_EQ(five.percentile(40), 20);
    EXPECT_EQ(five.percentile(50), 35);
    EXPECT_EQ(five.percentile(100), 50);
    EXPECT_EQ(five.average(), 32);
    EXPECT_EQ(five.smallest(), 15);
    EXPECT_EQ(five.largest(), 50);
}

TEST(Distribution, IsExactWhileValuesAreFew) {
    std::mt19937_64 random(7);
    std::vector<float> values;
    for (std::size_t i = 0; i < Distribution::exactValues; ++i)
        values.push_back(std::uniform_real_distribution<float>(0, 90)(random));
    const Distribution few = of(values);
    EXPECT_TRUE(few.isExact());
    for (const double percent : asked)
        EXPECT_EQ(few.percentile(percent), nearestRank(values, percent)) << percent;
}

TEST(Distribution, StaysWithinItsErrorWhenValuesAreMany) {
    for (const std::uint64_t seed : {1u, 2u, 3u, 4u}) {
        SCOPED_TRACE(seed);
        std::mt19937_64 random(seed);
        std::vector<float> values;
        for (int i = 0; i < 20'000; ++i) {
            // Over six decades, many zeros among them.
            const double power = std::uniform_real_distribution<>(-4, 3)(random);
            values.push_back(random() % 20 == 0 ? 0.0f : static_cast<float>(std::pow(10, power)));
        }
        const Distribution many = of(values);
        EXPECT_FALSE(many.isExact());
        for (const double percent : asked) {
            const double exact = nearestRank(values, percent);
            EXPECT_NEAR(*many.percentile(percent), exact, exact * Distribution::relativeError) << percent;
        }
        double sum = 0;
        for (const float value : values)
            sum += value;
        EXPECT_NEAR(many.sum(), sum, sum * 1e-9);
    }
}

TEST(Distribution, IsTheSameHoweverItWasDivided) {
    std::mt19937_64 random(11);
    for (const std::size_t count : {0u, 1u, 200u, 256u, 257u, 300u, 5'000u}) {
        std::vector<float> values;
        for (std::size_t i = 0; i < count; ++i)
            values.push_back(std::exponential_distribution<float>(0.1f)(random));
        const Distribution whole = of(values);
        for (int round = 0; round < 10; ++round) {
            std::ranges::shuffle(values, random);
            Distribution merged;
            for (std::size_t at = 0; at < count || at == 0;) {
                const std::size_t end = std::min(count, at + 1 + random() % (count / 2 + 1));
                merged.merge(of({values.begin() + static_cast<std::ptrdiff_t>(at),
                                 values.begin() + static_cast<std::ptrdiff_t>(end)}));
                if (at == end && count == 0) break;
                at = end;
            }
            EXPECT_EQ(merged.count(), whole.count());
            EXPECT_EQ(merged.isExact(), whole.isExact());
            EXPECT_EQ(merged.sum(), whole.sum());
            EXPECT_EQ(merged.smallest(), whole.smallest());
            EXPECT_EQ(merged.largest(), whole.largest());
            for (const double percent : asked)
                EXPECT_EQ(merged.percentile(percent), whole.percentile(percent)) << count << " " << percent;
        }
    }
}

TEST(Distribution, BearsExtremes) {
    Distribution values = of({0, 1e-30f, 1e12f, 3e38f, -1, NAN, INFINITY});
    EXPECT_EQ(values.count(), 4u) << "what is no figure is left out";
    EXPECT_EQ(values.largest(), 3e38f);
    for (int i = 0; i < 300; ++i)
        values.add(1e-30f);
    EXPECT_EQ(values.percentile(50), 0) << "below what is told apart";
    EXPECT_EQ(values.percentile(100), static_cast<double>(1 << 30) * (1 + Distribution::relativeError));
    values.raiseLargest(3.2e38f);
    EXPECT_EQ(values.largest(), 3.2e38f);
}

}  // namespace
}  // namespace meetpoint::quality
