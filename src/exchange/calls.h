// One call by its id: as it is now, as it was, and the carrier's records of it.
#pragma once

#include "exchange/ledger_cache.h"
#include "exchange/services.h"

namespace meetpoint::exchange {

struct CallRequest {
    Id callId;
    std::optional<Id> carrierId;          // only this carrier's; required where the caller acts for several
    std::optional<std::int32_t> version;  // none: the newest
};

// A stored version of a call as its caller may see it; a slice of one row.
struct StoredCall {
    std::optional<Id> carrierId;  // none: it belongs to nobody
    store::LaneSlice slice;
};

// A call with the carrier's duration records that belong to it: those that reconciliation has paired with it, and those
// that name its id.
struct CallInFull {
    StoredCall call;
    std::vector<store::LaneSlice> durations;  // of one row each, newest revisions, in order of sequence
};

// What the caller may not see is not found, exactly like what does not exist. Codes not-found, "carrier-required".
// These block on the store.
Result<CallInFull> readCall(const Services& services, const Limits& limits, const domain::Caller& caller,
                            const CallRequest& request);
// Every stored version, lowest first. A call that has been in the lanes of several carriers has versions in each.
Result<std::vector<StoredCall>> readCallVersions(const Services& services, const domain::Caller& caller,
                                                 const CallRequest& request);

}  // namespace meetpoint::exchange
