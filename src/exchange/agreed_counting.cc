#include "exchange/agreed_counting.h"

#include <algorithm>
#include <cstdlib>

namespace meetpoint::exchange {

using domain::TimeBasis;
using reconcile::Cause;
using reconcile::State;

reconcile::Rounding roundingOf(const domain::Increments& increments) {
    const bool isPlain = increments.initial == increments.step;
    return {reconcile::RoundingMode::up, increments.step, isPlain ? Duration{} : increments.initial};
}

std::int64_t beforeAnswer(const reconcile::Item& item, TimeBasis basis) {
    switch (basis) {
        case TimeBasis::invite:
            return item.inviteToAnswerMs;
        case TimeBasis::ring:
            return item.ringingToAnswerMs;
        case TimeBasis::answer:
            break;
    }
    return 0;
}

bool Counting::explains(std::int64_t ourMs, std::int64_t ringingMs, std::int64_t theirMs) const {
    const std::int64_t counted = ourMs + (basis == TimeBasis::answer ? 0 : ringingMs);
    if (rounding) return rounding->distance(counted, theirMs, reconcile::measurementMs) == 0;
    return std::abs(theirMs - counted) <= reconcile::measurementMs;
}

bool showsCounting(const reconcile::Item& item) {
    const bool isPair = item.startDeltaMs && item.ourCount > 0 && item.theirCount == 1;
    return isPair && item.ourMs > 0 && item.theirMs > 0 && !item.causes.has(Cause::partialRecords) &&
           !item.causes.has(Cause::hungCall) && !item.causes.has(Cause::transferredCall);
}

CarrierDuration carrierDuration(const reconcile::Item& item, const domain::AgreementTerms* terms) {
    // One figure for a call that went on with another user is nobody's duration.
    const bool isPair = item.ourCount > 0 && item.theirCount > 0 && !item.causes.has(Cause::hungCall) &&
                        !item.causes.has(Cause::transferredCall);
    const bool isMatched = item.state == State::matched || item.state == State::matchedWithinTolerance;
    CarrierDuration out{isPair && isMatched, std::nullopt};
    const bool mayBeExplained = terms && (isMatched || item.state == State::durationMismatch) && showsCounting(item);
    if (!mayBeExplained) return out;
    Counting agreed{terms->durationBasis.value_or(TimeBasis::answer), std::nullopt};
    if (terms->increments) agreed.rounding = roundingOf(*terms->increments);
    const std::int64_t ringing = beforeAnswer(item, agreed.basis);
    if (!agreed.explains(item.ourMs, ringing, item.theirMs)) return out;
    out.counts = true;
    if (ringing > 0) out.connectedMs = std::max<std::int64_t>(0, item.theirMs - ringing);
    return out;
}

}  // namespace meetpoint::exchange
