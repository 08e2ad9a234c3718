#include "server/export_worker.h"

#include <fmt/format.h>
#include <prometheus/counter.h>

namespace meetpoint::server {
struct ExportWorker::Counters {
    explicit Counters(LaneWorkLog& log)
        : rows(log.counter("records_total", "Records written to exports.")),
          bytes(log.counter("bytes_total", "Bytes written to exports.")),
          succeeded(log.counter("succeeded_total", "Exports that were finished.")),
          failed(log.counter("failed_total", "Exports that failed for good.")) {}
    prometheus::Counter &rows, &bytes, &succeeded, &failed;
};

ExportWorker::ExportWorker(const Surroundings& around)
    : desk_(around.desk),
      log_("exports", "export", around.metrics, around.log),
      counters_(std::make_unique<Counters>(log_)),
      thread_({"exports", around.exports.pause, [this] { return pass(); }, [this] { log_.countFailure(); }},
              around.log),
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
    const std::string party = partyName(turn.shardKey);
    for (const Id& id : turn.succeeded)
        log_.tell(party, fmt::format("{} finished", formatId(id)));
    for (const Id& id : turn.expired)
        log_.tell(party, fmt::format("{} no longer kept", formatId(id)));
    for (const auto& [id, error] : turn.failed)
        log_.tell(party, fmt::format("{} failed: {} {} {}", formatId(id), error.code, error.message, error.internal));
    log_.ended(party, turn.leaseLost, turn.failure);
}

}  // namespace meetpoint::server
