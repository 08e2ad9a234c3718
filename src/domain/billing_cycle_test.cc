#include "domain/billing_cycle.h"

#include <gtest/gtest.h>

namespace meetpoint::domain {
namespace {

DayRange cycle(std::string_view day, std::int64_t startDay) {
    return billingCycleOf(*parseDay(day), startDay);
}
DayRange range(std::string_view from, std::string_view to) {
    return {*parseDay(from), *parseDay(to)};
}

TEST(BillingCycle, BeginsOnItsDayOfTheMonth) {
    EXPECT_EQ(cycle("2026-11-15", 15), range("2026-11-15", "2026-12-15"));
    EXPECT_EQ(cycle("2026-11-14", 15), range("2026-10-15", "2026-11-15"));
    EXPECT_EQ(cycle("2026-12-31", 15), range("2026-12-15", "2027-01-15"));
    EXPECT_EQ(cycle("2027-01-01", 15), range("2026-12-15", "2027-01-15"));
    EXPECT_EQ(cycle("2026-02-28", 28), range("2026-02-28", "2026-03-28"));
    EXPECT_EQ(cycle("2024-02-29", 28), range("2024-02-28", "2024-03-28")) << "a leap year";
}

TEST(BillingCycle, FromTheFirstIsTheCalendarMonth) {
    EXPECT_EQ(cycle("2026-11-01", 1), range("2026-11-01", "2026-12-01"));
    EXPECT_EQ(cycle("2026-12-31", 1), range("2026-12-01", "2027-01-01"));
    EXPECT_EQ(cycle("2024-02-29", 1), range("2024-02-01", "2024-03-01"));
}

TEST(BillingCycle, CyclesFollowEachOtherWithoutAGap) {
    for (std::int64_t startDay = 1; startDay <= 28; ++startDay)
        for (std::int32_t day = parseDay("2023-12-01")->number; day < parseDay("2025-02-01")->number; ++day) {
            const DayRange here = billingCycleOf({day}, startDay), next = billingCycleOf({day + 1}, startDay);
            EXPECT_TRUE(here.from.number <= day && day < here.to.number) << formatDay({day});
            EXPECT_TRUE(here == next || (here.to == next.from && here.to.number == day + 1)) << formatDay({day});
        }
}

}  // namespace
}  // namespace meetpoint::domain
