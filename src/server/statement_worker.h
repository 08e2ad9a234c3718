// The thread that makes this node's share of delivery statements, counts and logs them.
#pragma once

#include "exchange/statements.h"
#include "server/background_thread.h"
#include "server/lane_work_log.h"

namespace meetpoint::server {

class StatementWorker {
public:
    // Begins at once. Everything it is given must outlive it.
    StatementWorker(const exchange::Services& services, const exchange::StatementLimits& limits,
                    prometheus::Registry& metrics, Log log);
    ~StatementWorker();  // stop()
    // Ends soon; an hour left half done is begun anew by whoever comes next.
    void stop();

private:
    Result<bool> pass();

    LaneWorkLog log_;
    prometheus::Counter &hours_, &records_;
    BackgroundThread thread_;
    exchange::StatementMaker maker_;
};

}  // namespace meetpoint::server
