// meetpoint verify: reads the whole store and says whether it is intact.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include <CLI/CLI.hpp>

namespace meetpoint::cli {

struct VerifyOptions {
    std::string data = "meetpoint-data";
    bool json = false;
};

// 0 intact, 1 something does not hold, 3 the store cannot be read.
int runVerify(const VerifyOptions& options, std::ostream& out, std::ostream& err);
void addVerifyCommand(CLI::App& app, std::function<void(const VerifyOptions&)> run);

}  // namespace meetpoint::cli
