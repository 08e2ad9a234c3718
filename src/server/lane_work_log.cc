#include "server/lane_work_log.h"

#include <fmt/format.h>
#include <prometheus/counter.h>
#include <prometheus/registry.h>

namespace meetpoint::server {
namespace {

std::string nameOf(store::LaneId lane) {
    return fmt::format("{}/{}", lane.shardKey, columns::name(lane.kind));
}

}  // namespace

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

void LaneWorkLog::ended(store::LaneId lane, bool leaseLost, const std::optional<Error>& failure) {
    if (leaseLost) {
        leasesLost_.Increment();
        log_->info("{} of lane {}: the lease has passed to another node", work_, nameOf(lane));
    }
    if (!failure) return;
    countFailure();
    log_->error("{} of lane {}: {} {} {}", work_, nameOf(lane), failure->code, failure->message, failure->internal);
}

void LaneWorkLog::tell(store::LaneId lane, const std::string& what) {
    log_->info("{} of lane {}: {}", work_, nameOf(lane), what);
}

}  // namespace meetpoint::server
