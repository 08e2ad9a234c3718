// The small world of the API tests: two carriers that compete, two tenants, one of each carrier's, and who
// may call for them. Made through the API alone, at ExchangeUnderTest::firstInstant; the tests live nine days
// later.
#pragma once

#include "api/exchange_under_test.h"

namespace meetpoint::tests {

struct World {
    // Starts the exchange unless it runs, and fills it.
    explicit World(ExchangeUnderTest& exchange);

    // Moves the clock, and gives everybody a new token: the old ones expire.
    void advance(Duration by);
    void logInAll();
    // Everybody speaks to the exchange as it was started anew.
    void reconnect();
    // A client that the platform makes.
    Party makeParty(const json::object& wanted);

    ExchangeUnderTest& exchange;
    Party platform;
    std::string alpId, bayId;    // carriers
    std::string acmeId, zetaId;  // tenants: Acme (CH) is Alp's, Zeta (US) is Bay's
    Party alp, bay, acme, zeta, auditor;
    std::string alpConsent, bayConsent;
    std::string acmeUser, acmeBridge, zetaUser;  // targets
    std::string alpNumber, alpSpare,
        bayNumber;                           // numbers' ids; alpNumber and bayNumber are assigned to a user
    std::string alpOperation, bayOperation;  // orders of those

    static constexpr std::string_view zetaUserId = "bbbbbbbb-0000-4000-8000-000000000001";
    static constexpr std::string_view noticeVersion = "2026-01";
    // What they are written as. `nobodys` is held by none.
    static constexpr std::string_view alpE164 = "+41446681800", alpSpareE164 = "+41446681801";
    static constexpr std::string_view bayE164 = "+12015550123";
    static constexpr std::string_view nobodys = "+41446681899";
    static constexpr std::string_view stranger = "+41791234567";  // a far end
    static constexpr std::string_view callUser = "dddddddd-0000-4000-8000-000000000009";
    // A day that is over, and an instant in it.
    static constexpr std::string_view day = "2026-03-09";
    static constexpr Instant noon{ExchangeUnderTest::firstInstant.ms + 8 * 86'400'000 + 12 * 3'600'000};

private:
    Party makePlatform();
    void addParties();
    void addNumbers();
    std::string consent(Party& tenant, const std::string& tenantId, Party& carrier, const std::string& carrierId);
};

// Texts that say anything about a carrier, its tenant and their numbers. None of Alp's may ever reach Bay,
// nor the other way.
std::vector<std::string> secretsOfAlp(const World& world);
std::vector<std::string> secretsOfBay(const World& world);
void expectNone(const std::string& haystack, const std::vector<std::string>& secrets, std::string_view where);
// Every answer to a GET that names no other's thing, in every media type that is text: what the party can see
// at all.
std::string everythingSeenBy(World& world, Party& party);

// A test with a world, once for each store.
class WorldTest : public testing::TestWithParam<store::testing::StoreEngine> {
protected:
    // `configure` changes the settings before the exchange starts.
    explicit WorldTest(const std::function<void(server::Configuration&)>& configure = [](server::Configuration&) {})
        : trace_(__FILE__, __LINE__, "seed " + std::to_string(ExchangeUnderTest::seed)),
          exchange(GetParam()),
          world((configure(exchange.configuration), exchange)) {
        skipWithoutServer();
    }

private:
    // The body of a test whose store is not to be had does not run; what its world was made on does not matter then.
    static void skipWithoutServer() {
        if (!store::testing::isAvailable(GetParam())) GTEST_SKIP() << "MEETPOINT_TEST_POSTGRES names no server";
    }

    testing::ScopedTrace trace_;

protected:
    ExchangeUnderTest exchange;
    World world;
};

}  // namespace meetpoint::tests

#define ON_EVERY_STORE(suite)            \
    INSTANTIATE_TEST_SUITE_P(            \
        Stores, suite, MEETPOINT_STORES, \
        ::meetpoint::store::testing::nameOfCase<testing::TestParamInfo<::meetpoint::store::testing::StoreEngine>>)
