// What threads that go round the lanes count and log alike: turns that failed, leases that passed on.
#pragma once

#include "base/log.h"
#include "base/result.h"
#include "store/keys.h"

namespace prometheus {
class Counter;
class Registry;
}  // namespace prometheus

namespace meetpoint::server {

class LaneWorkLog {
public:
    // `work` is "delivery statements", for the log; metrics are called "meetpoint_" + `prefix` + "_…".
    LaneWorkLog(std::string work, std::string prefix, prometheus::Registry& metrics, Log log);

    // A counter of the work's own: "hours_total".
    prometheus::Counter& counter(const std::string& name, const std::string& help);
    void countFailure();
    // How a turn ended that was not wholly well.
    void ended(store::LaneId lane, bool leaseLost, const std::optional<Error>& failure);
    // Says what was done on a lane: "3 hours with 17 records".
    void tell(store::LaneId lane, const std::string& what);

private:
    std::string work_, prefix_;
    prometheus::Registry& metrics_;
    Log log_;
    prometheus::Counter &failures_, &leasesLost_;
};

}  // namespace meetpoint::server
