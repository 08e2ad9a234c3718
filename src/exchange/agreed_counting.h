// How a carrier counts durations by its agreement: from where, and charged in which increments.
#pragma once

#include "domain/agreement.h"
#include "reconcile/outcome.h"

namespace meetpoint::exchange {

reconcile::Rounding roundingOf(const domain::Increments& increments);

// Milliseconds from the instant that `basis` names to the answer of our call in a pair; 0 where it was never answered.
std::int64_t beforeAnswer(const reconcile::Item& item, domain::TimeBasis basis);

struct Counting {
    domain::TimeBasis basis = domain::TimeBasis::answer;
    std::optional<reconcile::Rounding> rounding;
    // Whether a call that was connected for `ourMs`, and rang `ringingMs` before it, may stand as `theirMs` in the
    // carrier's records, within measurement.
    bool explains(std::int64_t ourMs, std::int64_t ringingMs, std::int64_t theirMs) const;
};

// Whether one record of the carrier's stands against one call of ours and both were connected, so that how it counts
// shows.
bool showsCounting(const reconcile::Item& item);

// Whether the carrier's duration of an item counts for usage, and what it comes to as connected time where that is
// another figure than the record states. `terms`: what is agreed; null: nothing.
struct CarrierDuration {
    bool counts = false;
    std::optional<std::int64_t> connectedMs;
};
CarrierDuration carrierDuration(const reconcile::Item& item, const domain::AgreementTerms* terms);

}  // namespace meetpoint::exchange
