#include "store/reconciliation_days.h"

namespace meetpoint::store {
namespace {

constexpr std::string_view selectDays =
    "SELECT day, noted, run_noted, last_run_at, closed_at, closed_run FROM reconciliation_days WHERE shard_key = $1 ";

ReconciliationDay readDay(const Row& row) {
    ReconciliationDay day{Day{static_cast<std::int32_t>(row.integer(0))},
                          row.integer(1),
                          row.integer(2),
                          row.optionalInstant(3),
                          row.optionalInstant(4),
                          std::nullopt};
    if (!row.isNull(5)) day.closedRun = row.integer(5);
    return day;
}

Result<std::vector<ReconciliationDay>> readDays(Tx& tx, std::string_view condition,
                                                std::initializer_list<Value> parameters) {
    std::vector<ReconciliationDay> days;
    TRY(tx.query(std::string(selectDays) + std::string(condition), parameters,
                 [&](const Row& row) { days.push_back(readDay(row)); }));
    return days;
}

}  // namespace

Result<void> noteDays(Tx& tx, std::int64_t shardKey, const std::set<Day>& days) {
    for (const Day day : days)
        TRY(
            tx.execute("INSERT INTO reconciliation_days (shard_key, day, noted, run_noted) VALUES ($1, $2, 1, 0) "
                       "ON CONFLICT (shard_key, day) DO UPDATE SET noted = reconciliation_days.noted + 1",
                       {shardKey, day.number}));
    return {};
}

Result<std::vector<ReconciliationDay>> listDays(Tx& tx, std::int64_t shardKey, Day from, Day to) {
    return readDays(tx, "AND day >= $2 AND day < $3 ORDER BY day", {shardKey, from.number, to.number});
}

Result<std::vector<ReconciliationDay>> listOpenDays(Tx& tx, std::int64_t shardKey) {
    return readDays(tx, "AND (noted > run_noted OR closed_at IS NULL) ORDER BY day", {shardKey});
}

Result<ReconciliationDay> findDay(Tx& tx, std::int64_t shardKey, Day day) {
    TRY_ASSIGN(const auto days, listDays(tx, shardKey, day, Day{day.number + 1}));
    return days.empty() ? ReconciliationDay{.day = day} : days.front();
}

Result<void> noteRun(Tx& tx, std::int64_t shardKey, Day day, std::int64_t runNoted, Instant at) {
    TRY(
        tx.execute("INSERT INTO reconciliation_days (shard_key, day, noted, run_noted, last_run_at) "
                   "VALUES ($1, $2, $3, $3, $4) ON CONFLICT (shard_key, day) DO UPDATE SET "
                   "run_noted = excluded.run_noted, last_run_at = excluded.last_run_at "
                   "WHERE reconciliation_days.run_noted <= excluded.run_noted",
                   {shardKey, day.number, runNoted, at}));
    return {};
}

Result<void> closeDay(Tx& tx, std::int64_t shardKey, Day day, Instant at, std::int64_t run) {
    TRY(
        tx.execute("UPDATE reconciliation_days SET closed_at = $3, closed_run = $4 "
                   "WHERE shard_key = $1 AND day = $2 AND closed_at IS NULL",
                   {shardKey, day.number, at, run}));
    return {};
}

}  // namespace meetpoint::store
