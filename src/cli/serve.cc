#include "cli/serve.h"

#include <fmt/ostream.h>

#include "cli/exit_codes.h"
#include "cli/signals.h"
#include "server/server.h"

namespace meetpoint::cli {
namespace {

Result<server::Configuration> configurationFrom(const ServeOptions& options) {
    server::Configuration configuration;
    if (!options.configuration.empty()) {
        TRY_ASSIGN(configuration, server::readConfiguration(options.configuration));
    }
    if (!options.data.empty()) configuration.data = options.data;
    if (!options.address.empty()) configuration.address = options.address;
    if (options.port >= 0) configuration.port = static_cast<std::uint16_t>(options.port);
    if (options.operationsPort >= 0) configuration.operationsPort = static_cast<std::uint16_t>(options.operationsPort);
    return configuration;
}

}  // namespace

int runServe(const ServeOptions& options, std::ostream& out, std::ostream& err) {
    const StopSignals signals;
    const SystemClock clock;
    SystemRandom random;
    const auto configuration = configurationFrom(options);
    if (!configuration) {
        fmt::print(err, "meetpoint serve: {}\n", configuration.error().message);
        return exitUsage;
    }
    auto server = server::Server::start(*configuration, clock, random, makeLog(configuration->logLevel));
    if (!server) {
        fmt::print(err, "meetpoint serve: {}\n", server.error().message);
        return exitFailure;
    }
    fmt::print(
        out, "Meetpoint ({} store) serves http{}://{}:{} and, for operators, http://{}:{}/metrics. Ctrl-C stops it.\n",
        exchange::name((*server)->kind()), configuration->certificateFile.empty() ? "" : "s", configuration->address,
        (*server)->port(), configuration->operationsAddress, (*server)->operationsPort());
    out.flush();
    signals.wait();
    (*server)->stop();
    return exitFine;
}

void addServeCommand(CLI::App& app, std::function<void(const ServeOptions&)> run) {
    auto options = std::make_shared<ServeOptions>();
    CLI::App* command = app.add_subcommand("serve", "Run the exchange on a data folder that 'init' made");
    command->add_option("--config", options->configuration, "Configuration file (TOML)");
    command->add_option("--data", options->data, "Data folder");
    command->add_option("--address", options->address, "Address of the API");
    command->add_option("--port", options->port, "Port of the API; 0 takes a free one")->check(CLI::Range(0, 65535));
    command->add_option("--operations-port", options->operationsPort, "Port of /metrics; 0 takes a free one")
        ->check(CLI::Range(0, 65535));
    command->callback([options, run = std::move(run)] { run(*options); });
}

}  // namespace meetpoint::cli
