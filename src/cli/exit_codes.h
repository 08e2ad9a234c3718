// Exit codes of every command.
#pragma once

namespace meetpoint::cli {

inline constexpr int exitFine = 0;
inline constexpr int exitDifferences = 1;
inline constexpr int exitRefused = 1;  // the exchange refused a number, or the whole request
inline constexpr int exitUsage = 2;
inline constexpr int exitFailure = 3;

}  // namespace meetpoint::cli
