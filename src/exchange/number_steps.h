// Moving a number along its life: the one place where a state changes.
#pragma once

#include "exchange/services.h"
#include "store/ledger.h"
#include "store/numbers.h"

namespace meetpoint::exchange {

// Applies `action` to `number` (whose target and SIP URI the caller has set as they will be), stores it with its
// history and appends the carrier's event. Codes "transition-not-allowed", "version-mismatch".
Result<void> takeStep(store::Tx& tx, const Services& services, const store::Carrier& carrier, store::Number& number,
                      domain::NumberAction action, std::string_view actor, const std::optional<std::string>& reason);
// The first step of a new number.
Result<void> recordUpload(store::Tx& tx, const Services& services, const store::Carrier& carrier,
                          const store::Number& number, std::string_view actor);

}  // namespace meetpoint::exchange
