#include "exchange/day_notes.h"

#include <array>

#include "store/block_calendar.h"
#include "store/leases.h"
#include "store/reconciliation_days.h"

namespace meetpoint::exchange {
namespace {

using columns::LaneKind;
using store::LaneId;
using store::Tx;

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

// The sequences of a lane that are not noted yet.
struct Unnoted {
    std::int64_t first = 1, end = 1;
    bool isNothing() const { return first >= end; }
};

Result<Unnoted> unnotedOf(Tx& tx, const store::Lanes& lanes, LaneId lane) {
    TRY_ASSIGN(const auto head, lanes.head(tx, lane));
    TRY_ASSIGN(const std::int64_t noted, store::progressOf(tx, reconciliationOf(lane)));
    return Unnoted{noted + 1, head.nextSequence};
}

Result<bool> noteLane(const Services& services, LaneId lane) {
    Unnoted unnoted;
    TRY(services.db.read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(unnoted, unnotedOf(tx, services.lanes, lane));
        return {};
    }));
    if (unnoted.isNothing()) return false;
    TRY(services.db.write(store::upkeepWrite(lane.shardKey, 1), [&](Tx& tx) -> Result<void> {
        // Keeps others waiting that are at the same lane, and shows what they did.
        TRY(store::holdWork(tx, reconciliationOf(lane)));
        TRY_ASSIGN(const Unnoted left, unnotedOf(tx, services.lanes, lane));
        if (left.isNothing()) return {};
        TRY_ASSIGN(const auto days, store::daysOfRecords(tx, lane, left.first, left.end));
        TRY(store::noteDays(tx, lane.shardKey, withNeighbours(days)));
        return store::setProgress(tx, reconciliationOf(lane), left.end - 1);
    }));
    return true;
}

}  // namespace

Result<bool> hasUnnoted(Tx& tx, const store::Lanes& lanes, std::int64_t shardKey) {
    for (const LaneKind kind : recordKinds) {
        TRY_ASSIGN(const Unnoted unnoted, unnotedOf(tx, lanes, {shardKey, kind}));
        if (!unnoted.isNothing()) return true;
    }
    return false;
}

Result<bool> noteNewRecords(const Services& services, std::int64_t shardKey) {
    bool isNoted = false;
    for (const LaneKind kind : recordKinds) {
        TRY_ASSIGN(const bool wereAny, noteLane(services, {shardKey, kind}));
        isNoted |= wereAny;
    }
    return isNoted;
}

}  // namespace meetpoint::exchange
