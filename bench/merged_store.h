// A store whose blocks upkeep has merged, as they are some minutes after they were stored.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.h"

namespace meetpoint::bench {

// A configuration that logs errors alone and runs no day by itself, with further settings as TOML, written to
// FOLDER/bench.toml; gives its path.
Result<std::filesystem::path> writeConfiguration(const std::filesystem::path& folder, std::string_view further = {});
// By which blocks come of age at once.
inline constexpr std::string_view mergingAtOnce = "[upkeep]\nblockAgeMs = 0\npauseMs = 100\n";

// Waits until nothing has been written to the log of the SQLite database at `wal` for some seconds, at most 10 minutes.
void waitForUpkeep(const std::filesystem::path& wal);

}  // namespace meetpoint::bench
