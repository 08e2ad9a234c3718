// The thread that does this node's share of exports, counts and logs it.
#pragma once

#include "exchange/export_work.h"
#include "server/background_thread.h"
#include "server/lane_work_log.h"

namespace meetpoint::server {

class ExportWorker {
public:
    // Everything it is given must outlive it.
    struct Surroundings {
        const exchange::Services& services;
        const exchange::Limits& limits;
        const exchange::ExportLimits& exports;
        const domain::QualityLimits& quality;
        exchange::ExportDesk& desk;
        prometheus::Registry& metrics;
        Log log;
    };
    // Begins at once, and is rung by the desk.
    explicit ExportWorker(const Surroundings& around);
    ~ExportWorker();  // stop()
    // Ends after the transaction that it is at; whoever comes next goes on behind it.
    void stop();

private:
    struct Counters;
    Result<bool> pass();
    void report(const exchange::ExportTurn& turn);

    exchange::ExportDesk& desk_;
    LaneWorkLog log_;
    std::unique_ptr<Counters> counters_;
    BackgroundThread thread_;
    exchange::ExportWork work_;
};

}  // namespace meetpoint::server
