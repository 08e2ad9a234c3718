#include "server/statement_worker.h"

#include <fmt/format.h>
#include <prometheus/counter.h>

namespace meetpoint::server {

StatementWorker::StatementWorker(const exchange::Services& services, const exchange::StatementLimits& limits,
                                 prometheus::Registry& metrics, Log log)
    : log_("delivery statements", "statement", metrics, log),
      hours_(log_.counter("hours_total", "Hours of feeds that were stated.")),
      records_(log_.counter("records_total", "Records in them.")),
      thread_({"delivery statements", limits.pause, [this] { return pass(); }, [this] { log_.countFailure(); }}, log),
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
    return maker_.pass([this](const exchange::StatementsMade& made) {
        hours_.Increment(static_cast<double>(made.hours));
        records_.Increment(static_cast<double>(made.records));
        if (made.hours > 0)
            log_.tell(laneName(made.lane), fmt::format("{} hours with {} records", made.hours, made.records));
        log_.ended(laneName(made.lane), made.leaseLost, made.failure);
    });
}

}  // namespace meetpoint::server
