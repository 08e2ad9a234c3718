// The thread that does this node's share of upkeep, counts it and logs it.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "exchange/upkeep.h"

namespace prometheus {
class Registry;
}

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
    void run();
    void report(const exchange::UpkeepDone& done);
    bool isStopping() const { return stopping_; }
    // Until the next look is due, or the worker stops.
    void pause();

    exchange::UpkeepLimits limits_;
    Log log_;
    std::unique_ptr<Counters> counters_;
    std::atomic<bool> stopping_ = false;
    std::mutex mutex_;
    std::condition_variable stopped_;
    exchange::Upkeep upkeep_;
    std::thread thread_;  // after everything that it uses
};

}  // namespace meetpoint::server
