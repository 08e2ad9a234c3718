#include "past_world.h"

#include <fmt/format.h>

#include "cli/replay_clock.h"
#include "server/server.h"

namespace meetpoint::bench {

Result<outside::OutsideWorld> makePastWorld(const std::filesystem::path& folder, Instant at, std::uint64_t carriers) {
    std::filesystem::remove_all(folder);
    const SystemClock real;
    cli::ReplayClock clock(real);
    clock.moveTo(at);
    SystemRandom random;
    server::Configuration configuration;
    configuration.data = folder;
    configuration.port = configuration.operationsPort = 0;
    const Log log = makeLog("error");
    TRY_ASSIGN(const server::FirstClient first,
               server::initialise(configuration, exchange::StoreKind::sandbox, clock, random, log));
    TRY_ASSIGN(const auto server, server::Server::start(configuration, clock, random, log));
    const std::string url = fmt::format("http://{}:{}", configuration.address, server->port());
    return outside::makeWorld(url, outside::Login{first.clientId, first.secret}, 10'000, carriers);
}

}  // namespace meetpoint::bench
