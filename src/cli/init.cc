#include "cli/init.h"

#include <boost/json.hpp>
#include <fmt/ostream.h>

#include "cli/exit_codes.h"
#include "cli/private_file.h"
#include "server/open_store.h"
#include "server/server.h"

namespace meetpoint::cli {
namespace {

// With a database too the secret goes into a folder here. That it can is made sure of before there is one to lose.
Result<void> makePlaceForSecret(const std::filesystem::path& folder, const std::filesystem::path& file) {
    std::error_code problem;
    std::filesystem::create_directories(folder, problem);
    const auto refused = [&](const std::string& why) -> Result<void> {
        return fail(Error{ErrorKind::unavailable,
                          "file-not-writable",
                          "The first client's secret cannot be written to " + file.string() + " (" + why +
                              "). Name another folder with --data.",
                          {},
                          {},
                          0});
    };
    if (problem) return refused(problem.message());
    if (std::filesystem::exists(file, problem)) return refused("it is there already");
    return {};
}

}  // namespace

int runInit(const InitOptions& options, std::ostream& out, std::ostream& err) {
    const SystemClock clock;
    SystemRandom random;
    server::Configuration configuration;
    configuration.data = options.data;
    configuration.database = options.database;
    const std::filesystem::path file = configuration.data / "first-client.json";
    if (!options.database.empty()) {
        if (const auto ready = makePlaceForSecret(configuration.data, file); !ready) {
            fmt::print(err, "meetpoint init: {}\n", ready.error().message);
            return exitFailure;
        }
    }
    const auto kind = options.kind == "live" ? exchange::StoreKind::live : exchange::StoreKind::sandbox;
    const auto client = server::initialise(configuration, kind, clock, random, makeLog("warn"));
    if (!client) {
        fmt::print(err, "meetpoint init: {}\n", client.error().message);
        return exitFailure;
    }
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
               "Made a {} store {}.\nIts first client can only make other clients, and expires in 24 hours. Its id "
               "and secret: {}\nNext: meetpoint serve {}\n",
               options.kind, server::placeOf(configuration), file.string(),
               options.database.empty() ? "--data " + options.data : "--database …, on as many machines as you like");
    return exitFine;
}

void addInitCommand(CLI::App& app, std::function<void(const InitOptions&)> run) {
    auto options = std::make_shared<InitOptions>();
    CLI::App* command = app.add_subcommand("init", "Make a store, live or sandbox for ever, and its first client");
    command->add_option("kind", options->kind, "live or sandbox")
        ->required()
        ->check(CLI::IsMember({"live", "sandbox"}));
    command
        ->add_option("--data", options->data,
                     "Data folder; with --database, where the first client's secret is written")
        ->capture_default_str();
    command->add_option("--database", options->database, "Database that nodes share: postgresql://…");
    command->callback([options, run = std::move(run)] { run(*options); });
}

}  // namespace meetpoint::cli
