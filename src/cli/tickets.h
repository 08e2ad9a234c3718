// meetpoint tickets: trouble and disputes of a running exchange, opened, answered and settled.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "cli/exchange_session.h"

namespace meetpoint::cli {

enum class TicketsTask { list, show, open, reply, move };

// Words are those of the API, which refuses what it does not know.
struct TicketsOptions {
    TicketsTask task = TicketsTask::list;
    ExchangeAccess access;
    std::string kind, state, status, ownerSide, dueBefore;  // list
    std::size_t limit = 0;                                  // 0: all
    std::string id;                                         // show, reply, move
    std::string text;                                       // reply; open: the description
    // open; kind is dispute where items are named, else trouble
    std::string title, trunk, finding, owner, reference, dueAt;
    std::vector<std::string> calls;  // ids
    std::vector<std::string> items;  // of open: DATE/ITEM; of propose: ITEM=platform or ITEM=carrier
    // move
    std::string action;   // start, propose, accept, refuse, reject, withdraw, reopen, close
    std::string version;  // as it was read; empty: as it is now
    std::string reason, settlement, counts;
};

// Blocks until everything is done. 0 fine, 1 the exchange refused the request, 2 usage, 3 failure.
int runTickets(const TicketsOptions& options, std::ostream& out, std::ostream& err);
void addTicketsCommand(CLI::App& app, std::function<void(const TicketsOptions&)> run);

}  // namespace meetpoint::cli
