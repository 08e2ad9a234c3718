// The thread that makes this node's share of delivery statements, counts and logs them.
#pragma once

#include "exchange/statements.h"
#include "server/background_thread.h"

namespace prometheus {
class Registry;
}

namespace meetpoint::server {

class StatementWorker {
public:
    // Begins at once. Everything it is given must outlive it.
    StatementWorker(const exchange::Services& services, const exchange::StatementLimits& limits,
                    prometheus::Registry& metrics, Log log);
    ~StatementWorker();  // stop()
    // Ends soon; an hour left half done is begun anew by whoever comes next.
    void stop();

private:
    struct Counters;
    Result<bool> pass();
    void report(const exchange::StatementsMade& made);

    Log log_;
    std::unique_ptr<Counters> counters_;
    BackgroundThread thread_;
    exchange::StatementMaker maker_;
};

}  // namespace meetpoint::server
