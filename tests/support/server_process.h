// `meetpoint serve` as a process of its own, which a test may kill and a benchmark may measure.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/result.h"

namespace meetpoint::outside {

class ServerProcess {
public:
    // Runs `program serve` on free ports of 127.0.0.1, and waits until it says where it listens. `options` name the
    // store at least: {"--data", folder}. Code "server-not-started", with what it wrote.
    static Result<ServerProcess> start(const std::filesystem::path& program, const std::vector<std::string>& options);
    ServerProcess(ServerProcess&& other) noexcept
        : process_(std::exchange(other.process_, -1)), url_(std::move(other.url_)) {}
    ServerProcess& operator=(ServerProcess&& other) noexcept;
    ~ServerProcess() { kill(); }

    const std::string& url() const { return url_; }  // "http://127.0.0.1:39041"
    pid_t process() const { return process_; }
    bool running() const { return process_ > 0; }
    // SIGKILL: no handler runs, nothing is flushed. Waits until the process is gone.
    void kill();
    // SIGTERM, and waits. The exit code; -1 if it was killed by a signal or did not run.
    int stop();

private:
    ServerProcess(pid_t process, std::string url) : process_(process), url_(std::move(url)) {}
    pid_t process_ = -1;
    std::string url_;
};

// Runs a program to its end with its standard output kept. The exit code is -1 if it died by a signal.
struct ProgramRun {
    int exitCode = -1;
    std::string output;
};
Result<ProgramRun> runProgram(const std::filesystem::path& program, const std::vector<std::string>& arguments);

}  // namespace meetpoint::outside
