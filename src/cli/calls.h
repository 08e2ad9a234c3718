// meetpoint calls: calls of a running exchange searched, shown in full and followed.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>

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

struct CallCommands {
    std::function<void(const CallSearchOptions&)> search;
    std::function<void(const CallShowOptions&)> show;
    std::function<void(const FeedOptions&)> follow;
};
void addCallsCommand(CLI::App& app, CallCommands run);

}  // namespace meetpoint::cli
