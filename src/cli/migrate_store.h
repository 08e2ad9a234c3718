// meetpoint migrate-store: moves everything from a data folder into a database that nodes share, or back.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include <CLI/CLI.hpp>

namespace meetpoint::cli {

struct MigrateStoreOptions {
    std::string from, to;  // a data folder, or postgresql://…
    bool json = false;
};

// `terminal`: show how far it is. 0 moved and proved, 3 it is not; the same command goes on where it broke off.
int runMigrateStore(const MigrateStoreOptions& options, std::ostream& out, std::ostream& err, bool terminal);
void addMigrateStoreCommand(CLI::App& app, std::function<void(const MigrateStoreOptions&)> run);

}  // namespace meetpoint::cli
