// One duration record by its key, with its revisions.
#pragma once

#include "exchange/ledger_cache.h"
#include "exchange/services.h"

namespace meetpoint::exchange {

struct StoredDuration {
    Id carrierId;
    std::vector<store::LaneSlice> revisions;  // of one row each, lowest first; the last one is the newest
};

// A carrier's record as the caller may see it. Codes "carrier-required" (the caller acts for several, or is the
// platform), not-found. Blocks on the store.
Result<StoredDuration> readDuration(const Services& services, const domain::Caller& caller,
                                    const std::optional<Id>& carrierId, const std::string& recordId);

}  // namespace meetpoint::exchange
