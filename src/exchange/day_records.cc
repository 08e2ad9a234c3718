#include "exchange/day_records.h"

#include <atomic>

#include "base/parallel.h"
#include "store/block_calendar.h"

namespace meetpoint::exchange {
namespace {

using columns::Part;

struct DayTimes {
    Instant from, to, dueAt;
};

Result<void> readLane(store::Tx& tx, const Services& services, store::LaneId lane, const DayTimes& times,
                      reconcile::SideInput& side) {
    const auto [from, to, dueAt] = times;
    TRY_ASSIGN(const std::int64_t firstLate, services.lanes.firstStoredAfter(tx, lane, dueAt));
    std::size_t rows = 0;
    TRY_ASSIGN(const auto blocks, store::blocksWithin(tx, lane, from, to));
    for (const store::BlockPlace& block : blocks)
        rows += static_cast<std::size_t>(block.rows);
    side.reserve(rows);
    store::Lanes::ColumnScan wanted;
    wanted.request.from = from;
    wanted.request.to = to;
    wanted.core = reconcile::SideInput::columnsOf(lane.kind, Part::core);
    wanted.parties = reconcile::SideInput::columnsOf(lane.kind, Part::parties);
    return services.lanes.scanColumns(
        tx, lane, wanted,
        [&](const columns::Batch& core, const columns::Batch& parties, std::span<const std::uint32_t> rows,
            std::int64_t firstSequence) -> Result<void> {
            const std::int64_t lateFrom = std::max<std::int64_t>(0, firstLate - firstSequence);
            side.add(core, &parties, rows, static_cast<std::uint32_t>(std::min<std::int64_t>(lateFrom, UINT32_MAX)));
            return {};
        });
}

}  // namespace

Result<DayRecords> readDay(const Services& services, std::int64_t shardKey, Day day, Duration margin, Instant dueAt,
                           std::size_t threads) {
    const DayTimes times{startOf(day) - margin, startOf(Day{day.number + 1}) + margin, dueAt};
    DayRecords records;
    struct Lane {
        columns::LaneKind kind;
        reconcile::SideInput& side;
        std::atomic<bool> isTaken = false;
        Result<void> outcome{};
    };
    Lane lanes[2] = {{columns::LaneKind::calls, records.calls}, {columns::LaneKind::durations, records.durations}};
    // Whoever gets a connection reads a lane that nobody has begun; without one for the helper the other reads both.
    const auto work = [&](std::size_t first) {
        return services.db.read([&](store::Tx& tx) -> Result<void> {
            for (Lane* lane : {&lanes[first], &lanes[1 - first]})
                if (!lane->isTaken.exchange(true))
                    lane->outcome = readLane(tx, services, {shardKey, lane->kind}, times, lane->side);
            return {};
        });
    };
    std::vector<Result<void>> done(2);
    inParallel(threads, done.size(), [&](std::size_t piece) { done[piece] = work(piece); });
    for (const Lane& lane : lanes) {
        if (!lane.isTaken) return fail(done.front() ? done.back().error() : done.front().error());
        TRY(lane.outcome);
    }
    return records;
}

}  // namespace meetpoint::exchange
