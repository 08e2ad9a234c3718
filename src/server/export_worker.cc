#include "server/export_worker.h"

#include <prometheus/counter.h>
#include <prometheus/registry.h>

namespace meetpoint::server {
namespace {

prometheus::Counter& counter(prometheus::Registry& metrics, const std::string& name, const std::string& help) {
    return prometheus::BuildCounter().Name("meetpoint_export_" + name).Help(help).Register(metrics).Add({});
}

}  // namespace

struct ExportWorker::Counters {
    explicit Counters(prometheus::Registry& metrics)
        : rows(counter(metrics, "records_total", "Records written to exports.")),
          bytes(counter(metrics, "bytes_total", "Bytes written to exports.")),
          succeeded(counter(metrics, "succeeded_total", "Exports that were finished.")),
          failed(counter(metrics, "failed_total", "Exports that failed for good.")),
          failures(counter(metrics, "failures_total", "Turns at exports that ended with an error.")) {}
    prometheus::Counter &rows, &bytes, &succeeded, &failed, &failures;
};

ExportWorker::ExportWorker(const Surroundings& around)
    : desk_(around.desk),
      log_(around.log),
      counters_(std::make_unique<Counters>(around.metrics)),
      thread_({"exports", around.exports.pause, [this] { return pass(); }, [this] { counters_->failures.Increment(); }},
              log_),
      work_(around.services, around.limits, around.exports, around.quality, [this] { return thread_.isStopping(); }) {
    desk_.ringFor([this] { thread_.ring(); });
    thread_.start();
}

ExportWorker::~ExportWorker() {
    stop();
}

void ExportWorker::stop() {
    desk_.ringFor([] {});
    thread_.stop();
}

Result<bool> ExportWorker::pass() {
    return work_.pass([this](const exchange::ExportTurn& turn) { report(turn); });
}

void ExportWorker::report(const exchange::ExportTurn& turn) {
    counters_->rows.Increment(static_cast<double>(turn.rows));
    counters_->bytes.Increment(static_cast<double>(turn.bytes));
    counters_->succeeded.Increment(static_cast<double>(turn.succeeded.size()));
    counters_->failed.Increment(static_cast<double>(turn.failed.size()));
    for (const Id& id : turn.succeeded)
        log_->info("export {}: finished", formatId(id));
    for (const Id& id : turn.expired)
        log_->info("export {}: no longer kept", formatId(id));
    for (const auto& [id, error] : turn.failed)
        log_->error("export {}: failed: {} {} {}", formatId(id), error.code, error.message, error.internal);
    if (turn.leaseLost) log_->info("exports of shard key {}: the lease has passed to another node", turn.shardKey);
    if (!turn.failure) return;
    counters_->failures.Increment();
    log_->error("exports of shard key {}: {} {} {}", turn.shardKey, turn.failure->code, turn.failure->message,
                turn.failure->internal);
}

}  // namespace meetpoint::server
