#include "process_use.h"

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

namespace meetpoint::bench {

namespace {

// A line of proc(5)'s status that counts in kB.
double megabytesOf(pid_t process, std::string_view name) {
    std::ifstream status("/proc/" + std::to_string(process) + "/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(name)) return std::strtod(line.c_str() + name.size(), nullptr) / 1024;
    return 0;
}

}  // namespace

double peakMegabytesOf(pid_t process) {
    return megabytesOf(process, "VmHWM:");
}

double residentMegabytesOf(pid_t process) {
    return megabytesOf(process, "VmRSS:");
}

double processorSecondsOf(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    std::string text{std::istreambuf_iterator<char>(file), {}};
    std::istringstream fields(text.substr(text.rfind(')') + 2));
    const std::vector<std::string> words{std::istream_iterator<std::string>(fields), {}};
    constexpr std::size_t user = 11, system = 12;  // proc(5), counted from the state
    return (std::stod(words.at(user)) + std::stod(words.at(system))) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace meetpoint::bench
