// The thread that keeps this node's share of the carriers' days reconciled, counts and logs it.
#pragma once

#include "exchange/day_keeper.h"
#include "server/background_thread.h"
#include "server/lane_work_log.h"

namespace meetpoint::server {

class ReconciliationWorker {
public:
    // Begins at once. Everything it is given must outlive it.
    ReconciliationWorker(const exchange::Services& services, const exchange::Limits& limits,
                         const exchange::DayKeeperLimits& keeping, prometheus::Registry& metrics, Log log);
    ~ReconciliationWorker();  // stop()
    // Ends after the run that it is at. Blocks.
    void stop();

private:
    Result<bool> pass();

    LaneWorkLog log_;
    prometheus::Counter &runs_, &changed_, &closed_;
    BackgroundThread thread_;
    exchange::DayKeeper keeper_;
};

}  // namespace meetpoint::server
