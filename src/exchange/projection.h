// What a caller may see of stored records: domain::visibilityOf, applied to columns. Every outlet hands records out
// only after this, and filters, sorts and counts what this gives.
#pragma once

#include "columns/records.h"
#include "exchange/ledger_cache.h"
#include "store/lanes.h"

namespace meetpoint::exchange {

// Calls or durations as `role` may see them at an instant, one a row or one for all; other lanes hold nothing that
// their readers may not see. A part that nobody may see keeps its rows, all values absent.
columns::Records project(const LedgerCache::View& ledger, columns::Records records, domain::Role role,
                         std::span<const Instant> at);
inline columns::Records project(const LedgerCache::View& ledger, columns::Records records, domain::Role role,
                                Instant now) {
    return project(ledger, std::move(records), role, std::span(&now, 1));
}

// The parts of which a role is ever shown anything.
store::PartSet partsShownTo(domain::Role role);

}  // namespace meetpoint::exchange
