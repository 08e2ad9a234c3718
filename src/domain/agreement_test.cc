#include "domain/agreement.h"

#include <gtest/gtest.h>

namespace meetpoint::domain {
namespace {

TEST(Agreement, OneSideProposesTheOtherAnswers) {
    using enum AgreementState;
    for (const Side proposer : {Side::platform, Side::carrier}) {
        const Side other = otherSide(proposer);
        EXPECT_TRUE(mayMove(proposed, signed_, proposer, other));
        EXPECT_TRUE(mayMove(proposed, declined, proposer, other));
        EXPECT_TRUE(mayMove(proposed, withdrawn, proposer, proposer));
        EXPECT_FALSE(mayMove(proposed, signed_, proposer, proposer)) << "nobody signs for both";
        EXPECT_FALSE(mayMove(proposed, withdrawn, proposer, other));
        for (const AgreementState ended : {signed_, declined, withdrawn})
            for (const AgreementState to : {proposed, signed_, declined, withdrawn})
                for (const Side mover : {proposer, other})
                    EXPECT_FALSE(mayMove(ended, to, proposer, mover)) << name(ended) << " to " << name(to);
    }
}

TEST(Agreement, NamesAreReadBack) {
    for (const auto state :
         {AgreementState::proposed, AgreementState::signed_, AgreementState::declined, AgreementState::withdrawn})
        EXPECT_EQ(readAgreementState(name(state)), state);
    EXPECT_EQ(name(AgreementState::signed_), "signed");
    EXPECT_FALSE(readAgreementState("torn"));
    EXPECT_EQ(readSide(name(Side::carrier)), Side::carrier);
    EXPECT_EQ(sideOf(Role::platform), Side::platform);
    EXPECT_EQ(sideOf(Role::carrier), Side::carrier);
    EXPECT_FALSE(sideOf(Role::tenant));
    EXPECT_FALSE(sideOf(Role::auditor));
}

TEST(Agreement, IncrementsChargeTheFirstWholeThenSteps) {
    const Increments perMinute{seconds(60), seconds(60)}, thirtySix{seconds(30), seconds(6)};
    EXPECT_EQ(perMinute.charged(0), 0) << "what was not connected is not charged";
    EXPECT_EQ(perMinute.charged(1), 60'000);
    EXPECT_EQ(perMinute.charged(60'000), 60'000);
    EXPECT_EQ(perMinute.charged(60'001), 120'000);
    EXPECT_EQ(thirtySix.charged(4'000), 30'000);
    EXPECT_EQ(thirtySix.charged(30'000), 30'000);
    EXPECT_EQ(thirtySix.charged(30'001), 36'000);
    EXPECT_EQ(thirtySix.charged(41'999), 42'000);
}

TEST(Agreement, TermsThatCannotBeAreRefused) {
    const auto code = [](const AgreementTerms& terms) {
        const auto checked = checkTerms(terms);
        return checked ? std::string() : checked.error().code;
    };
    EXPECT_EQ(code({}), "");
    EXPECT_EQ(code({.tolerance = minutes(1),
                    .tolerancePerMille = 200,
                    .increments = Increments{seconds(1), seconds(1)},
                    .timeZone = "Europe/Zurich",
                    .billingCycleStartDay = 28,
                    .closeAfter = days(366)}),
              "");
    EXPECT_EQ(code({.tolerance = milliseconds(60'001)}), "bad-agreement");
    EXPECT_EQ(code({.tolerance = milliseconds(-1)}), "bad-agreement");
    EXPECT_EQ(code({.tolerancePerMille = 201}), "bad-agreement");
    EXPECT_EQ(code({.increments = Increments{seconds(0), seconds(6)}}), "bad-agreement");
    EXPECT_EQ(code({.increments = Increments{seconds(6), seconds(3'601)}}), "bad-agreement");
    EXPECT_EQ(code({.increments = Increments{milliseconds(1'500), seconds(1)}}), "bad-agreement");
    EXPECT_EQ(code({.timeZone = "Mars/Olympus"}), "unknown-time-zone");
    EXPECT_EQ(code({.scope = RecordedScope{false, false, false, true}}), "bad-agreement");
    EXPECT_EQ(code({.billingCycleStartDay = 29}), "bad-agreement");
    EXPECT_EQ(code({.closeAfter = minutes(30)}), "bad-agreement");
}

}  // namespace
}  // namespace meetpoint::domain
