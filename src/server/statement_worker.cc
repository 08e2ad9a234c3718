#include "server/statement_worker.h"

#include <fmt/format.h>
#include <prometheus/counter.h>
#include <prometheus/registry.h>

namespace meetpoint::server {
namespace {

prometheus::Counter& counter(prometheus::Registry& metrics, const std::string& name, const std::string& help) {
    return prometheus::BuildCounter().Name("meetpoint_statement_" + name).Help(help).Register(metrics).Add({});
}

}  // namespace

struct StatementWorker::Counters {
    explicit Counters(prometheus::Registry& metrics)
        : hours(counter(metrics, "hours_total", "Hours of feeds that were stated.")),
          records(counter(metrics, "records_total", "Records in them.")),
          failures(counter(metrics, "failures_total", "Turns at delivery statements that ended with an error.")) {}
    prometheus::Counter &hours, &records, &failures;
};

StatementWorker::StatementWorker(const exchange::Services& services, const exchange::StatementLimits& limits,
                                 prometheus::Registry& metrics, Log log)
    : log_(std::move(log)),
      counters_(std::make_unique<Counters>(metrics)),
      thread_(
          {"delivery statements", limits.pause, [this] { return pass(); }, [this] { counters_->failures.Increment(); }},
          log_),
      maker_(services, limits, [this] { return thread_.isStopping(); }) {
    thread_.start();
}

StatementWorker::~StatementWorker() {
    stop();
}

void StatementWorker::stop() {
    thread_.stop();
}

Result<bool> StatementWorker::pass() {
    return maker_.pass([this](const exchange::StatementsMade& made) { report(made); });
}

void StatementWorker::report(const exchange::StatementsMade& made) {
    counters_->hours.Increment(static_cast<double>(made.hours));
    counters_->records.Increment(static_cast<double>(made.records));
    const std::string lane = fmt::format("{}/{}", made.lane.shardKey, columns::name(made.lane.kind));
    if (made.hours > 0)
        log_->info("delivery statements of lane {}: {} hours with {} records", lane, made.hours, made.records);
    if (made.leaseLost) log_->info("delivery statements of lane {}: the lease has passed to another node", lane);
    if (!made.failure) return;
    counters_->failures.Increment();
    log_->error("delivery statements of lane {}: {} {} {}", lane, made.failure->code, made.failure->message,
                made.failure->internal);
}

}  // namespace meetpoint::server
