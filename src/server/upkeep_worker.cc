#include "server/upkeep_worker.h"

#include <fmt/format.h>
#include <prometheus/counter.h>
#include <prometheus/registry.h>

namespace meetpoint::server {
namespace {

prometheus::Counter& counter(prometheus::Registry& metrics, const std::string& name, const std::string& help) {
    return prometheus::BuildCounter().Name("meetpoint_upkeep_" + name).Help(help).Register(metrics).Add({});
}

void add(prometheus::Counter& counter, std::size_t count) {
    counter.Increment(static_cast<double>(count));
}

}  // namespace

struct UpkeepWorker::Counters {
    explicit Counters(prometheus::Registry& metrics)
        : runsMerged(counter(metrics, "key_runs_merged_total", "Runs of the key index merged away.")),
          keysMerged(counter(metrics, "keys_merged_total", "Entries of the key index written by merges.")),
          blocksMerged(counter(metrics, "blocks_merged_total", "Blocks merged or compressed again.")),
          blocksWritten(counter(metrics, "blocks_written_total", "Blocks that came of it.")),
          records(counter(metrics, "records_rewritten_total", "Records in them.")),
          bytesBefore(counter(metrics, "bytes_before_total", "Bytes of the merged blocks.")),
          bytesAfter(counter(metrics, "bytes_after_total", "Bytes of the blocks that came of them.")),
          givenUp(counter(metrics, "merges_given_up_total", "Merges that found somebody else at the same place.")),
          leasesLost(counter(metrics, "leases_lost_total", "Leases that passed to another node during work.")),
          failures(counter(metrics, "failures_total", "Turns that ended with an error.")) {}
    prometheus::Counter &runsMerged, &keysMerged, &blocksMerged, &blocksWritten, &records, &bytesBefore, &bytesAfter,
        &givenUp, &leasesLost, &failures;
};

UpkeepWorker::UpkeepWorker(const exchange::Services& services, const exchange::UpkeepLimits& limits,
                           prometheus::Registry& metrics, Log log)
    : log_(std::move(log)),
      counters_(std::make_unique<Counters>(metrics)),
      thread_({"upkeep", limits.pause, [this] { return pass(); }, [this] { counters_->failures.Increment(); }}, log_),
      upkeep_(services, limits, [this] { return thread_.isStopping(); }) {
    thread_.start();
}

UpkeepWorker::~UpkeepWorker() {
    stop();
}

void UpkeepWorker::stop() {
    thread_.stop();
}

Result<bool> UpkeepWorker::pass() {
    return upkeep_.pass([this](const exchange::UpkeepDone& done) { report(done); });
}

void UpkeepWorker::report(const exchange::UpkeepDone& done) {
    add(counters_->runsMerged, done.runsMerged);
    add(counters_->keysMerged, done.keysMerged);
    add(counters_->blocksMerged, done.blocksMerged);
    add(counters_->blocksWritten, done.blocksWritten);
    add(counters_->records, done.recordsRewritten);
    add(counters_->bytesBefore, done.bytesBefore);
    add(counters_->bytesAfter, done.bytesAfter);
    add(counters_->givenUp, done.givenUp);
    add(counters_->leasesLost, done.leaseLost ? 1 : 0);
    const std::string lane = fmt::format("{}/{}", done.lane.shardKey, columns::name(done.lane.kind));
    if (done.runsMerged > 0)
        log_->info("upkeep of lane {}: {} runs of the key index merged, {} keys", lane, done.runsMerged,
                   done.keysMerged);
    if (done.blocksWritten > 0)
        log_->info("upkeep of lane {}: {} blocks merged into {}, {} records, {} bytes into {}", lane, done.blocksMerged,
                   done.blocksWritten, done.recordsRewritten, done.bytesBefore, done.bytesAfter);
    if (done.leaseLost) log_->info("upkeep of lane {}: its lease has passed to another node", lane);
    if (!done.failure) return;
    counters_->failures.Increment();
    log_->error("upkeep of lane {}: {} {} {}", lane, done.failure->code, done.failure->message, done.failure->internal);
}

}  // namespace meetpoint::server
