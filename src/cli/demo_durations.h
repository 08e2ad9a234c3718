// What each carrier of the demo records of the calls, with what is wrong at that carrier. Reconciliation is
// to find it; it is planted here and nowhere told to the exchange.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/demo_calls.h"

namespace meetpoint::cli {

// One carrier's files, one a day, one line of JSON a record.
struct CarrierFiles {
    std::vector<std::string> days;
};

CarrierFiles carrierFiles(const SampleWeek& week, std::size_t carrier, std::uint64_t seed);

// What is wrong at a carrier, for tests and for whoever wants to check the report.
namespace planted {
inline constexpr Duration clockAhead = seconds(37);
inline constexpr Duration roundedUpTo = seconds(6);
inline constexpr Duration zoneAhead = hours(1);
inline constexpr Duration hungAt = hours(3);
inline constexpr int zoneWorkday = 1;  // the whole UTC day
inline constexpr int gapWorkday = 3;
inline constexpr Duration gapFrom = hours(10);
inline constexpr Duration gapTo = hours(12);
}  // namespace planted

}  // namespace meetpoint::cli
