#include "server/alert_worker.h"

#include <fmt/format.h>
#include <prometheus/counter.h>

namespace meetpoint::server {
namespace {

void add(prometheus::Counter& counter, std::size_t count) {
    counter.Increment(static_cast<double>(count));
}

}  // namespace

struct AlertWorker::Counters {
    explicit Counters(LaneWorkLog& log)
        : windows(log.counter("windows_total", "Windows of alert rules that were looked at.")),
          missed(log.counter("windows_missed_total", "Windows that lay too far back or could not be answered.")),
          raised(log.counter("raised_total", "Alerts that were raised.")),
          cleared(log.counter("cleared_total", "Alerts that windows or silence cleared.")) {}
    prometheus::Counter &windows, &missed, &raised, &cleared;
};

AlertWorker::AlertWorker(const exchange::QualityDesk& quality, const exchange::AlertLimits& limits,
                         prometheus::Registry& metrics, Log log)
    : log_("alerts", "alert", metrics, log),
      counters_(std::make_unique<Counters>(log_)),
      thread_({"alerts", limits.pause, [this] { return pass(); }, [this] { log_.countFailure(); }}, log),
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
    const std::string party = partyName(done.shardKey);
    if (done.raised + done.cleared > 0)
        log_.tell(party, fmt::format("{} raised, {} cleared", done.raised, done.cleared));
    if (done.missed > 0) log_.tell(party, fmt::format("{} windows missed", done.missed));
    log_.ended(party, done.leaseLost, done.failure);
}

}  // namespace meetpoint::server
