// Going round the lanes with a kind of background work: which lanes it is due on, the lease of each, a number of steps
// and then the next one's turn. What is wrong with one lane does not keep the others waiting.
#pragma once

#include "exchange/leases.h"
#include "exchange/services.h"

namespace meetpoint::exchange {

// A lane on which work was due.
struct LaneTurn {
    store::LaneId lane;
    bool leaseLost = false;        // to another node, during the work
    std::optional<Error> failure;  // that ended the turn; about this lane alone
};

// For one thread at a time.
class LaneRounds {
public:
    struct Due {
        bool isNow = false;
        std::optional<Instant> later;  // where not now: when it is at the latest, also without a new record
    };
    struct Work {
        store::LaneWork kind = store::LaneWork::upkeep;
        Duration lease;            // after which the lanes of a node that died pass to others
        Duration afterFailure;     // before a lane is looked at again on which the work failed
        std::size_t stepsPerTurn;  // on one lane before the next has its turn
        std::function<Result<Due>(const store::LaneTail&)> look;
        // Does a piece of what is due under the lease; false: nothing was.
        std::function<Result<bool>(const store::Lease&)> step;
        std::function<bool()> isStopping;  // asked between steps
        // Which lanes to go round, where not all that there are.
        std::function<Result<std::vector<store::LaneTail>>(store::Tx&)> lanes = {};
    };
    LaneRounds(const Services& services, Work work);

    // Looks at every lane once and does what is due, a turn each; `report` is told of each lane on which work was due.
    // True: more may be due at once. Errors are those of the store as a whole.
    Result<bool> pass(const std::function<void(const LaneTurn&)>& report);
    // For steps: their leases must be demanded before each transaction.
    Leases& leases() { return leases_; }

private:
    // A lane on which nothing was due when it had this many records.
    struct Settled {
        std::int64_t nextSequence;
        std::optional<Instant> until;
    };
    bool isSettled(const store::LaneTail& lane) const;
    Result<bool> turn(store::LaneId lane, LaneTurn& done);
    Result<void> steps(const store::Lease& lease);

    const Services& services_;
    Work work_;
    Leases leases_;
    std::map<store::LaneId, Settled> settled_;
};

}  // namespace meetpoint::exchange
