// The thread that looks after this node's share of alert rules, counts and logs what came of it.
#pragma once

#include "exchange/alert_evaluation.h"
#include "server/background_thread.h"
#include "server/lane_work_log.h"

namespace meetpoint::server {

class AlertWorker {
public:
    // Begins at once. Everything it is given must outlive it.
    AlertWorker(const exchange::QualityDesk& quality, const exchange::AlertLimits& limits,
                prometheus::Registry& metrics, Log log);
    ~AlertWorker();  // stop()
    // Ends after the window that it is at.
    void stop();

private:
    struct Counters;
    Result<bool> pass();
    void report(const exchange::AlertsDone& done);

    LaneWorkLog log_;
    std::unique_ptr<Counters> counters_;
    BackgroundThread thread_;
    exchange::AlertEvaluator evaluator_;
};

}  // namespace meetpoint::server
