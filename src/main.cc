// meetpoint: one binary, one command a file under cli/.
#include <iostream>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "base/clock.h"
#include "cli/agreements.h"
#include "cli/calls.h"
#include "cli/compare.h"
#include "cli/demo.h"
#include "cli/durations.h"
#include "cli/exit_codes.h"
#include "cli/feed.h"
#include "cli/init.h"
#include "cli/migrate_store.h"
#include "cli/numbers.h"
#include "cli/openapi.h"
#include "cli/quality.h"
#include "cli/reconciliation.h"
#include "cli/serve.h"
#include "cli/tickets.h"
#include "cli/traffic_totals.h"
#include "cli/verify.h"

int main(int argc, char** argv) {
    using namespace meetpoint;
    const bool terminal = isatty(STDOUT_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
    CLI::App app{"Meetpoint: the open carrier data exchange"};
    app.require_subcommand(1);
    app.set_version_flag("--version", MEETPOINT_VERSION);
    int code = cli::exitFine;
    cli::addAgreementsCommand(app,
                              [&](const auto& options) { code = cli::runAgreements(options, std::cout, std::cerr); });
    cli::addCallsCommand(
        app, {[&](const auto& options) { code = cli::runCallSearch(options, std::cout, std::cerr); },
              [&](const auto& options) { code = cli::runCallShow(options, std::cout, std::cerr); },
              [&](const auto& options) { code = cli::runFeed(options, cli::callFeed(), std::cout, std::cerr); },
              [&](const auto& options) { code = cli::runCallExport(options, std::cout, std::cerr, terminal); }});
    cli::addCompareCommand(
        app, [&](const auto& options) { code = cli::runCompare(options, std::cout, std::cerr, terminal); });
    cli::addDemoCommand(
        app, [&](const auto& options) { code = cli::runDemo(options, SystemClock(), std::cout, std::cerr, terminal); });
    cli::addDurationsCommand(
        app, [&](const auto& options) { code = cli::runDurations(options, std::cin, std::cout, std::cerr); });
    cli::addFeedCommand(
        app, [&](const auto& options) { code = cli::runFeed(options, cli::assignmentFeed(), std::cout, std::cerr); });
    cli::addInitCommand(app, [&](const auto& options) { code = cli::runInit(options, std::cout, std::cerr); });
    cli::addMigrateStoreCommand(
        app, [&](const auto& options) { code = cli::runMigrateStore(options, std::cout, std::cerr, terminal); });
    cli::addNumbersCommand(
        app, [&](const auto& options) { code = cli::runNumbers(options, std::cin, std::cout, std::cerr, terminal); });
    cli::addOpenapiCommand(app, [&] { code = cli::runOpenapi(std::cout, std::cerr); });
    cli::addQualityCommand(app, [&](const auto& options) { code = cli::runQuality(options, std::cout, std::cerr); });
    cli::addReconciliationCommand(
        app, [&](const auto& options) { code = cli::runReconciliation(options, std::cout, std::cerr); });
    cli::addServeCommand(app, [&](const auto& options) { code = cli::runServe(options, std::cout, std::cerr); });
    cli::addTicketsCommand(app, [&](const auto& options) { code = cli::runTickets(options, std::cout, std::cerr); });
    cli::addTotalsCommand(app,
                          [&](const auto& options) { code = cli::runTotals(options, std::cin, std::cout, std::cerr); });
    cli::addVerifyCommand(app, [&](const auto& options) { code = cli::runVerify(options, std::cout, std::cerr); });
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& problem) {
        return app.exit(problem) == 0 ? cli::exitFine : cli::exitUsage;
    }
    return code;
}
