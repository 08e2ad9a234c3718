#include "columns/calendar.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace meetpoint::columns {
namespace {

constexpr std::int64_t dayMs = 86'400'000;

TEST(MinuteSet, FindsTheNextMinuteEitherWay) {
    MinuteSet set;
    EXPECT_EQ(set.firstFrom(0), std::nullopt);
    EXPECT_EQ(set.lastUpTo(1439), std::nullopt);
    for (const int minute : {0, 63, 64, 700, 1439})
        set.add(minute);
    EXPECT_EQ(set.firstFrom(0), 0);
    EXPECT_EQ(set.firstFrom(1), 63);
    EXPECT_EQ(set.firstFrom(64), 64);
    EXPECT_EQ(set.firstFrom(65), 700);
    EXPECT_EQ(set.firstFrom(701), 1439);
    EXPECT_EQ(set.lastUpTo(1439), 1439);
    EXPECT_EQ(set.lastUpTo(1438), 700);
    EXPECT_EQ(set.lastUpTo(63), 63);
    EXPECT_EQ(set.lastUpTo(62), 0);
}

TEST(MinuteSet, RefusesBytesThatAreTooManyOrNone) {
    EXPECT_FALSE(MinuteSet::fromBytes({}));
    EXPECT_FALSE(MinuteSet::fromBytes(Bytes{180, 1}));
    EXPECT_FALSE(MinuteSet::fromBytes(Bytes(182, 0)));
    EXPECT_TRUE(MinuteSet::fromBytes(Bytes(181, 0)));
    EXPECT_TRUE(MinuteSet::fromBytes(Bytes{179, 1})->has(1432));
}

RC_GTEST_PROP(MinuteSet, IsTheSameAfterBeingStored, ()) {
    MinuteSet set;
    for (const int minute : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, minutesPerDay)))
        set.add(minute);
    RC_ASSERT(*MinuteSet::fromBytes(set.toBytes()) == set);
    const int from = *rc::gen::inRange(0, minutesPerDay);
    std::optional<int> first, last;
    for (int minute = 0; minute < minutesPerDay; ++minute) {
        if (!set.has(minute)) continue;
        if (minute >= from && !first) first = minute;
        if (minute <= from) last = minute;
    }
    RC_ASSERT(set.firstFrom(from) == first);
    RC_ASSERT(set.lastUpTo(from) == last);
}

TEST(Calendar, HasEachDayWithItsMinutes) {
    const std::int64_t times[] = {dayMs * 3 + 60'000, dayMs * 3 + 119'999, dayMs * 5, dayMs * 3, -1, dayMs * 5 - 1};
    const auto days = calendarOf(times);
    ASSERT_EQ(days.size(), 4u);
    EXPECT_EQ(days[0].day, Day{-1}) << "before 1970";
    EXPECT_TRUE(days[0].minutes.has(1439));
    EXPECT_EQ(days[1].day, Day{3});
    EXPECT_TRUE(days[1].minutes.has(0) && days[1].minutes.has(1) && !days[1].minutes.has(2));
    EXPECT_EQ(days[2].day, Day{4});
    EXPECT_TRUE(days[2].minutes.has(1439));
    EXPECT_EQ(days[3].day, Day{5});
    EXPECT_EQ(calendarOf({}), std::vector<DayMinutes>());
}

TEST(Calendar, OfTooManyDaysThereIsNone) {
    std::vector<std::int64_t> times;
    for (std::size_t day = 0; day < mostCalendarDays; ++day)
        times.push_back(static_cast<std::int64_t>(day) * dayMs);
    EXPECT_EQ(calendarOf(times).size(), mostCalendarDays);
    times.push_back(-dayMs);
    EXPECT_TRUE(calendarOf(times).empty());
}

}  // namespace
}  // namespace meetpoint::columns
