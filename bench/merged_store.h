// A store whose blocks upkeep has merged, as they are some minutes after they were stored.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace meetpoint::bench {

// A configuration by which blocks come of age at once, written to FOLDER/bench.toml; gives its path.
Result<std::filesystem::path> writeMergingAtOnce(const std::filesystem::path& folder);

// Waits until nothing has been written to the log of the SQLite database at `wal` for some seconds, at most 10 minutes.
void waitForUpkeep(const std::filesystem::path& wal);

}  // namespace meetpoint::bench
