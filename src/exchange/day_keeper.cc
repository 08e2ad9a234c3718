#include "exchange/day_keeper.h"

#include <array>

#include "exchange/parties.h"
#include "exchange/stamp.h"
#include "store/block_calendar.h"

namespace meetpoint::exchange {
namespace {

using columns::LaneKind;
using store::LaneId;
using store::Tx;

// The name in the entries of the items that such runs store.
constexpr std::string_view writer = "day-keeper";

constexpr std::array recordKinds{LaneKind::calls, LaneKind::durations};

store::LeaseName reconciliationOf(LaneId lane) {
    return {store::LaneWork::reconciliation, lane};
}

// A record may have its partner in the next day or the last: zones reach 14 hours.
std::set<Day> withNeighbours(const std::set<Day>& days) {
    std::set<Day> wide;
    for (const Day day : days)
        for (const std::int32_t apart : {-1, 0, 1})
            wide.insert(Day{day.number + apart});
    return wide;
}

// How much of a lane is not noted yet.
struct Unnoted {
    std::int64_t first = 1, end = 1;  // sequences
    bool isNothing() const { return first >= end; }
};

Result<store::Carrier> carrierOfShard(const Services& services, std::int64_t shardKey) {
    TRY(services.db.read([&](Tx& tx) { return services.ledger.refresh(tx); }));
    const auto ledger = services.ledger.view();
    const store::Carrier* carrier = ledger.carrierByShard(shardKey);
    if (!carrier) return fail(internalError("a lane belongs to no carrier"));
    return *carrier;
}

Result<Unnoted> unnotedOf(Tx& tx, const store::Lanes& lanes, LaneId lane) {
    TRY_ASSIGN(const auto head, lanes.head(tx, lane));
    TRY_ASSIGN(const std::int64_t noted, store::progressOf(tx, reconciliationOf(lane)));
    return Unnoted{noted + 1, head.nextSequence};
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
    if (shardKey == unattributedShard || std::ranges::find(recordKinds, lane.lane.kind) == recordKinds.end())
        return LaneRounds::Due{};
    bool isElsewhere = false, isUnnoted = false;
    std::optional<Instant> next;
    TRY(services_.db.read([&](Tx& tx) -> Result<void> {
        if (lane.lane.kind == LaneKind::durations) {
            TRY_ASSIGN(const auto calls, services_.lanes.head(tx, {shardKey, LaneKind::calls}));
            isElsewhere = calls.nextSequence > 1;
        }
        for (const LaneKind kind : recordKinds) {
            TRY_ASSIGN(const Unnoted unnoted, unnotedOf(tx, services_.lanes, {shardKey, kind}));
            isUnnoted |= !unnoted.isNothing();
        }
        TRY_ASSIGN(const auto days, store::listOpenDays(tx, shardKey));
        for (const store::ReconciliationDay& day : days)
            if (const auto due = nextDue(day, keeping_)) next = std::min(next.value_or(due->at), due->at);
        return {};
    }));
    if (isElsewhere) return LaneRounds::Due{};
    const Instant now = services_.clock.now();
    const bool isNow = isUnnoted || (next && *next <= now);
    return LaneRounds::Due{isNow, std::min(next.value_or(now + keeping_.look), now + keeping_.look)};
}

Result<bool> DayKeeper::step(const store::Lease& lease) {
    bool isNoted = false;
    for (const LaneKind kind : recordKinds) {
        TRY_ASSIGN(const bool wasUnnoted, note(lease, kind));
        isNoted |= wasUnnoted;
    }
    std::vector<store::ReconciliationDay> open;
    TRY(services_.db.read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(open, store::listOpenDays(tx, lease.name.lane.shardKey));
        return {};
    }));
    const Instant now = services_.clock.now();
    for (const store::ReconciliationDay& day : open) {
        const auto due = nextDue(day, keeping_);
        if (!due || due->at > now) continue;
        TRY(keep(lease, day, due->isClosing));
        return true;
    }
    return isNoted;
}

// Which days have new records in a lane of this kind. False: none came.
Result<bool> DayKeeper::note(const store::Lease& lease, LaneKind kind) {
    const LaneId lane{lease.name.lane.shardKey, kind};
    Unnoted unnoted;
    std::set<Day> days;
    TRY(services_.db.read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(unnoted, unnotedOf(tx, services_.lanes, lane));
        if (unnoted.isNothing()) return {};
        TRY_ASSIGN(days, store::daysOfRecords(tx, lane, unnoted.first, unnoted.end));
        return {};
    }));
    if (unnoted.isNothing()) return false;
    TRY(rounds_.leases().demand(lease));
    TRY(services_.db.write(store::upkeepWrite(lane.shardKey, days.size()), [&](Tx& tx) -> Result<void> {
        TRY(store::checkFence(tx, lease));
        TRY(store::holdWork(tx, reconciliationOf(lane)));
        TRY(store::noteDays(tx, lane.shardKey, withNeighbours(days)));
        return store::setProgress(tx, reconciliationOf(lane), unnoted.end - 1);
    }));
    return true;
}

Result<void> DayKeeper::keep(const store::Lease& lease, const store::ReconciliationDay& day, bool isClosing) {
    const std::int64_t shardKey = lease.name.lane.shardKey;
    if (day.isStale()) {
        TRY_ASSIGN(const store::Carrier carrier, carrierOfShard(services_, shardKey));
        TRY(rounds_.leases().demand(lease));
        TRY_ASSIGN(const DayReport report,
                   reconcileDay(services_, limits_, carrier, day.day, rulesOf(carrier), writer));
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
