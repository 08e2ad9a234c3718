// meetpoint serve: runs the exchange until it is told to stop (SIGINT, SIGTERM).
#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include <CLI/CLI.hpp>

namespace meetpoint::cli {

struct ServeOptions {
    std::string configuration;  // path of a TOML file
    std::string data;           // these override the file
    std::string address;
    int port = -1;
    int operationsPort = -1;
};

// Blocks until the signal. Gives an exit code (cli/exit_codes.h).
int runServe(const ServeOptions& options, std::ostream& out, std::ostream& err);
void addServeCommand(CLI::App& app, std::function<void(const ServeOptions&)> run);

}  // namespace meetpoint::cli
