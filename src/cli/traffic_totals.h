// meetpoint totals: traffic totals by hour, posted to a running exchange and read beside the other side's.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include "cli/exchange_session.h"

namespace meetpoint::cli {

enum class TotalsTask { post, list };

struct TotalsOptions {
    TotalsTask task = TotalsTask::list;
    ExchangeAccess access;
    std::string file;      // post: CSV, or JSON as the API has it; `-` for standard input
    std::string from, to;  // list: first hour, hour after the last
};

// Blocks until everything is done. 0 fine, 1 the exchange refused the request, 2 usage, 3 failure.
int runTotals(const TotalsOptions& options, std::istream& in, std::ostream& out, std::ostream& err);
void addTotalsCommand(CLI::App& app, std::function<void(const TotalsOptions&)> run);

}  // namespace meetpoint::cli
