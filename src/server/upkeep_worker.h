// The thread that does this node's share of upkeep, counts it and logs it.
#pragma once

#include "exchange/upkeep.h"
#include "server/background_thread.h"
#include "server/lane_work_log.h"

namespace meetpoint::server {

class UpkeepWorker {
public:
    // Begins at once. Everything it is given must outlive it.
    UpkeepWorker(const exchange::Services& services, const exchange::UpkeepLimits& limits,
                 prometheus::Registry& metrics, Log log);
    ~UpkeepWorker();  // stop()
    // Ends after the step that it is at; what it left half done is taken up by whoever comes next.
    void stop();

private:
    struct Counters;
    Result<bool> pass();
    void report(const exchange::UpkeepDone& done);

    LaneWorkLog log_;
    std::unique_ptr<Counters> counters_;
    BackgroundThread thread_;
    exchange::Upkeep upkeep_;
};

}  // namespace meetpoint::server
