#include "exchange/day_keeper.h"

#include "exchange/day_notes.h"
#include "exchange/stamp.h"

namespace meetpoint::exchange {
namespace {

using columns::LaneKind;
using store::Tx;

// The name in the entries of the items that such runs store.
constexpr std::string_view writer = "day-keeper";

Result<store::Carrier> carrierOfShard(const Services& services, std::int64_t shardKey) {
    TRY(services.db.read([&](Tx& tx) { return services.ledger.refresh(tx); }));
    const auto ledger = services.ledger.view();
    const store::Carrier* carrier = ledger.carrierByShard(shardKey);
    if (!carrier) return fail(internalError("a lane belongs to no carrier"));
    return *carrier;
}

}  // namespace

std::optional<DayDue> nextDue(const store::ReconciliationDay& day, const DayKeeperLimits& limits) {
    const Instant end = startOf(Day{day.day.number + 1});
    std::optional<DayDue> due;
    if (day.isStale()) {
        due = DayDue{end + limits.settle};
        if (day.lastRunAt) due->at = std::max(due->at, *day.lastRunAt + limits.interval);
    }
    const Instant closing = end + limits.closeAfter;
    if (!day.closedAt && (!due || closing <= due->at)) due = DayDue{closing, true};
    return due;
}

DayKeeper::DayKeeper(const Services& services, const Limits& limits, const DayKeeperLimits& keeping,
                     std::function<bool()> isStopping)
    : services_(services),
      limits_(limits),
      keeping_(keeping),
      rounds_(services, {store::LaneWork::reconciliation, keeping.lease, keeping.afterFailure, keeping.runsPerTurn,
                         [this](const store::LaneTail& lane) { return look(lane); },
                         [this](const store::Lease& lease) { return step(lease); }, std::move(isStopping)}) {}

Result<bool> DayKeeper::pass(const Report& report) {
    kept_ = {};
    return rounds_.pass([&](const LaneTurn& turn) {
        DaysKept kept = std::exchange(kept_, {});
        kept.shardKey = turn.lane.shardKey;
        kept.leaseLost = turn.leaseLost;
        kept.failure = turn.failure;
        if (!kept.isNothing()) report(kept);
    });
}

// A carrier's days are kept with its lane of calls, or with that of durations while the platform has sent no calls.
Result<LaneRounds::Due> DayKeeper::look(const store::LaneTail& lane) {
    const std::int64_t shardKey = lane.lane.shardKey;
    const bool holdsRecords = lane.lane.kind == LaneKind::calls || lane.lane.kind == LaneKind::durations;
    if (shardKey == unattributedShard || !holdsRecords) return LaneRounds::Due{};
    bool isElsewhere = false, isUnnoted = false;
    std::optional<Instant> next;
    TRY(services_.db.read([&](Tx& tx) -> Result<void> {
        if (lane.lane.kind == LaneKind::durations) {
            TRY_ASSIGN(const auto calls, services_.lanes.head(tx, {shardKey, LaneKind::calls}));
            isElsewhere = calls.nextSequence > 1;
        }
        TRY_ASSIGN(isUnnoted, hasUnnoted(tx, services_.lanes, shardKey));
        TRY(services_.ledger.refresh(tx));
        TRY_ASSIGN(const auto days, store::listOpenDays(tx, shardKey));
        for (const store::ReconciliationDay& day : days)
            if (const auto due = dueOf(shardKey, day)) next = std::min(next.value_or(due->at), due->at);
        return {};
    }));
    if (isElsewhere) return LaneRounds::Due{};
    const Instant now = services_.clock.now();
    // While records come without a pause they are noted now and then, not all the time.
    const auto noted = notedAt_.find(shardKey);
    const bool isToBeNoted = isUnnoted && (noted == notedAt_.end() || noted->second + keeping_.look <= now);
    const bool isNow = isToBeNoted || (next && *next <= now);
    return LaneRounds::Due{isNow, std::min(next.value_or(now + keeping_.look), now + keeping_.look)};
}

// By what was agreed about closing, else as configured.
std::optional<DayDue> DayKeeper::dueOf(std::int64_t shardKey, const store::ReconciliationDay& day) const {
    DayKeeperLimits limits = keeping_;
    const auto ledger = services_.ledger.view();
    const store::Carrier* carrier = ledger.carrierByShard(shardKey);
    const SignedAgreement* agreement = carrier ? ledger.agreementOn(carrier->id, day.day) : nullptr;
    if (agreement && agreement->terms.closeAfter) limits.closeAfter = *agreement->terms.closeAfter;
    return nextDue(day, limits);
}

Result<bool> DayKeeper::step(const store::Lease& lease) {
    TRY(noteNewRecords(services_, lease.name.lane.shardKey));
    notedAt_[lease.name.lane.shardKey] = services_.clock.now();
    std::vector<store::ReconciliationDay> open;
    TRY(services_.db.read([&](Tx& tx) -> Result<void> {
        TRY(services_.ledger.refresh(tx));
        TRY_ASSIGN(open, store::listOpenDays(tx, lease.name.lane.shardKey));
        return {};
    }));
    const Instant now = services_.clock.now();
    for (const store::ReconciliationDay& day : open) {
        const auto due = dueOf(lease.name.lane.shardKey, day);
        if (!due || due->at > now) continue;
        TRY(keep(lease, day, due->isClosing));
        return true;
    }
    return false;
}

Result<void> DayKeeper::keep(const store::Lease& lease, const store::ReconciliationDay& day, bool isClosing) {
    const std::int64_t shardKey = lease.name.lane.shardKey;
    if (day.isStale()) {
        TRY_ASSIGN(const store::Carrier carrier, carrierOfShard(services_, shardKey));
        TRY(rounds_.leases().demand(lease));
        TRY_ASSIGN(const DayReport report, reconcileDay(services_, limits_, carrier, day.day, writer));
        ++kept_.runs;
        kept_.changed += report.run.changed;
    }
    if (!isClosing) return {};
    TRY(rounds_.leases().demand(lease));
    TRY(services_.db.write(store::upkeepWrite(shardKey, 1), [&](Tx& tx) -> Result<void> {
        TRY(store::checkFence(tx, lease));
        TRY_ASSIGN(const auto runs, store::latestRuns(tx, shardKey, day.day, Day{day.day.number + 1}));
        if (runs.empty()) return fail(internalError("a day is to be closed that was never run"));
        return store::closeDay(tx, shardKey, day.day, services_.clock.now(), runs.front().run);
    }));
    ++kept_.closed;
    return {};
}

}  // namespace meetpoint::exchange
