#include "support/server_process.h"

#include <csignal>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace meetpoint::outside {
namespace {

Error notStarted(std::string why) {
    return {ErrorKind::unavailable, "server-not-started", std::move(why), {}, {}, 0};
}

struct Child {
    pid_t process = -1;
    int output = -1;  // the reading end of its standard output
};

Result<Child> spawn(const std::filesystem::path& program, const std::vector<std::string>& arguments) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return fail(notStarted("no pipe can be made"));
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    std::string name = program.string();
    std::vector<std::string> words = arguments;
    std::vector<char*> argv{name.data()};
    for (std::string& word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);
    Child child;
    child.output = ends[0];
    const int problem = ::posix_spawn(&child.process, name.c_str(), &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    if (problem == 0) return child;
    ::close(ends[0]);
    return fail(notStarted(name + " cannot be run: " + std::strerror(problem)));
}

// Appends what comes until `stop` says that it is enough or the writer ends.
template <class Stop>
void readUntil(int descriptor, std::string& into, Stop stop) {
    char piece[4096];
    while (!stop(into)) {
        const ssize_t count = ::read(descriptor, piece, sizeof piece);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return;
        into.append(piece, static_cast<std::size_t>(count));
    }
}

int reap(pid_t process) {
    int status = 0;
    while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

Result<ServerProcess> ServerProcess::start(const std::filesystem::path& program,
                                           const std::vector<std::string>& options) {
    std::vector<std::string> arguments{"serve", "--port", "0", "--operations-port", "0"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    TRY_ASSIGN(const Child child, spawn(program, arguments));
    std::string said;
    readUntil(child.output, said, [](const std::string& text) { return text.find('\n') != std::string::npos; });
    // It writes nothing more; its end of the pipe breaks only if it tries.
    ::close(child.output);
    const std::size_t begin = said.find("http");
    const std::size_t end = begin == std::string::npos ? begin : said.find(' ', begin);
    if (end != std::string::npos) return ServerProcess(child.process, said.substr(begin, end - begin));
    ::kill(child.process, SIGKILL);
    reap(child.process);
    return fail(notStarted("the server said only: " + said));
}

ServerProcess& ServerProcess::operator=(ServerProcess&& other) noexcept {
    if (this == &other) return *this;
    kill();
    process_ = std::exchange(other.process_, -1);
    url_ = std::move(other.url_);
    return *this;
}

void ServerProcess::kill() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    reap(std::exchange(process_, -1));
}

int ServerProcess::stop() {
    if (process_ <= 0) return -1;
    ::kill(process_, SIGTERM);
    return reap(std::exchange(process_, -1));
}

Result<ProgramRun> runProgram(const std::filesystem::path& program, const std::vector<std::string>& arguments) {
    TRY_ASSIGN(const Child child, spawn(program, arguments));
    ProgramRun run;
    readUntil(child.output, run.output, [](const std::string&) { return false; });
    ::close(child.output);
    run.exitCode = reap(child.process);
    return run;
}

}  // namespace meetpoint::outside
