// Delivery statements: for each hour of storing, what a carrier's feed held, so that the carrier can show that it got
// everything that was sent. An hour is stated once its lane has passed it, and never again.
#pragma once

#include "exchange/lane_rounds.h"
#include "store/statements.h"

namespace meetpoint::exchange {

struct StatementLimits {
    Duration pause = seconds(10);         // before the next look, when no hour was due
    Duration lease = seconds(30);         // after which the lanes of a node that died pass to others
    Duration afterFailure = minutes(1);   // before a lane is looked at again on which it failed
    std::size_t hoursPerTurn = 24;        // on one lane before the next has its turn
    std::size_t entriesPerRead = 10'000;  // of an hour, read at once
};

// What was stated of a lane.
struct StatementsMade {
    store::LaneId lane;
    std::size_t hours = 0;
    std::size_t records = 0;
    bool leaseLost = false;
    std::optional<Error> failure;
    bool isNothing() const { return hours == 0 && !leaseLost && !failure; }
};

// For one thread at a time; several nodes have one each.
class StatementMaker {
public:
    using Report = std::function<void(const StatementsMade&)>;
    // `isStopping` is asked between blocks.
    StatementMaker(
        const Services& services, const StatementLimits& limits,
        std::function<bool()> isStopping = [] { return false; });
    StatementMaker(const StatementMaker&) = delete;

    // Looks at every feed's lane once and states the hours that it has passed. As LaneRounds::pass(); blocks.
    Result<bool> pass(const Report& report);

private:
    Result<LaneRounds::Due> look(const store::LaneTail& lane);
    Result<bool> step(const store::Lease& lease);
    Result<void> closeEmpty(const store::Lease& lease, std::int64_t next, Instant until);
    Result<void> close(const store::Lease& lease, std::int64_t first, Instant hour);
    Result<void> passTime(const store::Lease& lease, Instant until);
    Result<bool> readEntries(const store::Lease& lease, store::Statement& statement);
    Result<bool> addRecords(const store::Lease& lease, store::Statement& statement);

    const Services& services_;
    StatementLimits limits_;
    std::function<bool()> isStopping_;
    LaneRounds rounds_;
    StatementsMade made_;  // on the lane whose turn it is
};

struct StatementRequest {
    columns::LaneKind kind = columns::LaneKind::calls;
    std::optional<Id> carrierId;             // where the caller acts for several, or is the platform
    Instant from{INT64_MIN}, to{INT64_MAX};  // of the hours' beginnings, [from, to)
    std::size_t limit = 168;
};

struct StatementPage {
    Id carrierId;
    store::LaneId lane;
    // All hours before it are stated; those that have no statement held nothing. None while nothing was ever stored.
    std::optional<Instant> closedUntil;
    std::vector<store::Statement> statements;  // in order, at most `limit`
    bool hasMore = false;
};

// Codes "carrier-required", not-found.
Result<StatementPage> readStatements(const Services& services, const domain::Caller& caller,
                                     const StatementRequest& request);

}  // namespace meetpoint::exchange
