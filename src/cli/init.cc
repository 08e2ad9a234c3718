#include "cli/init.h"

#include <boost/json.hpp>
#include <fmt/ostream.h>

#include "cli/exit_codes.h"
#include "cli/private_file.h"
#include "server/server.h"

namespace meetpoint::cli {

int runInit(const InitOptions& options, std::ostream& out, std::ostream& err) {
    const SystemClock clock;
    SystemRandom random;
    server::Configuration configuration;
    configuration.data = options.data;
    const auto kind = options.kind == "live" ? exchange::StoreKind::live : exchange::StoreKind::sandbox;
    const auto client = server::initialise(configuration, kind, clock, random, makeLog("warn"));
    if (!client) {
        fmt::print(err, "meetpoint init: {}\n", client.error().message);
        return exitFailure;
    }
    const std::filesystem::path file = configuration.data / "first-client.json";
    const auto written = writePrivately(
        file, boost::json::serialize(boost::json::object{{"clientId", client->clientId},
                                                         {"clientSecret", client->secret},
                                                         {"expiresAt", formatInstant(client->expiresAt)}}) +
                  "\n");
    if (!written) {
        fmt::print(err, "meetpoint init: {}\n", written.error().message);
        return exitFailure;
    }
    fmt::print(out,
               "Made a {} store in {}.\nIts first client can only make other clients, and expires in 24 hours. Its id "
               "and secret: {}\n"
               "Next: meetpoint serve --data {}\n",
               options.kind, options.data, file.string(), options.data);
    return exitFine;
}

void addInitCommand(CLI::App& app, std::function<void(const InitOptions&)> run) {
    auto options = std::make_shared<InitOptions>();
    CLI::App* command = app.add_subcommand("init", "Make a store, live or sandbox for ever, and its first client");
    command->add_option("kind", options->kind, "live or sandbox")
        ->required()
        ->check(CLI::IsMember({"live", "sandbox"}));
    command->add_option("--data", options->data, "Data folder")->capture_default_str();
    command->callback([options, run = std::move(run)] { run(*options); });
}

}  // namespace meetpoint::cli
