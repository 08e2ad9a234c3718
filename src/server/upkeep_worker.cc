#include "server/upkeep_worker.h"

#include <fmt/format.h>
#include <prometheus/counter.h>

namespace meetpoint::server {
namespace {

void add(prometheus::Counter& counter, std::size_t count) {
    counter.Increment(static_cast<double>(count));
}

}  // namespace

struct UpkeepWorker::Counters {
    explicit Counters(LaneWorkLog& log)
        : runsMerged(log.counter("key_runs_merged_total", "Runs of the key index merged away.")),
          keysMerged(log.counter("keys_merged_total", "Entries of the key index written by merges.")),
          blocksMerged(log.counter("blocks_merged_total", "Blocks merged or compressed again.")),
          blocksWritten(log.counter("blocks_written_total", "Blocks that came of it.")),
          records(log.counter("records_rewritten_total", "Records in them.")),
          bytesBefore(log.counter("bytes_before_total", "Bytes of the merged blocks.")),
          bytesAfter(log.counter("bytes_after_total", "Bytes of the blocks that came of them.")),
          figuresKept(log.counter("figures_kept_total", "Spans of calls of which key figures were worked out.")),
          givenUp(log.counter("merges_given_up_total", "Merges that found somebody else at the same place.")) {}
    prometheus::Counter &runsMerged, &keysMerged, &blocksMerged, &blocksWritten, &records, &bytesBefore, &bytesAfter,
        &figuresKept, &givenUp;
};

UpkeepWorker::UpkeepWorker(const exchange::Services& services, const exchange::UpkeepLimits& limits,
                           prometheus::Registry& metrics, Log log)
    : log_("upkeep", "upkeep", metrics, log),
      counters_(std::make_unique<Counters>(log_)),
      thread_({"upkeep", limits.pause, [this] { return pass(); }, [this] { log_.countFailure(); }}, log),
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
    add(counters_->figuresKept, done.figuresKept);
    add(counters_->givenUp, done.givenUp);
    if (done.runsMerged > 0)
        log_.tell(laneName(done.lane),
                  fmt::format("{} runs of the key index merged, {} keys", done.runsMerged, done.keysMerged));
    if (done.blocksWritten > 0)
        log_.tell(laneName(done.lane),
                  fmt::format("{} blocks merged into {}, {} records, {} bytes into {}", done.blocksMerged,
                              done.blocksWritten, done.recordsRewritten, done.bytesBefore, done.bytesAfter));
    if (done.figuresKept > 0)
        log_.tell(laneName(done.lane), fmt::format("key figures of {} spans of calls worked out", done.figuresKept));
    log_.ended(laneName(done.lane), done.leaseLost, done.failure);
}

}  // namespace meetpoint::server
