#include "quality/change.h"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace meetpoint::quality {
namespace {

// Bins of about `mean` trials; `rate` says how many of them go wrong.
std::vector<Trials> binsOf(std::size_t count, double mean, std::uint64_t seed,
                           const std::function<double(std::size_t)>& rate) {
    std::mt19937_64 random(seed);
    std::vector<Trials> bins;
    for (std::size_t at = 0; at < count; ++at) {
        const auto all = static_cast<std::uint64_t>(std::poisson_distribution<int>(mean)(random));
        const auto bad =
            static_cast<std::uint64_t>(std::binomial_distribution<int>(static_cast<int>(all), rate(at))(random));
        bins.push_back({all, bad});
    }
    return bins;
}

// By hand: 90 of 1,000 now and 8 of 1,000 before. ln L = 90 ln .09 + 910 ln .91 + 8 ln .008 + 992 ln .992 - (98 ln .049
// + 1902 ln .951) = 41.99.
TEST(Change, EvidenceIsTheLogOfALikelihoodRatio) {
    EXPECT_NEAR(evidenceOfRise({1'000, 90}, {1'000, 8}), 41.99, 0.01);
    EXPECT_EQ(evidenceOfRise({1'000, 8}, {1'000, 90}), 0) << "a fall is no rise";
    EXPECT_EQ(evidenceOfRise({}, {1'000, 90}), 0);
    EXPECT_EQ(evidenceOfRise({10, 0}, {0, 0}), 0);
}

// Wilks: twice the evidence is half a chi-square of one degree of freedom.
TEST(Change, EvidenceOfNothingIsAsRareAsItSays) {
    std::mt19937_64 random(4);
    int above2 = 0, above4 = 0;
    constexpr int tries = 20'000;
    for (int i = 0; i < tries; ++i) {
        std::binomial_distribution<std::uint64_t> now(400, 0.05), before(20'000, 0.05);
        const double evidence = evidenceOfRise({400, now(random)}, {20'000, before(random)});
        above2 += evidence > 2;
        above4 += evidence > 4;
    }
    EXPECT_NEAR(above2, tries * 0.5 * std::erfc(std::sqrt(2.0)), tries * 0.006);
    EXPECT_LE(above4, tries * std::exp(-4.0));
}

TEST(Change, DispersionIsOneByChanceAloneAndMoreOtherwise) {
    const auto steady = binsOf(5'000, 40, 1, [](std::size_t) { return 0.01; });
    EXPECT_LT(usualOf(steady, {}).dispersion(15), 1.2);
    EXPECT_LT(usualOf(steady, {}).dispersion(360), 2);
    std::mt19937_64 random(9);
    std::vector<double> factors;
    for (int i = 0; i < 84; ++i)
        factors.push_back(std::exp(0.8 * std::normal_distribution<>()(random)));
    const auto unsteady = binsOf(5'000, 40, 1, [&](std::size_t at) { return std::min(0.5, 0.01 * factors[at / 60]); });
    EXPECT_GT(usualOf(unsteady, {}).dispersion(60), 3);
    EXPECT_GT(usualOf(unsteady, {}).dispersion(60), usualOf(unsteady, {}).dispersion(1));
}

TEST(Change, FindsARiseAndItsBegin) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(seed);
        const auto bins =
            binsOf(4'320, 20, seed, [](std::size_t at) { return at >= 3'000 && at < 3'060 ? 0.15 : 0.008; });
        const auto rises = findRises(bins);
        const auto strongest = std::ranges::max_element(rises, {}, &Rise::evidence);
        ASSERT_NE(strongest, rises.end());
        EXPECT_GT(strongest->evidence, 100);
        EXPECT_NEAR(static_cast<double>(strongest->stretch.first), 3'000, 3);
        EXPECT_NEAR(static_cast<double>(strongest->stretch.end), 3'060, 3);
        for (const Rise& rise : rises)
            EXPECT_TRUE(&rise == &*strongest || rise.evidence < 16) << rise.stretch.first;
    }
}

TEST(Change, OneOutageIsOneRiseAlsoWhereEverythingFails) {
    const auto bins = binsOf(2'880, 10, 3, [](std::size_t at) { return at >= 2'000 && at < 2'240 ? 1.0 : 0.01; });
    const auto rises = findRises(bins);
    const auto big = std::ranges::count_if(rises, [](const Rise& rise) { return rise.evidence > 20; });
    EXPECT_EQ(big, 1);
    EXPECT_EQ(std::ranges::max_element(rises, {}, &Rise::evidence)->stretch, (Stretch{2'000, 2'240}));
}

TEST(Change, OnAndOffIsOneRise) {
    const auto bins =
        binsOf(2'880, 20, 3, [](std::size_t at) { return at >= 2'000 && at < 2'200 && at % 40 < 20 ? 0.3 : 0.01; });
    const auto rises = findRises(bins);
    EXPECT_EQ(std::ranges::count_if(rises, [](const Rise& rise) { return rise.evidence > 20; }), 1);
}

TEST(Change, BearsWhatIsEmpty) {
    EXPECT_TRUE(findRises({}).empty());
    EXPECT_TRUE(findRises(std::vector<Trials>(100)).empty());
    EXPECT_TRUE(findRises(std::vector<Trials>(100, {5, 0})).empty());
    EXPECT_TRUE(findRises(std::vector<Trials>(100, {5, 5})).empty());
}

}  // namespace
}  // namespace meetpoint::quality
