#include "domain/consent.h"

#include "domain/call.h"

namespace meetpoint::domain {
namespace {

constexpr std::string_view states = "requested,agreementSigned,declined,ended";

}  // namespace

std::string_view name(ConsentState state) {
    return nameAt(states, static_cast<std::size_t>(state));
}

std::optional<ConsentState> readConsentState(std::string_view word) {
    if (const auto index = indexIn(states, word)) return static_cast<ConsentState>(*index);
    return std::nullopt;
}

bool mayMove(ConsentState from, ConsentState to) {
    if (from == ConsentState::requested) return to == ConsentState::agreementSigned || to == ConsentState::declined;
    return from == ConsentState::agreementSigned && to == ConsentState::ended;
}

bool needsReason(ConsentState to) {
    return to == ConsentState::declined || to == ConsentState::ended;
}

bool coversCall(const ConsentPeriod& period, Instant callAt) {
    return callAt >= period.from && (!period.until || callAt < *period.until);
}

bool acceptsLate(const ConsentPeriod& period, Instant now) {
    return !period.until || now < *period.until + windDown;
}

}  // namespace meetpoint::domain
