// The log: structured lines to a sink that the caller chose. Passed as an argument; there is no global logger.
// A line never holds a secret, a full phone number or a request target; the caller passes route templates and ids.
#pragma once

#include <memory>
#include <string_view>

#include <spdlog/logger.h>

namespace meetpoint {

using Log = std::shared_ptr<spdlog::logger>;

// One JSON object a line on standard error (time, level, message), from `level` up: trace, debug, info, warn, error,
// off.
Log makeLog(std::string_view level);
// A log that keeps nothing.
Log silentLog();

}  // namespace meetpoint
