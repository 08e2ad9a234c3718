#include "exchange/upkeep.h"

#include "store/key_pages.h"

namespace meetpoint::exchange {

Upkeep::Upkeep(const Services& services, const UpkeepLimits& limits, std::function<bool()> isStopping)
    : services_(services),
      limits_(limits),
      isStopping_(std::move(isStopping)),
      rounds_(services, {store::LaneWork::upkeep, limits.lease, limits.afterFailure, limits.stepsPerTurn,
                         [this](const store::LaneTail& lane) -> Result<LaneRounds::Due> {
                             TRY_ASSIGN(const Plan plan, look(lane.lane));
                             return LaneRounds::Due{!plan.isNothing(), plan.lookAgain()};
                         },
                         [this](const store::Lease& lease) { return step(lease); }, isStopping_}),
      figures_(services.lanes, limits.stream, limits.figures) {}

Result<bool> Upkeep::pass(const Report& report) {
    done_ = {};
    return rounds_.pass([&](const LaneTurn& turn) {
        UpkeepDone done = std::exchange(done_, {});
        done.lane = turn.lane;
        done.leaseLost = turn.leaseLost;
        done.failure = turn.failure;
        if (!done.isNothing()) report(done);
    });
}

std::optional<Instant> Upkeep::Plan::lookAgain() const {
    if (!blocks.lookAgain || !figures.lookAgain) return blocks.lookAgain ? blocks.lookAgain : figures.lookAgain;
    return std::min(*blocks.lookAgain, *figures.lookAgain);
}

Result<Upkeep::Plan> Upkeep::look(store::LaneId lane) {
    Plan plan;
    const Instant now = services_.clock.now();
    TRY(services_.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(plan.unlisted, store::unlistedRuns(tx, lane));
        TRY_ASSIGN(const auto runs, store::listRuns(tx, lane));
        plan.runs = store::chooseRuns(runs, services_.lanes.keys().limits());
        TRY_ASSIGN(plan.blocks, store::planBlockMerge(tx, lane, now, limits_.blocks));
        TRY_ASSIGN(plan.figures, figures_.look(tx, lane, now));
        return {};
    }));
    return plan;
}

// Looks anew each time: the last step may have made another due, and before the lease was taken others were at it.
Result<bool> Upkeep::step(const store::Lease& lease) {
    TRY_ASSIGN(const Plan plan, look(lease.name.lane));
    if (plan.isNothing()) return false;
    if (!plan.unlisted.empty())
        TRY(removeUnlisted(lease, plan.unlisted.front()));
    else if (!plan.runs.empty())
        TRY(mergeRuns(lease, plan.runs));
    else if (plan.blocks.group)
        TRY(mergeBlocks(lease, *plan.blocks.group));
    else
        TRY(keepFigures(lease, *plan.figures.span));
    return true;
}

Result<void> Upkeep::write(const store::Lease& lease, std::size_t rows, const store::TxFunction& work) {
    TRY(rounds_.leases().demand(lease));
    return services_.db.write(store::upkeepWrite(lease.name.lane.shardKey, rows), [&](store::Tx& tx) -> Result<void> {
        TRY(store::checkFence(tx, lease));
        return work(tx);
    });
}

// The lane first and the fence second, in every transaction that wants both.
Result<void> Upkeep::writeLocked(const store::Lease& lease, std::size_t rows, const store::TxFunction& work) {
    TRY(rounds_.leases().demand(lease));
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
Result<void> Upkeep::mergeRuns(const store::Lease& lease, const std::vector<store::KeyRun>& runs) {
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
        ++done_.givenUp;
        return {};
    }
    done_.runsMerged += runs.size();
    done_.keysMerged += static_cast<std::size_t>(merge.output().entries);
    return {};
}

Result<void> Upkeep::mergeBlocks(const store::Lease& lease, const store::BlockGroup& group) {
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
        ++done_.givenUp;
        return {};
    }
    if (!merge->rewrites()) return {};
    done_.blocksMerged += group.blocks.size();
    ++done_.blocksWritten;
    done_.recordsRewritten += group.rows();
    done_.bytesBefore += merge->bytesBefore();
    done_.bytesAfter += merge->bytesAfter();
    return {};
}

Result<void> Upkeep::keepFigures(const store::Lease& lease, const store::LaneSpan& span) {
    const store::LaneId lane = lease.name.lane;
    std::optional<SpanFigures> worked;
    TRY(services_.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(worked, figures_.workOut(tx, lane, span));
        return {};
    }));
    // What is superseded meanwhile makes them stale, and is seen by who asks them.
    TRY(write(lease, 1,
              [&](store::Tx& tx) { return worked ? worked->enter(tx, lane) : store::removeFigures(tx, lane, span); }));
    figures_.isDone(lane, span);
    ++done_.figuresKept;
    return {};
}

}  // namespace meetpoint::exchange
