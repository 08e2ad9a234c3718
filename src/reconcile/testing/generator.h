// Two-sided call data with known truth: a day of calls, seen by the platform and by a carrier whose records differ in
// the ways that are asked for. Knows nothing of the matcher.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "columns/records.h"
#include "reconcile/outcome.h"

namespace meetpoint::reconcile::testing {

struct Scenario {
    std::uint64_t seed = 1;
    std::size_t calls = 2'000;
    std::size_t ownNumbers = 200;
    std::size_t farNumbers = 2'000;
    std::int64_t spanMs = 86'400'000;
    double answeredShare = 0.7;
    double meanTalkSeconds = 90;
    std::int64_t jitterMs = 300;  // between the two sides' instants, either way

    std::int64_t offsetMs = 0;  // the carrier's clock
    int zoneMinutes = 0;
    double driftMsPerHour = 0;
    bool carrierInSeconds = false;  // cut to whole seconds
    bool carrierStartsAtAnswer = false;
    bool carrierCountsRinging = false;
    std::string rounding;  // "", "up", "down", "nearest"
    std::int64_t stepMs = 6'000;

    double missingAtCarrier = 0;
    double missingAtPlatform = 0;
    double duplicatesAtCarrier = 0;
    double forksAtPlatform = 0;    // of answered calls
    double partialsAtCarrier = 0;  // of talks longer than a minute
    int maskedDigits = 0;          // of the far end, at the platform
    double sharedIds = 0;          // calls whose SIP Call-ID both sides have
    double hung = 0;               // at the carrier, to three hours
    double presented = 0;          // outbound calls for which the carrier names the main number
    double reversed = 0;
    double answeredDiffers = 0;
    bool carrierAnsweredOnly = false;
    bool carrierOutboundOnly = false;
    std::int64_t gapFromMs = 0;  // a hole in the carrier's data, from the start of the day
    std::int64_t gapToMs = 0;
    bool carrierNational = false;  // numbers as "044 100 00 01"
    std::string carrierPrefix;     // before the far end's digits, as a switch dials it: "9901"
    double farAbsentAtCarrier = 0;
    int maskedDigitsAtCarrier = 0;   // of the far end
    double callCentre = 0;           // share of calls between the same two numbers, one a minute
    double reusedIds = 0;            // calls whose SIP Call-ID others have too, on both sides
    double onNet = 0;                // calls between two own numbers, of which the carrier has none
    std::int64_t clockChangeMs = 0;  // from that time of the day on the carrier's zone is an hour further east
    // Answered calls that go on with another user: a leg each at the platform, one record at the carrier. Of half of
    // them an id links the legs.
    double transferred = 0;
    double lateAtCarrier = 0;  // records that come after all others were due
    // The carrier counts durations in units of so much, rounded as above or else cut, and one of them stands as so much
    // in its records: 1'000 and 1 are seconds in a field of milliseconds.
    std::int64_t unitMs = 1;
    std::int64_t unitStandsMs = 1;
    // What each of the carrier's records says of its duration, rightly or not.
    std::optional<domain::TimeBasis> statedBasis;
    std::optional<domain::DeclaredRounding> statedRounding;
};

// One real call: the rows that record it, the one that stands for it first.
struct Truth {
    std::vector<std::uint32_t> ours;
    std::vector<std::uint32_t> theirs;
    std::vector<std::uint32_t> repeats;  // at the carrier
    bool hung = false;
    bool presented = false;
    bool reversed = false;
};

struct World {
    columns::Records calls{columns::LaneKind::calls};
    columns::Records durations{columns::LaneKind::durations};
    std::vector<char> lateDurations;  // a row each: whether it came after it was due; empty: none
    std::vector<Truth> truths;
};
World generate(const Scenario& scenario);
// What reconcile() makes of it, with what is known of late records.
Outcome reconcileWorld(const World& world, const Options& options);

// How well an outcome found the true pairs. `ambiguous` counts as not found.
struct Score {
    std::size_t truePairs = 0;
    std::size_t foundPairs = 0;
    std::size_t claimedPairs = 0;
    double precision() const {
        return claimedPairs == 0 ? 1 : static_cast<double>(foundPairs) / static_cast<double>(claimedPairs);
    }
    double recall() const {
        return truePairs == 0 ? 1 : static_cast<double>(foundPairs) / static_cast<double>(truePairs);
    }
};
Score score(const World& world, const Outcome& outcome);

}  // namespace meetpoint::reconcile::testing
