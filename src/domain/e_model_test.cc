#include "domain/e_model.h"

#include <gtest/gtest.h>

namespace meetpoint::domain {
namespace {

// ITU-T G.107, Table B.1: the ratings where one category of users' satisfaction ends and the next begins.
TEST(EModel, TurnsRatingsIntoMosAsTheTableOfG107Does) {
    struct Row {
        double rating, mos;
    };
    for (const Row& row : {Row{90, 4.34}, Row{80, 4.03}, Row{70, 3.60}, Row{60, 3.10}, Row{50, 2.58}})
        EXPECT_NEAR(mosOf(row.rating), row.mos, 0.01) << row.rating;
    EXPECT_NEAR(mosOf(bestRating), 4.41, 0.006) << "the best that narrowband reaches";
}

TEST(EModel, HoldsMosBetweenOneAndFourAndAHalf) {
    EXPECT_EQ(mosOf(-5), 1);
    EXPECT_EQ(mosOf(0), 1);
    EXPECT_EQ(mosOf(100), 4.5);
    EXPECT_EQ(mosOf(120), 4.5);
    for (double rating = 0.05; rating < 6.5; rating += 0.05)
        EXPECT_EQ(mosOf(rating), 1) << "the formula alone dips below: " << rating;
    for (double rating = 0, before = 1; rating <= 110; rating += 0.1) {
        EXPECT_GE(mosOf(rating), before) << rating;
        before = mosOf(rating);
    }
}

// ITU-T G.113 (02/2001), Tables I.2 and I.3: equipment impairment under random loss, in percent. Those tables were
// measured; the formula of G.107 (2003 and later) stands for them within two points.
TEST(EModel, StandsForTheTablesOfG113) {
    struct Row {
        double lossPercent, g729, g723;
    };
    for (const Row& row :
         {Row{0, 11, 15}, Row{1, 15, 19}, Row{2, 19, 24}, Row{4, 26, 32}, Row{8, 36, 41}, Row{16, 49, 55}}) {
        EXPECT_NEAR(effectiveImpairment({11, 19}, row.lossPercent), row.g729, 2) << row.lossPercent;
        EXPECT_NEAR(effectiveImpairment({15, 16.1}, row.lossPercent), row.g723, 2) << row.lossPercent;
    }
    struct Concealed {
        double lossPercent, g711;
    };
    for (const Concealed& row :
         {Concealed{0, 0}, Concealed{1, 5}, Concealed{2, 7}, Concealed{3, 10}, Concealed{5, 15}, Concealed{7, 20}})
        EXPECT_NEAR(effectiveImpairment({0, 25.1}, row.lossPercent), row.g711, 2) << row.lossPercent;
}

TEST(EModel, BurstsHurtMoreThanLossesThatComeAlone) {
    EXPECT_GT(effectiveImpairment({0, 25.1}, 3, 2), effectiveImpairment({0, 25.1}, 3, 1));
    EXPECT_DOUBLE_EQ(effectiveImpairment({11, 19}, 2), 11 + 84.0 * 2 / 21);
    EXPECT_LE(effectiveImpairment({0, 4.3}, 100), 95);
}

// Cole and Rosenbluth, 2001: 0.024 a millisecond, and from 177.3 ms on 0.11 more.
TEST(EModel, CountsDelayByColeAndRosenbluth) {
    EXPECT_DOUBLE_EQ(delayImpairment(0), 0);
    EXPECT_DOUBLE_EQ(delayImpairment(100), 2.4);
    EXPECT_NEAR(delayImpairment(177.3), 4.2552, 1e-9);
    EXPECT_NEAR(delayImpairment(300), 7.2 + 13.497, 1e-9);
}

TEST(EModel, EstimatesAStream) {
    const auto perfect = estimateQuality({"PCMA", 0.0, 0.0, 0.0});
    ASSERT_TRUE(perfect);
    EXPECT_NEAR(perfect->rating, 93.2 - 0.024 * 20, 1e-9) << "a packet of 20 ms is its only delay";
    EXPECT_FALSE(perfect->isGuess());
    // Half of 160 ms, a buffer of twice 10 ms, 25 ms of its own: 125 ms; 2 % of loss.
    const auto g729 = estimateQuality({"G.729A/8000", 0.02, 160.0, 10.0});
    EXPECT_NEAR(g729->rating, 93.2 - 0.024 * 125 - 19, 1e-9);
    EXPECT_NEAR(g729->mos, 3.65, 0.01);
    EXPECT_FALSE(g729->isGuess());
    EXPECT_EQ(estimateQuality({"pcmu", 1.0, 2'000.0, 300.0})->rating, 0);
    EXPECT_EQ(estimateQuality({"pcmu", 1.0, 2'000.0, 300.0})->mos, 1);
}

TEST(EModel, SaysWhereItGuesses) {
    EXPECT_FALSE(estimateQuality({"pcma", std::nullopt, 20.0, 1.0})) << "without loss there is nothing to go by";
    EXPECT_TRUE(estimateQuality({"opus", 0.0, 20.0, 1.0})->isWideband);
    EXPECT_TRUE(estimateQuality({"SILK", 0.0, 20.0, 1.0})->isGuess());
    EXPECT_TRUE(estimateQuality({"unheard-of", 0.0, 20.0, 1.0})->isUnknownCodec);
    EXPECT_TRUE(estimateQuality({"", 0.0, 20.0, 1.0})->isUnknownCodec);
    EXPECT_TRUE(estimateQuality({std::string(300, 'x'), 0.0, 20.0, 1.0})->isUnknownCodec);
    EXPECT_TRUE(estimateQuality({"pcma", 0.0, std::nullopt, 1.0})->isDelayUnknown);
    EXPECT_EQ(estimateQuality({"unheard-of", 0.03, 20.0, 1.0})->rating,
              estimateQuality({"pcma", 0.03, 20.0, 1.0})->rating);
}

}  // namespace
}  // namespace meetpoint::domain
