// Billing cycles: months that begin on an agreed day of the month. Pure calendar.
#pragma once

#include <cstdint>

#include "base/time.h"

namespace meetpoint::domain {

// Civil days [from, to).
struct DayRange {
    Day from, to;
    bool operator==(const DayRange&) const = default;
};

// The cycle that holds the civil day. `startDay`: of the month, 1 to 28; 1: calendar months.
DayRange billingCycleOf(Day day, std::int64_t startDay);

}  // namespace meetpoint::domain
