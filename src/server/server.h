// A running exchange: store, caches, endpoints and listeners, built in the order in which they depend on each other and
// taken down in reverse.
#pragma once

#include <memory>

#include "base/clock.h"
#include "base/log.h"
#include "exchange/services.h"
#include "server/configuration.h"

namespace meetpoint::server {

class Server {
public:
    // Serves when it returns. Codes: those of the store, "store-not-initialised", "cannot-listen", "bad-tls-files".
    static Result<std::unique_ptr<Server>> start(const Configuration& configuration, const Clock& clock, Random& random,
                                                 Log log);
    // The same on a store that is open already.
    static Result<std::unique_ptr<Server>> startOn(std::unique_ptr<store::Db> db, const Configuration& configuration,
                                                   const Clock& clock, Random& random, Log log);
    ~Server();  // stop()

    std::uint16_t port() const;
    std::uint16_t operationsPort() const;
    exchange::StoreKind kind() const;
    // Lets running requests finish (Configuration::stopGrace), then closes the store. Nothing acknowledged is lost.
    // Blocks.
    void stop();

private:
    struct Impl;
    explicit Server(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// What `meetpoint init` does: makes a store of that kind and its first client, which can only make others and expires
// in 24 hours.
struct FirstClient {
    std::string clientId;
    std::string secret;
    Instant expiresAt;
};
// Codes: those of the store, "store-exists".
Result<FirstClient> initialise(const Configuration& configuration, exchange::StoreKind kind, const Clock& clock,
                               Random& random, Log log);

}  // namespace meetpoint::server
