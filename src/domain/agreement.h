// What platform and one carrier agree on before their durations are compared and counted. A version is proposed by one
// side and signed by the other; once signed it never changes, and a later one replaces it from its date on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "domain/call.h"
#include "domain/side.h"

namespace meetpoint::domain {

enum class AgreementState : std::uint8_t {
    proposed,  // its proposer may still change or withdraw it, the other side signs or declines it
    signed_,
    declined,
    withdrawn,
};
std::string_view name(AgreementState state);  // "signed"
std::optional<AgreementState> readAgreementState(std::string_view word);

// Whether the side may move a proposal of `proposer` so: the other side signs or declines, the proposer withdraws.
bool mayMove(AgreementState from, AgreementState to, Side proposer, Side mover);

// How a connected time is charged: the first `initial` whole, then in whole steps. 60/60 is by the minute begun.
struct Increments {
    Duration initial, step;
    bool operator==(const Increments&) const = default;
    // Milliseconds charged for `ms` connected ones; 0 stays 0.
    std::int64_t charged(std::int64_t ms) const;
};

// Which kinds of call the carrier records.
struct RecordedScope {
    bool answeredOnly = false;
    bool inbound = true, outbound = true;  // at least one
    bool onNet = true;                     // calls between two of its own numbers
    bool operator==(const RecordedScope&) const = default;
};

// What is left out is not agreed.
struct AgreementTerms {
    // A difference of durations up to the larger of the two is tolerated.
    Duration tolerance = seconds(2);
    std::int64_t tolerancePerMille = 0;  // of the platform's duration
    std::optional<Increments> increments;
    std::optional<TimeBasis> durationBasis;  // from where the carrier counts
    std::optional<std::string> timeZone;     // IANA: in which the carrier keeps its times
    std::optional<RecordedScope> scope;
    std::int64_t billingCycleStartDay = 1;  // of the month, 1 to 28
    std::optional<Duration> dueAfter;       // after a day's end: by when its records are there
    std::optional<Duration> closeAfter;     // after a day's end
    bool operator==(const AgreementTerms&) const = default;
};

inline constexpr Duration longestTolerance = minutes(1);
inline constexpr std::int64_t mostTolerancePerMille = 200;
inline constexpr Duration longestIncrement = hours(1);
inline constexpr Duration longestCloseAfter = days(366);

// Code "bad-agreement" for terms that cannot be, "unknown-time-zone".
Result<void> checkTerms(const AgreementTerms& terms);

}  // namespace meetpoint::domain
