#include "server/alert_worker.h"

#include <prometheus/counter.h>
#include <prometheus/registry.h>

namespace meetpoint::server {
namespace {

prometheus::Counter& counter(prometheus::Registry& metrics, const std::string& name, const std::string& help) {
    return prometheus::BuildCounter().Name("meetpoint_alert_" + name).Help(help).Register(metrics).Add({});
}

void add(prometheus::Counter& counter, std::size_t count) {
    counter.Increment(static_cast<double>(count));
}

}  // namespace

struct AlertWorker::Counters {
    explicit Counters(prometheus::Registry& metrics)
        : windows(counter(metrics, "windows_total", "Windows of alert rules that were looked at.")),
          missed(counter(metrics, "windows_missed_total", "Windows that lay too far back or could not be answered.")),
          raised(counter(metrics, "raised_total", "Alerts that were raised.")),
          cleared(counter(metrics, "cleared_total", "Alerts that windows or silence cleared.")),
          leasesLost(counter(metrics, "leases_lost_total", "Leases that passed to another node during work.")),
          failures(counter(metrics, "failures_total", "Turns at alert rules that ended with an error.")) {}
    prometheus::Counter &windows, &missed, &raised, &cleared, &leasesLost, &failures;
};

AlertWorker::AlertWorker(const exchange::QualityDesk& quality, const exchange::AlertLimits& limits,
                         prometheus::Registry& metrics, Log log)
    : log_(std::move(log)),
      counters_(std::make_unique<Counters>(metrics)),
      thread_({"alerts", limits.pause, [this] { return pass(); }, [this] { counters_->failures.Increment(); }}, log_),
      evaluator_(quality, limits, [this] { return thread_.isStopping(); }) {
    thread_.start();
}

AlertWorker::~AlertWorker() {
    stop();
}

void AlertWorker::stop() {
    thread_.stop();
}

Result<bool> AlertWorker::pass() {
    return evaluator_.pass([this](const exchange::AlertsDone& done) { report(done); });
}

void AlertWorker::report(const exchange::AlertsDone& done) {
    add(counters_->windows, done.windows);
    add(counters_->missed, done.missed);
    add(counters_->raised, done.raised);
    add(counters_->cleared, done.cleared);
    add(counters_->leasesLost, done.leaseLost ? 1 : 0);
    if (done.raised + done.cleared > 0)
        log_->info("alerts of shard {}: {} raised, {} cleared", done.shardKey, done.raised, done.cleared);
    if (done.missed > 0) log_->warn("alerts of shard {}: {} windows missed", done.shardKey, done.missed);
    if (done.leaseLost) log_->info("alerts of shard {}: the lease has passed to another node", done.shardKey);
    if (!done.failure) return;
    counters_->failures.Increment();
    log_->error("alerts of shard {}: {} {} {}", done.shardKey, done.failure->code, done.failure->message,
                done.failure->internal);
}

}  // namespace meetpoint::server
