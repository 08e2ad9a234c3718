// meetpoint numbers: the inventory of a running exchange, its orders and assignments, from a terminal or a script.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "cli/exchange_session.h"

namespace meetpoint::cli {

enum class NumbersTask { list, search, upload, release, assign, unassign, history };

struct NumbersOptions {
    NumbersTask task = NumbersTask::list;
    ExchangeAccess access;
    // list, search
    std::string state, usage, country, startsWith, contains, target;
    std::size_t limit = 0;  // numbers; 0: all
    // upload, release: numbers, files, `-`; search, assign, unassign, history: one number or its id
    std::vector<std::string> numbers;
    std::string additionalUsage, locationId, callingProfileId, ticketId;  // of an upload; usage and country too
    // assign: a target's id or a user's principal name
    std::string assignTo, category, sipUri;
    std::string reason;  // unassign
    bool dryRun = false;
    bool noWait = false;  // give the operation's id and end
};

// Blocks until everything is done; an order goes on at the exchange also when this is ended. `terminal` says that a
// person is watching: progress on `err`. 0 fine, 1 the exchange refused a number or the request, 2 usage, 3 failure.
int runNumbers(const NumbersOptions& options, std::istream& in, std::ostream& out, std::ostream& err, bool terminal);
void addNumbersCommand(CLI::App& app, std::function<void(const NumbersOptions&)> run);

}  // namespace meetpoint::cli
