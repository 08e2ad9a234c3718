// Reading a feed of a running exchange from a terminal or a script: to its present end, or on and on through restarts.
#pragma once

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
// Declares the access, `--cursor` and `--from`.
void addFeedOptions(CLI::App& command, FeedOptions& options);

// A feed, and how its records look to a person. With --json they are printed as they come.
struct FeedView {
    std::string command;  // "calls follow": how messages name it
    std::string feed;     // "calls"
    void (*printHead)(std::ostream& out);
    void (*printRow)(std::ostream& out, const boost::json::value& record);
};

// Prints the records in order of arrival, each as soon as it is there. With `follow` it goes on until the interruption,
// and through restarts of the exchange; else it ends where there is nothing more yet. At the end `err` says the cursor
// to go on with. 0 fine, 1 the exchange refuses the request, 2 usage, 3 failure.
int runFeed(const FeedOptions& options, const FeedView& view, Interruption& interruption, std::ostream& out,
            std::ostream& err);
// The same, interrupted by SIGINT or SIGTERM.
int runFeed(const FeedOptions& options, const FeedView& view, std::ostream& out, std::ostream& err);

}  // namespace meetpoint::cli
