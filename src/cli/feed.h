// meetpoint feed: what happens at a running exchange, event by event.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include "cli/exchange_session.h"
#include "cli/interruption.h"

namespace meetpoint::cli {

struct FeedOptions {
    ExchangeAccess access;
    bool follow = false;  // for ever, instead of to the present end
    std::string cursor;   // where to go on
    std::string from;     // without a cursor: "first" (default) or "now"
};

// Prints the events of the carrier's assignments in order of arrival, each as soon as it is there. With `follow` it
// goes on until the interruption, and through restarts of the exchange; else it ends where there is nothing more yet.
// At the end `err` says the cursor to go on with. 0 fine, 1 the exchange refuses the request, 2 usage, 3 failure.
int runAssignmentFeed(const FeedOptions& options, Interruption& interruption, std::ostream& out, std::ostream& err);
// The same, interrupted by SIGINT or SIGTERM.
int runAssignmentFeed(const FeedOptions& options, std::ostream& out, std::ostream& err);
void addFeedCommand(CLI::App& app, std::function<void(const FeedOptions&)> run);

}  // namespace meetpoint::cli
