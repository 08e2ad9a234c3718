// The cluster store: PostgreSQL, or a Citus coordinator, that any number of nodes share. Several writers at once, each
// with a connection of its own; work of one shard key is committed by one of them at a time.
#pragma once

#include "base/clock.h"
#include "base/log.h"
#include "store/db.h"
#include "store/migrations.h"

namespace meetpoint::store {

struct PostgresLimits {
    std::size_t queuedWrites = 1024;     // waiting pieces of work; one more is answered "overloaded"
    std::size_t rowsPerCommit = 10'000;  // work of one shard key shares a commit up to about this many rows
    std::size_t writeConnections = 4;
    std::size_t readConnections = 8;  // readers at once; more wait
    Duration readWait = seconds(10);  // for so long, then they are answered "overloaded"
    Duration connectTimeout = seconds(5);
    Duration statementTimeout = minutes(5);
    Duration lockTimeout = seconds(30);
    Duration retryFor = seconds(30);          // how long work waits for a server that is away before it is given up
    Duration retryPause = milliseconds(200);  // between two tries
    int contendedTries = 20;                  // of a transaction that others got in the way of
};

// Connects, brings the schema up to date, and where the extension Citus is present distributes the tables of lanes.
// Codes: "bad-database-address", "storage-unreachable", "store-too-new".
Result<std::unique_ptr<Db>> openPostgres(const std::string& address, const PostgresLimits& limits, const Clock& clock,
                                         Random& random, Log log, KnownSteps known = postgresSchema().steps);

}  // namespace meetpoint::store
