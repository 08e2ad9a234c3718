// Whose records a caller reads: the lanes, and which of their rows. The one place where that is decided for everything
// that looks up or searches records.
#pragma once

#include "exchange/ledger_cache.h"
#include "exchange/services.h"

namespace meetpoint::exchange {

struct ReadableLane {
    store::LaneId lane;
    std::optional<Id> carrierId;  // none: the lane of calls that belong to nobody
};

struct ReadableLanes {
    std::vector<ReadableLane> lanes;  // in order of shard key
    std::optional<Id> tenantId;       // only the rows of this tenant

    std::vector<store::LaneId> ids() const;
    // Whose a lane is; nothing for that of nobody, and for lanes that are not among these.
    std::optional<Id> carrierOf(store::LaneId lane) const;
    // Of calls or durations, by their core.
    bool hasRow(const columns::Records& records, std::size_t row) const;
};

// The lanes of calls or durations that the caller may read: a carrier's own; all those of carriers that a tenant has
// had a consent with; all, of which those of nobody are the platform's alone. With `carrierId` that carrier's alone.
// Codes "carrier-required", and not-found for a carrier that does not exist or that the caller does not act for; to a
// tenant any other carrier has no lanes.
Result<ReadableLanes> readableLanes(const LedgerCache::View& ledger, const domain::Caller& caller,
                                    columns::LaneKind kind, const std::optional<Id>& carrierId);

// The column of core that holds a record's tenant.
int tenantColumnOf(columns::LaneKind kind);

}  // namespace meetpoint::exchange
