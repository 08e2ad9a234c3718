#include "exchange/upkeep.h"

#include "base/id.h"
#include "store/key_pages.h"

namespace meetpoint::exchange {

Upkeep::Upkeep(const Services& services, const UpkeepLimits& limits, std::function<bool()> isStopping)
    : services_(services),
      limits_(limits),
      isStopping_(std::move(isStopping)),
      leases_(services.db, services.clock, makeId(services.clock, services.random), limits.lease) {}

Result<bool> Upkeep::pass(const Report& report) {
    std::vector<store::LaneTail> lanes;
    TRY(services_.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(lanes, services_.lanes.tails(tx));
        return {};
    }));
    bool isMoreDue = false;
    for (const store::LaneTail& lane : lanes) {
        if (isStopping_()) return false;
        if (isSettled(lane)) continue;
        UpkeepDone done;
        done.lane = lane.lane;
        const auto more = turn(lane, done);
        const bool isLaneAtFault = !more && !isOfTheStore(more.error());
        if (isLaneAtFault) {
            done.failure = more.error();
            settled_.insert_or_assign(lane.lane, Settled{INT64_MAX, services_.clock.now() + limits_.afterFailure});
        }
        if (!done.isNothing()) report(done);
        if (!more && !isLaneAtFault) return fail(more.error());
        isMoreDue |= more && *more;
    }
    return isMoreDue;
}

// Time alone settles a lane whose upkeep failed; else a new record ends it too.
bool Upkeep::isSettled(const store::LaneTail& lane) const {
    const auto found = settled_.find(lane.lane);
    if (found == settled_.end()) return false;
    const Settled& settled = found->second;
    const bool isChanged = settled.nextSequence != lane.nextSequence && settled.nextSequence != INT64_MAX;
    return !isChanged && (!settled.until || services_.clock.now() < *settled.until);
}

Result<Upkeep::Plan> Upkeep::look(store::LaneId lane) {
    Plan plan;
    TRY(services_.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(plan.unlisted, store::unlistedRuns(tx, lane));
        TRY_ASSIGN(const auto runs, store::listRuns(tx, lane));
        plan.runs = store::chooseRuns(runs, services_.lanes.keys().limits());
        TRY_ASSIGN(plan.blocks, store::planBlockMerge(tx, lane, services_.clock.now(), limits_.blocks));
        return {};
    }));
    return plan;
}

// True: more may be due at once.
Result<bool> Upkeep::turn(const store::LaneTail& lane, UpkeepDone& done) {
    TRY_ASSIGN(const Plan plan, look(lane.lane));
    if (plan.isNothing()) {
        settled_.insert_or_assign(lane.lane, Settled{lane.nextSequence, plan.blocks.lookAgain});
        return false;
    }
    settled_.erase(lane.lane);
    auto worked = [&]() -> Result<bool> {
        TRY_ASSIGN(const auto lease, leases_.take(store::upkeepOf(lane.lane)));
        if (!lease) return false;
        const auto ended = work(*lease, done);
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

Result<void> Upkeep::work(const store::Lease& lease, UpkeepDone& done) {
    for (std::size_t steps = 0; steps < limits_.stepsPerTurn && !isStopping_(); ++steps) {
        // Anew each time: the last step may have made another due, and before the lease was taken others were at it.
        TRY_ASSIGN(const Plan plan, look(lease.name.lane));
        if (plan.isNothing()) return {};
        TRY(step(lease, plan, done));
    }
    return {};
}

Result<void> Upkeep::step(const store::Lease& lease, const Plan& plan, UpkeepDone& done) {
    if (!plan.unlisted.empty()) return removeUnlisted(lease, plan.unlisted.front());
    if (!plan.runs.empty()) return mergeRuns(lease, plan.runs, done);
    return mergeBlocks(lease, *plan.blocks.group, done);
}

Result<void> Upkeep::write(const store::Lease& lease, std::size_t rows, const store::TxFunction& work) {
    TRY(leases_.demand(lease));
    return services_.db.write(store::upkeepWrite(lease.name.lane.shardKey, rows), [&](store::Tx& tx) -> Result<void> {
        TRY(store::checkFence(tx, lease));
        return work(tx);
    });
}

// The lane first and the fence second, in every transaction that wants both.
Result<void> Upkeep::writeLocked(const store::Lease& lease, std::size_t rows, const store::TxFunction& work) {
    TRY(leases_.demand(lease));
    return services_.db.write(store::upkeepWrite(lease.name.lane.shardKey, rows), [&](store::Tx& tx) -> Result<void> {
        TRY(services_.lanes.lock(tx, lease.name.lane));
        TRY(store::checkFence(tx, lease));
        return work(tx);
    });
}

Result<void> Upkeep::removeUnlisted(const store::Lease& lease, std::int64_t run) {
    for (bool removed = false; !removed && !isStopping_();)
        TRY(write(lease, limits_.pagesPerStep, [&](store::Tx& tx) -> Result<void> {
            TRY_ASSIGN(removed, store::removeUnlisted(tx, lease.name.lane, run, limits_.pagesPerStep));
            return {};
        }));
    return {};
}

// What is left of a merge that is given up, or that ends with the process, is named in unlisted_runs.
Result<void> Upkeep::mergeRuns(const store::Lease& lease, const std::vector<store::KeyRun>& runs, UpkeepDone& done) {
    store::KeyMerge merge(lease.name.lane, runs);
    bool isThere = true;
    while (isThere && !merge.isAtEnd()) {
        if (isStopping_()) return {};
        TRY(services_.db.read([&](store::Tx& tx) -> Result<void> {
            TRY_ASSIGN(isThere, merge.read(tx, limits_.keysPerStep));
            return {};
        }));
        if (isThere) TRY(write(lease, limits_.pagesPerStep, [&](store::Tx& tx) { return merge.write(tx); }));
    }
    if (isThere)
        TRY(writeLocked(lease, runs.size(), [&](store::Tx& tx) -> Result<void> {
            TRY_ASSIGN(isThere, merge.finish(tx));
            if (isThere) services_.lanes.keys().forgetAfter(tx, lease.name.lane, runs);
            return {};
        }));
    if (!isThere) {
        ++done.givenUp;
        return {};
    }
    done.runsMerged += runs.size();
    done.keysMerged += static_cast<std::size_t>(merge.output().entries);
    return {};
}

Result<void> Upkeep::mergeBlocks(const store::Lease& lease, const store::BlockGroup& group, UpkeepDone& done) {
    std::optional<store::BlockMerge> merge;
    TRY(services_.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(merge, store::BlockMerge::read(tx, lease.name.lane, group, services_.lanes.secret()));
        return {};
    }));
    bool isSwapped = false;
    TRY(writeLocked(lease, group.rows(), [&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(isSwapped, merge->swap(tx));
        return {};
    }));
    if (!isSwapped) {
        ++done.givenUp;
        return {};
    }
    if (!merge->rewrites()) return {};
    done.blocksMerged += group.blocks.size();
    ++done.blocksWritten;
    done.recordsRewritten += group.rows();
    done.bytesBefore += merge->bytesBefore();
    done.bytesAfter += merge->bytesAfter();
    return {};
}

}  // namespace meetpoint::exchange
