// What is known of a carrier's days of reconciliation beside their runs: whether records came since the last one, and
// whether the day is closed. Every function runs inside the caller's transaction.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "store/db.h"

namespace meetpoint::store {

struct ReconciliationDay {
    Day day;
    std::int64_t noted = 0;     // how often records of it were noted
    std::int64_t runNoted = 0;  // how often when the last run read them
    std::optional<Instant> lastRunAt;
    std::optional<Instant> closedAt;
    std::optional<std::int64_t> closedRun;  // the last run before it was closed
    bool isStale() const { return noted > runNoted; }
};

// Notes that records of these days have come.
Result<void> noteDays(Tx& tx, std::int64_t shardKey, const std::set<Day>& days);
// Days in [from, to) of which anything is known, in order.
Result<std::vector<ReconciliationDay>> listDays(Tx& tx, std::int64_t shardKey, Day from, Day to);
// Days that are stale or not closed yet, in order.
Result<std::vector<ReconciliationDay>> listOpenDays(Tx& tx, std::int64_t shardKey);
// Nothing known: a day that was never noted, run or closed.
Result<ReconciliationDay> findDay(Tx& tx, std::int64_t shardKey, Day day);
// A run that had read the day's records when it was noted `runNoted` times; of two, the one that read more counts.
Result<void> noteRun(Tx& tx, std::int64_t shardKey, Day day, std::int64_t runNoted, Instant at);
// Nothing changes where it is closed already.
Result<void> closeDay(Tx& tx, std::int64_t shardKey, Day day, Instant at, std::int64_t run);

}  // namespace meetpoint::store
