#include "server/reconciliation_worker.h"

#include <fmt/format.h>
#include <prometheus/counter.h>

namespace meetpoint::server {

ReconciliationWorker::ReconciliationWorker(const exchange::Services& services, const exchange::Limits& limits,
                                           const exchange::DayKeeperLimits& keeping, prometheus::Registry& metrics,
                                           Log log)
    : log_("reconciliation", "reconciliation", metrics, log),
      runs_(log_.counter("runs_total", "Days that were run in the background.")),
      changed_(log_.counter("items_changed_total", "Items that differed from the run before.")),
      closed_(log_.counter("days_closed_total", "Days that were closed.")),
      thread_({"reconciliation", keeping.pause, [this] { return pass(); }, [this] { log_.countFailure(); }}, log),
      keeper_(services, limits, keeping, [this] { return thread_.isStopping(); }) {
    thread_.start();
}

ReconciliationWorker::~ReconciliationWorker() {
    stop();
}

void ReconciliationWorker::stop() {
    thread_.stop();
}

Result<bool> ReconciliationWorker::pass() {
    return keeper_.pass([this](const exchange::DaysKept& kept) {
        runs_.Increment(static_cast<double>(kept.runs));
        changed_.Increment(static_cast<double>(kept.changed));
        closed_.Increment(static_cast<double>(kept.closed));
        const std::string party = partyName(kept.shardKey);
        if (kept.runs + kept.closed > 0)
            log_.tell(party, fmt::format("{} days run, {} items changed, {} days closed", kept.runs, kept.changed,
                                         kept.closed));
        log_.ended(party, kept.leaseLost, kept.failure);
    });
}

}  // namespace meetpoint::server
