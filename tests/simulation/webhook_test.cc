// A server that is killed while it delivers by webhook goes on where it was: every event arrives, and what arrives
// twice is the same message.
#include <fstream>
#include <random>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "api/webhook_receiver.h"
#include "support/call_lines.h"
#include "support/outside_world.h"
#include "support/server_process.h"
#include "support/temporary_folder.h"

namespace meetpoint::outside {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::uint64_t rounds = 6, numbersARound = 40;
constexpr std::string_view hurried =
    "[webhooks]\nallowHttp = true\nallowPrivateAddresses = true\nlookMs = 20\nretriesMs = [50, 50, 100, 100, 200, 200, "
    "400, 400, 800, 800, 1600, 1600, 3200, 3200]\n";

class KilledDelivery : public testing::Test {
protected:
    void SetUp() override {
        std::ofstream(configuration_) << hurried;
        const auto made = runProgram(MEETPOINT_PROGRAM, {"init", "sandbox", "--data", data_.string()});
        ASSERT_TRUE(made) << made.error().message;
        ASSERT_EQ(made->exitCode, 0) << made->output;
        start();
        auto world = makeWorld(server_->url(), data_, 1);
        ASSERT_TRUE(world) << world.error().message << world.error().internal;
        world_ = std::move(*world);
    }
    void start() {
        auto started =
            ServerProcess::start(MEETPOINT_PROGRAM, {"--data", data_.string(), "--config", configuration_.string()});
        ASSERT_TRUE(started) << started.error().message;
        server_.emplace(std::move(*started));
    }
    json::value post(const std::string& path, const json::value& body) {
        auto client = logIn(server_->url(), world_.carrier);
        EXPECT_TRUE(client) << client.error().message;
        const auto answer = client->post(path, body);
        EXPECT_TRUE(answer) << answer.error().message;
        return answer.value_or(json::value());
    }
    void order(std::uint64_t first) {
        json::array list;
        for (std::uint64_t n = first; n < first + numbersARound; ++n)
            list.push_back(json::object{{"telephoneNumber", CallLines::ownNumber(n)}});
        auto client = logIn(server_->url(), world_.carrier);
        ASSERT_TRUE(client) << client.error().message;
        const auto ordered = client->order(
            "/v1/number-orders",
            json::object{{"kind", "upload"}, {"tenantId", formatId(world_.tenantId)}, {"numbers", std::move(list)}});
        EXPECT_TRUE(ordered) << ordered.error().message;
    }
    std::size_t eventsInFeed() {
        auto client = logIn(server_->url(), world_.carrier);
        EXPECT_TRUE(client);
        const auto feed = client->get("/v1/feeds/assignments?limit=10000");
        EXPECT_TRUE(feed) << feed.error().message;
        return feed ? feed->at("items").as_array().size() : 0;
    }

    tests::TemporaryFolder folder_;
    const fs::path data_ = folder_.path() / "data", configuration_ = folder_.path() / "meetpoint.toml";
    tests::WebhookReceiver receiver_;
    OutsideWorld world_;
    std::optional<ServerProcess> server_;
};

TEST_F(KilledDelivery, GoesOnWhereItWas) {
    std::mt19937_64 dice(20'261);
    const std::size_t before = eventsInFeed();
    post("/v1/webhook-endpoints", json::object{{"url", receiver_.url("/ok")}});
    for (std::uint64_t round = 0; round < rounds; ++round) {
        receiver_.setStatus(round % 3 == 1 ? 503 : 200);
        const std::size_t arrived = receiver_.at("/ok").size();
        order(1 + round * numbersARound);
        receiver_.waitFor("/ok", arrived + 1 + dice() % numbersARound / 2);
        server_->kill();
        start();
    }
    receiver_.setStatus(200);
    const std::size_t events = eventsInFeed() - before;
    EXPECT_EQ(events, rounds * numbersARound);
    std::map<std::string, std::string> bodies;  // by webhook-id
    std::set<std::string> sequences;
    std::size_t messages = 0;
    const SystemClock clock;
    for (const Instant end = clock.now() + minutes(2); sequences.size() < events && clock.now() < end;) {
        const auto all = receiver_.waitFor("/ok", messages + 1);
        for (; messages < all.size(); ++messages) {
            const std::string id(all[messages].headers.value("webhook-id"));
            EXPECT_EQ(bodies.emplace(id, all[messages].body).first->second, all[messages].body) << id;
            if (all[messages].status == 200)
                sequences.insert(std::string(json::parse(all[messages].body).at("sequence").as_string().c_str()));
        }
    }
    EXPECT_EQ(sequences.size(), events);
    EXPECT_EQ(bodies.size(), events) << "one id an event";
    EXPECT_EQ(server_->stop(), 0);
}

}  // namespace
}  // namespace meetpoint::outside
