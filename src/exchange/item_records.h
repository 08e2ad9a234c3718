// Items of a reconciliation as records of the `items` lane, and what of them changed since the run before.
#pragma once

#include <unordered_map>

#include "columns/records.h"
#include "reconcile/reconcile.h"

namespace meetpoint::exchange {

// In the order of columns::ItemCore::changed.
enum class ItemChange : std::uint8_t { created, changed, gone };

// One record an item, in their order, as new ones of that run.
columns::Records itemRecords(const reconcile::Items& items, const reconcile::Reconciliation& matched, Day day,
                             std::int32_t run);

// The items that the run before left of a day, to tell what another one changes.
class EarlierItems {
public:
    // `core` has a row an item.
    explicit EarlierItems(columns::Batch core);

    // Those of `now`, which are of a later run, that are new or say something else than before. Several threads may ask
    // at once, each about other items.
    columns::Records changesOf(columns::Records now);
    // Those that no call of changesOf() had, as gone in that run.
    columns::Records gone(std::int32_t run) const;

private:
    columns::Batch core_;
    std::unordered_map<Id, std::uint32_t> rows_;
    std::vector<char> isThere_;
};

// The rows to store for this run: items that are new or say something else than before, and those that are gone. Order
// of the input makes no difference to the set.
columns::Records changedItems(const columns::Records& before, const columns::Records& now, std::int32_t run);

// Whether the carrier's duration of this item counts for usage (design: "Which duration counts").
bool carrierDurationCounts(const reconcile::Item& item);

}  // namespace meetpoint::exchange
