#include "exchange/lane_rounds.h"

#include "base/id.h"

namespace meetpoint::exchange {

LaneRounds::LaneRounds(const Services& services, Work work)
    : services_(services),
      work_(std::move(work)),
      leases_(services.db, services.clock, makeId(services.clock, services.random), work_.lease) {}

Result<bool> LaneRounds::pass(const std::function<void(const LaneTurn&)>& report) {
    std::vector<store::LaneTail> lanes;
    TRY(services_.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(lanes, work_.lanes ? work_.lanes(tx) : services_.lanes.tails(tx));
        return {};
    }));
    bool isMoreDue = false;
    for (const store::LaneTail& lane : lanes) {
        if (work_.isStopping()) return false;
        if (isSettled(lane)) continue;
        LaneTurn done{lane.lane, false, {}};
        const auto more = [&]() -> Result<bool> {
            TRY_ASSIGN(const Due due, work_.look(lane));
            if (due.isNow) return turn(lane.lane, done);
            settled_.insert_or_assign(lane.lane, Settled{lane.nextSequence, due.later});
            return false;
        }();
        const bool isLaneAtFault = !more && !isOfTheStore(more.error());
        if (isLaneAtFault) {
            done.failure = more.error();
            settled_.insert_or_assign(lane.lane, Settled{INT64_MAX, services_.clock.now() + work_.afterFailure});
        }
        report(done);
        if (!more && !isLaneAtFault) return fail(more.error());
        isMoreDue |= more && *more;
    }
    return isMoreDue;
}

// Time alone settles a lane on which the work failed; else a new record ends it too.
bool LaneRounds::isSettled(const store::LaneTail& lane) const {
    const auto found = settled_.find(lane.lane);
    if (found == settled_.end()) return false;
    const Settled& settled = found->second;
    const bool isChanged = settled.nextSequence != lane.nextSequence && settled.nextSequence != INT64_MAX;
    return !isChanged && (!settled.until || services_.clock.now() < *settled.until);
}

// True: more may be due at once.
Result<bool> LaneRounds::turn(store::LaneId lane, LaneTurn& done) {
    settled_.erase(lane);
    auto worked = [&]() -> Result<bool> {
        TRY_ASSIGN(const auto lease, leases_.take({work_.kind, lane}));
        if (!lease) return false;
        const auto ended = steps(*lease);
        // Given back also after a failure, so that nobody waits for it in vain; what went wrong first is what counts.
        const auto released = leases_.release(*lease);
        TRY(ended);
        TRY(released);
        return true;
    }();
    if (!worked && worked.error().code == leaseLostCode) {
        done.leaseLost = true;
        return false;
    }
    return worked;
}

Result<void> LaneRounds::steps(const store::Lease& lease) {
    for (std::size_t done = 0; done < work_.stepsPerTurn && !work_.isStopping(); ++done) {
        TRY_ASSIGN(const bool wasDue, work_.step(lease));
        if (!wasDue) return {};
    }
    return {};
}

}  // namespace meetpoint::exchange
