// What threads that go round lanes or parties with leased work count and log alike: turns that failed, leases that
// passed on.
#pragma once

#include "base/log.h"
#include "base/result.h"
#include "store/keys.h"

namespace prometheus {
class Counter;
class Registry;
}  // namespace prometheus

namespace meetpoint::server {

std::string laneName(store::LaneId lane);      // "lane 1/calls"
std::string partyName(std::int64_t shardKey);  // "shard key 1"

class LaneWorkLog {
public:
    // `work` is "delivery statements", for the log; metrics are called "meetpoint_" + `prefix` + "_…".
    LaneWorkLog(std::string work, std::string prefix, prometheus::Registry& metrics, Log log);

    // A counter of the work's own: "hours_total".
    prometheus::Counter& counter(const std::string& name, const std::string& help);
    void countFailure();
    // How a turn ended that was not wholly well. `where`: laneName(), partyName().
    void ended(const std::string& where, bool leaseLost, const std::optional<Error>& failure);
    // Says what was done in a turn: "3 hours with 17 records".
    void tell(const std::string& where, const std::string& what);

private:
    std::string work_, prefix_;
    prometheus::Registry& metrics_;
    Log log_;
    prometheus::Counter &failures_, &leasesLost_;
};

}  // namespace meetpoint::server
