#include "server/lane_work_log.h"

#include <fmt/format.h>
#include <prometheus/counter.h>
#include <prometheus/registry.h>

namespace meetpoint::server {

std::string laneName(store::LaneId lane) {
    return fmt::format("lane {}/{}", lane.shardKey, columns::name(lane.kind));
}

std::string partyName(std::int64_t shardKey) {
    return fmt::format("shard key {}", shardKey);
}

LaneWorkLog::LaneWorkLog(std::string work, std::string prefix, prometheus::Registry& metrics, Log log)
    : work_(std::move(work)),
      prefix_(std::move(prefix)),
      metrics_(metrics),
      log_(std::move(log)),
      failures_(counter("failures_total", "Turns that ended with an error.")),
      leasesLost_(counter("leases_lost_total", "Leases that passed to another node during work.")) {}

prometheus::Counter& LaneWorkLog::counter(const std::string& name, const std::string& help) {
    return prometheus::BuildCounter().Name("meetpoint_" + prefix_ + "_" + name).Help(help).Register(metrics_).Add({});
}

void LaneWorkLog::countFailure() {
    failures_.Increment();
}

void LaneWorkLog::ended(const std::string& where, bool leaseLost, const std::optional<Error>& failure) {
    if (leaseLost) {
        leasesLost_.Increment();
        log_->info("{} of {}: the lease has passed to another node", work_, where);
    }
    if (!failure) return;
    countFailure();
    log_->error("{} of {}: {} {} {}", work_, where, failure->code, failure->message, failure->internal);
}

void LaneWorkLog::tell(const std::string& where, const std::string& what) {
    log_->info("{} of {}: {}", work_, where, what);
}

}  // namespace meetpoint::server
