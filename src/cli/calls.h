// meetpoint calls: calls of a running exchange searched, shown in full, followed and exported.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "cli/feed_follower.h"

namespace meetpoint::cli {

struct CallSearchOptions {
    ExchangeAccess access;
    boost::json::object filter;  // by the names of the API
    bool oldestFirst = false;
    std::size_t limit = 0;  // calls; 0: all
};
// Prints the calls that meet the filter, page by page; where --limit leaves some out, `err` says so. Blocks. 0 fine, 1
// the exchange refuses the request, 2 usage, 3 failure; so do the others.
int runCallSearch(const CallSearchOptions& options, std::ostream& out, std::ostream& err);

struct CallShowOptions {
    ExchangeAccess access;
    std::string callId;
};
// Prints one call with its streams, every version that is kept, and the carrier's records beside it.
int runCallShow(const CallShowOptions& options, std::ostream& out, std::ostream& err);

// The carrier's calls, as they come.
const FeedView& callFeed();

struct CallExportOptions {
    ExchangeAccess access;
    boost::json::object filter;  // by the names of the API
    std::string file;            // where it goes; beside it FILE.part until it is whole
    std::string exportId;        // one that was asked for before, instead of a new one
    std::string kind = "calls", format = "csv", compression = "none", timeZone;
    std::vector<std::string> columns;  // empty: all
};
struct ExportSurroundings {
    std::ostream &out, &err;
    bool terminal = false;  // a person is watching: progress on `err`
};
// Has calls or durations written out by the exchange, sees it through, downloads the file behind what is there of it
// and checks its SHA-256. Goes on through restarts of the exchange until the interruption; says then how to go on.
int runCallExport(const CallExportOptions& options, Interruption& interruption, const ExportSurroundings& around);
// The same, interrupted by SIGINT or SIGTERM.
int runCallExport(const CallExportOptions& options, std::ostream& out, std::ostream& err, bool terminal);

struct CallCommands {
    std::function<void(const CallSearchOptions&)> search;
    std::function<void(const CallShowOptions&)> show;
    std::function<void(const FeedOptions&)> follow;
    std::function<void(const CallExportOptions&)> exported;
};
void addCallsCommand(CLI::App& app, CallCommands run);

}  // namespace meetpoint::cli
