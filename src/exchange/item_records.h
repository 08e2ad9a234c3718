// Items of a reconciliation as records of the `items` lane, and what of them changed since the run before.
#pragma once

#include <unordered_map>

#include "columns/records.h"
#include "domain/agreement.h"
#include "reconcile/reconcile.h"

namespace meetpoint::exchange {

// In the order of columns::ItemCore::changed.
enum class ItemChange : std::uint8_t { created, changed, gone };

// One record an item, in their order, as new ones of that run. `terms`: what is agreed; null: nothing.
columns::Records itemRecords(const reconcile::Items& items, const reconcile::Reconciliation& matched, Day day,
                             std::int32_t run, const domain::AgreementTerms* terms);

// The items that the run before left of a day, to tell what another one changes. Of each only its id and a hash of what
// it says is kept.
class EarlierItems {
public:
    // Takes one; all of them before anything is asked.
    void add(const columns::Batch& core, std::size_t row);

    // Those of `now`, which are of a later run, that are new or say something else than before. Several threads may ask
    // at once, each about other items.
    columns::Records changesOf(columns::Records now);
    // Whether an item is among the earlier ones and no call of changesOf() had it.
    bool isGone(const Id& item) const;
    bool hasGone() const;
    // Appends an earlier item to `records`, as gone in that run.
    static void appendGone(const columns::Batch& core, std::size_t row, std::int32_t run, columns::Records& records);

private:
    struct Known {
        std::uint64_t content;
        char isThere;
    };
    std::unordered_map<Id, Known> items_;
};

}  // namespace meetpoint::exchange
