// The relationship between a tenant and a carrier: without a live one nothing passes between them. Consent is judged at
// the time of the call; after it ends, what concerns earlier calls goes on for a wind-down.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace meetpoint::domain {

enum class ConsentState : std::uint8_t { requested, agreementSigned, declined, ended };
std::string_view name(ConsentState state);
std::optional<ConsentState> readConsentState(std::string_view word);

// Whether a carrier or tenant may move a consent so; declining and ending need a reason.
bool mayMove(ConsentState from, ConsentState to);
bool needsReason(ConsentState to);

inline constexpr Duration windDown = days(90);

struct ConsentPeriod {
    Instant from;                  // when the agreement was signed
    std::optional<Instant> until;  // when it ended
};
bool coversCall(const ConsentPeriod& period, Instant callAt);
// Whether late versions, durations and reconciliation of a covered call are still taken at `now`.
bool acceptsLate(const ConsentPeriod& period, Instant now);

}  // namespace meetpoint::domain
