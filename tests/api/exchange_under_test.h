// A whole exchange in this process on a fresh store, with time and randomness in the test's hand, spoken to
// over HTTP alone.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "api/party.h"
#include "base/clock.h"
#include "server/server.h"
#include "store/testing/checked_db.h"
#include "store/testing/test_store.h"
#include "support/temporary_folder.h"

namespace meetpoint::tests {

class ExchangeUnderTest {
public:
    static constexpr std::uint64_t seed = 20260301;
    static constexpr Instant firstInstant{1'772'323'200'000};  // 2026-03-01T00:00:00Z

    // Makes the store; start() serves it.
    explicit ExchangeUnderTest(store::testing::StoreEngine engine,
                               exchange::StoreKind kind = exchange::StoreKind::sandbox);

    void start();
    // Every statement that it ran must have been one that a cluster takes.
    ~ExchangeUnderTest();
    // Gracefully, as on a signal. Nothing where it does not run.
    void stop();

    std::string url() const;
    std::string operationsUrl() const;
    std::uint16_t port() const { return server_->port(); }
    const server::FirstClient& firstLogin() const { return firstClient_; }  // as `meetpoint init` gives it out
    Party party(const std::string& clientId, const std::string& secret);

    server::Configuration configuration;
    ManualClock clock{firstInstant};
    SeededRandom random{seed};
    const api::DeclaredEndpoints& declared() const { return *declared_; }
    // What its parties were answered.
    const AnswerLog& answers() const { return answers_; }
    // Everything that was logged, from the finest level on; read it after stop().
    std::string logged() const { return logText_.str(); }

private:
    store::testing::StorePlace place_;
    store::testing::StatementFindings statements_;
    std::ostringstream logText_;
    Log log_;
    std::unique_ptr<api::DeclaredEndpoints> declared_;
    AnswerLog answers_;
    server::FirstClient firstClient_;
    std::unique_ptr<server::Server> server_;  // before everything that it uses goes
};

}  // namespace meetpoint::tests
