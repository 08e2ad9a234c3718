// meetpoint reconciliation: days of a running exchange run, read, and reported on.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include "cli/exchange_session.h"

namespace meetpoint::cli {

enum class ReconciliationTask { run, days, day, items, report };

// Words are those of the API, which refuses what it does not know.
struct ReconciliationOptions {
    ReconciliationTask task = ReconciliationTask::days;
    ExchangeAccess access;
    std::string date;  // of run, day, items; of report a day in the period
    // run; the rules only with dryRun
    bool dryRun = false;
    std::string toleranceMs, tolerancePerMille, region;
    std::string from, to;  // days: first day, and the day after the last
    std::string asOf;      // days, day, items: as this run left them
    // items
    std::string state;
    bool adjustments = false;
    std::size_t limit = 0;  // 0: all
    // report
    std::string month, period, timeZone;
    std::string html, csv, language;  // files instead of a table; the language of the page
};

// Blocks until everything is printed or written. 0 fine, 1 the exchange refused the request, 2 usage, 3 failure.
int runReconciliation(const ReconciliationOptions& options, std::ostream& out, std::ostream& err);
void addReconciliationCommand(CLI::App& app, std::function<void(const ReconciliationOptions&)> run);

}  // namespace meetpoint::cli
