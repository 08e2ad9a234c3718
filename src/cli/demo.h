// meetpoint demo: the exchange on sample data. Makes a fresh sandbox, lets a platform, three carriers and two
// tenants live a week through the API, reconciles it, prints what came out, and keeps serving until Ctrl-C.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>

#include "base/clock.h"

namespace CLI {
class App;
}

namespace meetpoint::cli {

struct DemoOptions {
    bool exit = false;       // end after the report
    std::string data;        // folder of the store; empty: a temporary one, removed at the end
    int port = 0;            // of the API; 0: a free one
    std::uint64_t seed = 1;  // of the sample calls
};

// The week ends on the day before `clock`'s. `terminal` says that a person is watching `out` and `err`:
// colours and progress. Without `exit` it blocks until SIGINT or SIGTERM; a signal that comes before the
// report is out ends it as soon as a step is done.
int runDemo(const DemoOptions& options, const Clock& clock, std::ostream& out, std::ostream& err, bool terminal);
void addDemoCommand(CLI::App& app, std::function<void(const DemoOptions&)> run);

}  // namespace meetpoint::cli
