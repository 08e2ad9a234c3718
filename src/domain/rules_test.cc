#include <gtest/gtest.h>

#include "domain/access.h"
#include "domain/consent.h"
#include "domain/number.h"
#include "domain/quality.h"
#include "domain/sip_uri.h"

namespace meetpoint::domain {
namespace {

TEST(NumberLife, GoesOnlyWhereTheTableAllows) {
    using enum NumberState;
    EXPECT_EQ(next(available, NumberAction::assign), assignmentPending);
    EXPECT_EQ(next(assignmentPending, NumberAction::confirmAssignment), assigned);
    EXPECT_EQ(next(assigned, NumberAction::unassign), unassignPending);
    EXPECT_FALSE(next(assigned, NumberAction::requestRelease)) << "a number must be unassigned before it is released";
    EXPECT_FALSE(next(removed, NumberAction::assign));
    EXPECT_EQ(usageFor("resourceAccount"), "firstPartyAppAssignment");
    EXPECT_EQ(readNumberState(name(portingIn)), portingIn);
}

TEST(Quality, IsPoorAboveALimitAndUnclassifiedWithoutFigures) {
    EXPECT_EQ(qualityOf({}), StreamQuality::unclassified);
    EXPECT_EQ(
        qualityOf(
            {.audioDegradation = 1.0, .roundTripMs = 500, .lossRatio = 0.1, .jitterMs = 30, .concealedRatio = 0.07}),
        StreamQuality::good);
    EXPECT_EQ(qualityOf({.lossRatio = 0.1f, .concealedRatio = 0.07f}), StreamQuality::good) << "as it is kept";
    EXPECT_EQ(qualityOf({.audioDegradation = 1.01}), StreamQuality::poor);
    EXPECT_EQ(qualityOf({.roundTripMs = 501}), StreamQuality::poor);
    EXPECT_EQ(qualityOf({.lossRatio = 0.11}), StreamQuality::poor);
    EXPECT_EQ(qualityOf({.jitterMs = 30.5}), StreamQuality::poor);
    EXPECT_EQ(qualityOf({.jitterMs = 3, .concealedRatio = 0.08}), StreamQuality::poor);
    using enum StreamQuality;
    EXPECT_EQ(worseOf(good, poor), poor);
    EXPECT_EQ(worseOf(unclassified, good), good) << "what was not measured says nothing";
    EXPECT_EQ(worseOf(unclassified, unclassified), unclassified);
}

TEST(Consent, CoversTheCallsOfItsTimeAndWindsDown) {
    const ConsentPeriod period{{1000}, Instant{5000}};
    EXPECT_FALSE(coversCall(period, {999}));
    EXPECT_TRUE(coversCall(period, {1000}));
    EXPECT_FALSE(coversCall(period, {5000}));
    EXPECT_TRUE(acceptsLate(period, Instant{5000} + days(89)));
    EXPECT_FALSE(acceptsLate(period, Instant{5000} + days(90)));
    EXPECT_TRUE(mayMove(ConsentState::requested, ConsentState::agreementSigned));
    EXPECT_FALSE(mayMove(ConsentState::ended, ConsentState::agreementSigned));
}

TEST(Visibility, NoCarrierSeesInternalsAndNobodySeesFullNumbersForEver) {
    EXPECT_FALSE(visibilityOf(Role::carrier, "CH", days(1)).internal);
    EXPECT_TRUE(visibilityOf(Role::carrier, "CH", days(1)).farEndInFull);
    EXPECT_FALSE(visibilityOf(Role::carrier, "CH", days(31)).farEndInFull);
    EXPECT_FALSE(visibilityOf(Role::platform, "CH", days(31)).farEndInFull);
    EXPECT_FALSE(visibilityOf(Role::tenant, "CH", days(1)).farEndInFull);
    EXPECT_TRUE(visibilityOf(Role::tenant, "US", days(1)).farEndInFull);
    EXPECT_FALSE(visibilityOf(Role::auditor, "US", days(1)).parties);
}

TEST(SipUri, FollowsTheGrammar) {
    EXPECT_EQ(*readSipUri("SIP:Anna.Meier@Example.COM"), "sip:Anna.Meier@example.com");
    EXPECT_EQ(*readSipUri("sips:+41441234567@[2001:db8::1]:5061;transport=tls"),
              "sips:+41441234567@[2001:db8::1]:5061;transport=tls");
    for (auto text :
         {"", "sip:", "sip:@example.com", "anna@example.com", "tel:+41441234567", "sip:anna@", "sip:an na@example.com",
          "sip:anna@-bad.com", "sip:anna@example.com:99999", "sip:a%4@example.com", "sip:anna@exa\nmple.com"})
        EXPECT_EQ(readSipUri(text).error().code, "bad-sip-uri") << text;
}

}  // namespace
}  // namespace meetpoint::domain
