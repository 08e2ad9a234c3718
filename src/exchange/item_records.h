// Items of a reconciliation as records of the `items` lane, and what of them changed since the run before.
#pragma once

#include "columns/records.h"
#include "domain/agreement.h"
#include "reconcile/outcome.h"

namespace meetpoint::exchange {

// In the order of columns::ItemCore::changed.
enum class ItemChange : std::uint8_t { created, changed, gone };

// One record an item, in the outcome's order; `run` and `changed` are set by changedItems. `terms`: what is agreed;
// null: nothing.
columns::Records itemRecords(const reconcile::Outcome& outcome, const columns::Records& calls,
                             const columns::Records& durations, Day day, const domain::AgreementTerms* terms);

// The rows to store for this run: items that are new or say something else than before, and those that are gone. Order
// of the input makes no difference to the set.
columns::Records changedItems(const columns::Records& before, const columns::Records& now, std::int32_t run);

}  // namespace meetpoint::exchange
