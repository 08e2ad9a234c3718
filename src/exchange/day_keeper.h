// Keeping reconciliation up to date by itself: a day is run once it is over and its records had time to arrive, again
// when records came since, and closed after an agreed time. Of several nodes one at a time works on a carrier, by its
// lease.
#pragma once

#include <map>

#include "exchange/lane_rounds.h"
#include "exchange/reconciliation.h"

namespace meetpoint::exchange {

struct DayKeeperLimits {
    Duration pause = seconds(10);  // before the next look at the carriers, when nothing was due
    Duration look = minutes(1);    // before the next look at a carrier on which nothing was due
    Duration lease = minutes(10);  // after which the carriers of a node that died pass to others; longer than a run
    Duration afterFailure = minutes(5);  // before a carrier is looked at again on which it failed
    std::size_t runsPerTurn = 4;         // of one carrier before the next has its turn
    Duration settle = hours(1);          // after the day's end, before its first run
    Duration interval = minutes(15);     // from one run of a day to the next
    Duration closeAfter = days(10);      // after the day's end, where nothing else is agreed
};

// What was done for a carrier.
struct DaysKept {
    std::int64_t shardKey = 0;
    std::size_t runs = 0, closed = 0;
    std::int64_t changed = 0;  // items
    bool leaseLost = false;
    std::optional<Error> failure;
    bool isNothing() const { return runs + closed == 0 && !leaseLost && !failure; }
};

// When a day is to be run; nothing while its records stand as the last run read them. `closing`: as it is closed, which
// waits for no interval.
struct DayDue {
    Instant at;
    bool isClosing = false;
};
std::optional<DayDue> nextDue(const store::ReconciliationDay& day, const DayKeeperLimits& limits);

// For one thread at a time; several nodes have one each.
class DayKeeper {
public:
    using Report = std::function<void(const DaysKept&)>;
    // `isStopping` is asked between runs.
    DayKeeper(
        const Services& services, const Limits& limits, const DayKeeperLimits& keeping,
        std::function<bool()> isStopping = [] { return false; });
    DayKeeper(const DayKeeper&) = delete;

    // Looks at every carrier once and does what is due. As LaneRounds::pass(); blocks.
    Result<bool> pass(const Report& report);

private:
    Result<LaneRounds::Due> look(const store::LaneTail& lane);
    std::optional<DayDue> dueOf(std::int64_t shardKey, const store::ReconciliationDay& day) const;
    Result<bool> step(const store::Lease& lease);
    Result<void> keep(const store::Lease& lease, const store::ReconciliationDay& day, bool isClosing);

    const Services& services_;
    Limits limits_;
    DayKeeperLimits keeping_;
    LaneRounds rounds_;
    std::map<std::int64_t, Instant> notedAt_;  // by shard key
    DaysKept kept_;                            // for the carrier whose turn it is
};

}  // namespace meetpoint::exchange
