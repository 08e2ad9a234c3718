// A week of calls as they happened, and as the platform records them. Each carrier's own records are made
// from the same calls (cli/demo_durations.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/time.h"

namespace meetpoint::cli {

enum class CallEnding { answered, unanswered, busy, failed };

struct SampleCall {
    std::size_t carrier = 0;
    Id callId;
    std::string sipCallId;
    std::string correlationId;  // of a call between two own numbers: both legs have it
    std::string own;            // "+442079460101"
    std::string far;            // E.164, or as dialled: "112"
    bool outbound = false;
    CallEnding ending = CallEnding::answered;
    Instant invitedAt;
    Duration ring;      // until the answer or the end of the attempt
    Duration talk;      // 0 unless answered
    bool poor = false;  // one of its streams
    bool emergency = false;
    bool test = false;

    bool answered() const { return ending == CallEnding::answered; }
    Instant answeredAt() const { return invitedAt + ring; }
    Instant endedAt() const { return invitedAt + ring + talk; }
};

struct SampleWeek {
    Day firstDay;
    std::vector<SampleCall> calls;  // in order of time
    // The n-th day that is no Saturday or Sunday; n from 0 to 4.
    Day workday(int n) const;
    Day lastDay() const { return {firstDay.number + 6}; }
};

// The week that ends with `lastDay`. The same seed gives the same calls.
SampleWeek sampleWeek(std::uint64_t seed, Day lastDay);

// The platform's records, one line of JSON each. A few calls of the carrier whose faults are slips are
// missing: the platform lost them.
std::string platformRecords(const SampleWeek& week, std::uint64_t seed);

}  // namespace meetpoint::cli
