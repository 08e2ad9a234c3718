// meetpoint init: makes a store and its first client.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include <CLI/CLI.hpp>

namespace meetpoint::cli {

struct InitOptions {
    std::string data = "meetpoint-data";
    std::string kind;  // "live" or "sandbox", for ever
};

int runInit(const InitOptions& options, std::ostream& out, std::ostream& err);
void addInitCommand(CLI::App& app, std::function<void(const InitOptions&)> run);

}  // namespace meetpoint::cli
