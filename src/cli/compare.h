// `meetpoint compare OURS THEIRS`: reconciles two call files on one machine and explains the difference. No server, no
// store; nothing leaves the machine.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include "base/result.h"
#include "cli/exit_codes.h"
#include "formats/detect.h"
#include "reconcile/options.h"
#include "reconcile/outcome.h"
#include "reconcile/report_words.h"

namespace CLI {
class App;
}

namespace meetpoint::cli {

struct CompareOptions {
    std::string ours;  // path
    std::string theirs;
    std::string format;  // of both; empty: detected
    std::string oursFormat;
    std::string theirsFormat;
    std::string columnMap;  // path
    std::string zone;       // IANA name, of both files' local times
    std::string oursZone;
    std::string theirsZone;
    std::string region;           // ISO 3166-1 alpha-2
    std::string tolerance;        // "2", "2s" or "1%"
    std::string matches;          // path
    std::string html;             // path
    std::string csv;              // path
    std::string language = "en";  // of the page
    bool json = false;
};

// What was read and what came of it; the report writers take this.
struct Comparison {
    std::string oursName;
    std::string theirsName;
    formats::FileRead ours;
    formats::FileRead theirs;
    reconcile::Outcome outcome;
    reconcile::Report report{};
};

// `terminal` says that a person is watching `out` and `err`: colours and progress.
int runCompare(const CompareOptions& options, std::ostream& out, std::ostream& err, bool terminal);

// Declares the command; `run` is called once the line is parsed, with the options.
void addCompareCommand(CLI::App& app, std::function<void(const CompareOptions&)> run);

}  // namespace meetpoint::cli
