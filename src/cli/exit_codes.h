// Exit codes of every command.
#pragma once

namespace meetpoint::cli {

inline constexpr int exitFine = 0;
inline constexpr int exitDifferences = 1;
inline constexpr int exitUsage = 2;
inline constexpr int exitFailure = 3;

}  // namespace meetpoint::cli
