#include "api/exchange_under_test.h"

#include <spdlog/sinks/ostream_sink.h>

#include "server/open_store.h"

namespace meetpoint::tests {
ExchangeUnderTest::ExchangeUnderTest(store::testing::StoreEngine engine, exchange::StoreKind kind)
    : place_(engine),
      log_(std::make_shared<spdlog::logger>("api_test", std::make_shared<spdlog::sinks::ostream_sink_mt>(logText_))) {
    log_->set_level(spdlog::level::trace);
    configuration.data = place_.folder();
    configuration.database = place_.database();
    configuration.port = configuration.operationsPort = 0;
    // Tests run their days themselves; those of days that run by themselves say so.
    configuration.reconciliation.settle = configuration.reconciliation.closeAfter = days(3'650);
    auto declared = api::DeclaredEndpoints::make(MEETPOINT_VERSION);
    EXPECT_TRUE(declared) << declared.error().message;
    declared_ = std::move(*declared);
    const auto first = server::initialise(configuration, kind, clock, random, silentLog());
    EXPECT_TRUE(first) << first.error().message << " " << first.error().internal;
    if (first) firstClient_ = *first;
}

void ExchangeUnderTest::start() {
    auto db = server::openStore(configuration, clock, random, log_);
    ASSERT_TRUE(db) << db.error().message << " " << db.error().internal;
    auto started = server::Server::startOn(store::testing::checkStatements(std::move(*db), statements_), configuration,
                                           clock, random, log_);
    ASSERT_TRUE(started) << started.error().message << " " << started.error().internal;
    server_ = std::move(*started);
}

ExchangeUnderTest::~ExchangeUnderTest() {
    stop();
    for (const std::string& finding : statements_.findings())
        ADD_FAILURE() << "a statement that a cluster would not take, or that reaches over several workers: " << finding;
}

void ExchangeUnderTest::stop() {
    server_.reset();
}

std::string ExchangeUnderTest::url() const {
    return "http://127.0.0.1:" + std::to_string(server_->port());
}
std::string ExchangeUnderTest::operationsUrl() const {
    return "http://127.0.0.1:" + std::to_string(server_->operationsPort());
}

Party ExchangeUnderTest::party(const std::string& clientId, const std::string& secret) {
    return Party(url(), *declared_, answers_, clientId, secret);
}

}  // namespace meetpoint::tests
