#include "exchange/durations.h"

#include "exchange/projection.h"
#include "exchange/record_lanes.h"

namespace meetpoint::exchange {

Result<StoredDuration> readDuration(const Services& services, const domain::Caller& caller,
                                    const std::optional<Id>& carrierId, const std::string& recordId) {
    StoredDuration found;
    TRY_ASSIGN(found.carrierId, carrierOf(caller, carrierId));
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY(services.ledger.refresh(tx));
        TRY_ASSIGN(const ReadableLanes readable,
                   readableLanes(services.ledger.view(), caller, columns::LaneKind::durations, found.carrierId));
        for (const ReadableLane& lane : readable.lanes) {
            TRY_ASSIGN(found.revisions,
                       services.lanes.findVersions(tx, lane.lane, viewOf(recordId), store::PartSet::all()));
        }
        return {};
    }));
    if (found.revisions.empty()) return fail(notFound("There is no such duration record."));
    for (store::LaneSlice& slice : found.revisions)
        slice.records = project(services.ledger.view(), std::move(slice.records), caller.role, services.clock.now());
    return found;
}

}  // namespace meetpoint::exchange
