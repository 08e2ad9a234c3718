#include "base/log.h"

#include <spdlog/sinks/null_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace meetpoint {

Log makeLog(std::string_view level) {
    auto log = std::make_shared<spdlog::logger>("meetpoint", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    log->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","message":"%v"})");
    log->set_level(spdlog::level::from_str(std::string(level)));
    return log;
}

Log silentLog() {
    return std::make_shared<spdlog::logger>("silent", std::make_shared<spdlog::sinks::null_sink_mt>());
}

}  // namespace meetpoint
