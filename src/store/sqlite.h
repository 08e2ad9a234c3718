// The embedded store: one SQLite file in a data folder, one writer thread, readers on connections of their own.
#pragma once

#include <filesystem>

#include "base/clock.h"
#include "base/log.h"
#include "store/db.h"
#include "store/migrations.h"

namespace meetpoint::store {

struct SqliteLimits {
    std::size_t queuedWrites = 1024;         // waiting pieces of work; one more is answered "overloaded"
    std::size_t rowsPerCommit = 10'000;      // pieces of work share a commit up to about this many rows
    std::size_t readConnections = 8;         // readers at once; more wait
    Duration readWait = seconds(10);         // for so long, then they are answered "overloaded"
    std::size_t cacheKilobytes = 65'536;     // page cache of the writer
    std::size_t walCheckpointPages = 1'000;  // pages of 16 KiB in the WAL before the checkpoint thread folds them in
    std::size_t freePagesKept = 4'096;   // pages of 16 KiB without content that stay in the file; it shrinks by more,
                                         // where they are more than a tenth of it
    std::size_t freePagesPerStep = 256;  // by so many a transaction
    int busyTimeoutMs = 5'000;
};

// Opens (and where it is new, creates) the store in `folder`, which only one process may have open. Brings the schema
// up to date. Codes: "data-folder-in-use", "data-folder-unusable" (missing, read-only, not a folder), "storage-full",
// "store-too-new", "corrupt-data".
Result<std::unique_ptr<Db>> openSqlite(const std::filesystem::path& folder, const SqliteLimits& limits,
                                       const Clock& clock, Log log, KnownSteps known = sqliteSchema().steps);

}  // namespace meetpoint::store
