// meetpoint: one binary, one command a file under cli/.
#include <CLI/CLI.hpp>

#include <unistd.h>

#include <iostream>

#include "cli/compare.h"

int main(int argc, char** argv)
{
    using namespace meetpoint;
    CLI::App app{"Meetpoint: the open carrier data exchange"};
    app.require_subcommand(1);
    int code = cli::exitFine;
    cli::addCompareCommand(app, [&code](const cli::CompareOptions& options) {
        code = cli::runCompare(options, std::cout, std::cerr, isatty(STDOUT_FILENO) == 1 && isatty(STDERR_FILENO) == 1);
    });
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& problem) {
        return app.exit(problem) == 0 ? cli::exitFine : cli::exitUsage;
    }
    return code;
}
