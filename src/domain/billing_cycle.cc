#include "domain/billing_cycle.h"

namespace meetpoint::domain {
namespace {

// A day of the month that lies so many months after January of year 0.
Day dayIn(std::int64_t months, std::int64_t day) {
    const auto month = static_cast<unsigned>(months % 12) + 1;
    return {static_cast<std::int32_t>(daysFromCivil(months / 12, month, static_cast<unsigned>(day)))};
}

}  // namespace

DayRange billingCycleOf(Day day, std::int64_t startDay) {
    const CivilDate date = civilFromDays(day.number);
    const bool isBefore = static_cast<std::int64_t>(date.day) < startDay;
    const std::int64_t months = date.year * 12 + static_cast<std::int64_t>(date.month) - 1 - (isBefore ? 1 : 0);
    return {dayIn(months, startDay), dayIn(months + 1, startDay)};
}

}  // namespace meetpoint::domain
