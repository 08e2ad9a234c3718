#include "domain/phone_number.h"

#include <gtest/gtest.h>

namespace meetpoint::domain {
namespace {

TEST(PhoneNumber, ReadsE164AndNothingElse) {
    EXPECT_EQ(readE164("+41441234567")->digits, 41441234567u);
    EXPECT_EQ(format(E164{41441234567u}), "+41441234567");
    for (auto text :
         {"", "+", "41441234567", "+0441234567", "+4144", "+4144 1234567", "+1234567890123456", "+41x41234567"})
        EXPECT_FALSE(readE164(text)) << text;
}

TEST(PhoneNumber, MasksByCountryAndReadsMasksBack) {
    const MaskedNumber masked = mask(E164{41441234567u}, maskedDigitsOf("CH"));
    EXPECT_EQ(format(masked), "+4144123****");
    EXPECT_EQ(readMasked("+4144123****")->prefix, 4144123u);
    EXPECT_EQ(readMasked("+4144123****")->maskedDigits, 4);
    EXPECT_FALSE(readMasked("+4144*123*"));
    EXPECT_EQ(maskedDigitsOf("DE"), 3);
    EXPECT_EQ(maskedDigitsOf("US"), 0);
}

TEST(PhoneNumber, InterpretsNationalAndPrefixedSpellings) {
    EXPECT_EQ(interpret("044 668 18 00", "CH")->digits, 41446681800u);
    EXPECT_EQ(interpret("0041446681800", "CH")->digits, 41446681800u);
    EXPECT_EQ(interpret("011 41 44 668 18 00", "US")->digits, 41446681800u);
    EXPECT_EQ(interpret("791-445-9811", "US")->digits, 17914459811u);
    EXPECT_FALSE(interpret("112", "CH"));
    EXPECT_FALSE(interpret("anonymous", "CH"));
    EXPECT_FALSE(interpret("791-445-9811", ""));
}

TEST(PhoneNumber, KnowsWhichNumbersExist) {
    EXPECT_TRUE(isValid(E164{41446681800u}));
    EXPECT_FALSE(isValid(E164{41000000000u}));
    EXPECT_EQ(regionOf(E164{41446681800u}), "CH");
}

}  // namespace
}  // namespace meetpoint::domain
