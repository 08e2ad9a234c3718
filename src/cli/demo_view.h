// What the parties of the demo see at the end, read back through the API: each carrier its numbers, calls and
// week, a tenant its usage.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/demo_steps.h"
#include "reconcile/outcome.h"

namespace meetpoint::cli {

// A number as the assignment feed leaves it.
struct NumberView {
    std::string number, state, sipUri;
};

// A cause, over all days on which it was found.
struct WeekFinding {
    reconcile::Diagnosis found;
    std::vector<std::string> days;
    std::uint64_t mostPairs = 0;  // of one day: the day whose value is given
};

struct CarrierView {
    std::size_t assignmentEvents = 0;
    std::vector<NumberView> numbers;  // in order of number
    std::size_t calls = 0, answeredCalls = 0, emergencyCalls = 0, testCalls = 0;
    std::size_t onNetCalls = 0;  // legs of calls between two of its own numbers
    std::size_t streams = 0, poorStreams = 0;
    reconcile::Totals totals;           // of the week
    std::vector<WeekFinding> findings;  // in order of cause
};
// `days` are the carrier's day reports.
Result<CarrierView> readCarrierView(ApiClient& carrier, const std::vector<boost::json::value>& days);

struct UsageDay {
    std::string date;
    std::int64_t calls = 0, answered = 0, durationMs = 0;
    std::int64_t carrierCalls = 0, platformCalls = 0;  // by whose duration counts
};
struct UsageView {
    std::vector<UsageDay> days;
    std::map<std::string, std::int64_t> platformReasons;  // calls for which the platform's duration counts
};
Result<UsageView> readUsageView(ApiClient& tenant, Day first, Day last);

}  // namespace meetpoint::cli
