#include "base/time.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace meetpoint {
namespace {

TEST(Time, ReadsRfc3339WithAnyOffsetAndCutsToMilliseconds) {
    EXPECT_EQ(formatInstant(*parseInstant("2026-03-01T09:30:00.2589935Z")), "2026-03-01T09:30:00.258Z");
    EXPECT_EQ(formatInstant(*parseInstant("2026-03-01T09:30:00+02:00")), "2026-03-01T07:30:00.000Z");
    EXPECT_EQ(formatInstant(*parseInstant("2026-03-01 00:15:00-11:45")), "2026-03-01T12:00:00.000Z");
    EXPECT_EQ(parseInstant("1970-01-01T00:00:00Z")->ms, 0);
}

TEST(Time, SaysWhatIsWrongWithATime) {
    EXPECT_EQ(parseInstant("2026-03-01T09:30:00").error().code, "time-without-zone");
    for (auto text :
         {"", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-03-01T24:00:00Z", "2026-03-01T09:30:00.Z",
          "2026-03-01T09:30:00+0200", "2026-03-01", "yesterday", "2026-03-01T09:30:00Zjunk"})
        EXPECT_EQ(parseInstant(text).error().code, "bad-time") << text;
}

RC_GTEST_PROP(Time, FormattingAndParsingAreInverse, ()) {
    const auto ms = *rc::gen::inRange<std::int64_t>(-62'135'596'800'000, 253'402'300'799'999);
    RC_ASSERT(parseInstant(formatInstant({ms}))->ms == ms);
}

TEST(Time, KnowsZonesAndTheirDaylightSaving) {
    const TimeZone zurich = *TimeZone::load("Europe/Zurich");
    EXPECT_EQ(formatInstant(zurich.toUtc(2026, 1, 15, 12, 0, 0)), "2026-01-15T11:00:00.000Z");
    EXPECT_EQ(formatInstant(zurich.toUtc(2026, 7, 15, 12, 0, 0)), "2026-07-15T10:00:00.000Z");
    // 2026-03-29 has 23 hours there
    EXPECT_EQ(zurich.startOf(*parseDay("2026-03-30")) - zurich.startOf(*parseDay("2026-03-29")), hours(23));
    EXPECT_EQ(TimeZone::load("Mars/Olympus").error().code, "unknown-time-zone");
    EXPECT_EQ(TimeZone::load("-05:30")->offsetMinutesAt({0}), -330);
}

TEST(Time, DaysBeforeTheEpochCount) {
    EXPECT_EQ(dayOf(Instant{-1}).number, -1);
    EXPECT_EQ(formatDay(*parseDay("1969-12-31")), "1969-12-31");
    EXPECT_EQ(parseDay("2026-2-3").error().code, "bad-date");
}

}  // namespace
}  // namespace meetpoint
