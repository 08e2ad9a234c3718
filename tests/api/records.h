// Call and duration records as JSON, as a platform and a carrier send them.
#pragma once

#include "api/world.h"

namespace meetpoint::tests {

// "c0000000-0000-4000-8000-000000000007": the id of the test's call 7.
std::string callId(int number);

struct CallFacts {
    int number = 1;
    Instant invitedAt = World::noon;
    Duration talk = seconds(60);  // 0: never answered
    Duration ringing = seconds(5);
    std::string_view ownNumber = World::alpE164;
    std::string_view farEnd = World::stranger;
    bool outbound = false;
    int version = 1;
};
// A call with quality of both directions, the user's id and device, signalling ids.
json::object callRecord(const CallFacts& facts);

struct DurationFacts {
    std::string recordId = "r-1";
    Instant startedAt = World::noon;
    Duration talk = seconds(60);
    std::string_view ownNumber = World::alpE164;
    std::string_view farEnd = World::stranger;
    bool outbound = false;
    int revision = 1;
};
json::object durationRecord(const DurationFacts& facts);
// The carrier's record of the same call: it starts at the INVITE and counts from the answer.
json::object durationOf(const CallFacts& facts, const std::string& recordId);

// A day of two sides that disagree: `pairs` calls at irregular times with different far ends, on the day of
// World::noon. The carrier's clock is 37 s ahead, and it rounds up to 6 s.
struct TwoSides {
    json::array calls, durations;
    std::int64_t ourMs = 0, theirMs = 0;  // connected time of each side
};
TwoSides twoSides(int pairs, std::uint64_t seed);

std::string ndjson(const json::array& records);
// "created 2, rejected 1": what an upload answered, without zeros; in the order of the API.
std::string countsOf(const Answer& upload);
// The items of an NDJSON answer as an array.
json::array itemsOf(const Answer& ndjsonAnswer);

}  // namespace meetpoint::tests
