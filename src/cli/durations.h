// meetpoint durations: a carrier's durations sent to a running exchange, listed, and taken back.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include "cli/exchange_session.h"

namespace meetpoint::cli {

enum class DurationsTask { upload, uploads, list, withdraw };

struct DurationsOptions {
    DurationsTask task = DurationsTask::list;
    ExchangeAccess access;
    // upload
    std::string file;            // `-` for standard input
    std::string format;          // ndjson, json, csv; by the file's name where it is empty
    std::string idempotencyKey;  // of an upload that broke off; else a new one
    bool lenient = false;        // unknown fields are ignored and counted
    // What is declared of all its records, where anything is: in the API's words.
    std::string unit, basis, rounding, roundingStepMs;
    // list
    std::string from, to;   // of startedAt
    std::size_t limit = 0;  // records or uploads; 0: all
    // withdraw
    std::string uploadId, reason;
};

// Blocks until everything is done. An upload is read and sent in pieces, whatever its size. 0 fine, 1 the exchange
// refused a record or the request, 2 usage, 3 failure.
int runDurations(const DurationsOptions& options, std::istream& in, std::ostream& out, std::ostream& err);
void addDurationsCommand(CLI::App& app, std::function<void(const DurationsOptions&)> run);

}  // namespace meetpoint::cli
