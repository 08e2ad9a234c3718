// Delivery statements, recomputed by a program that knows nothing of ours from what a feed gave.
#include <fstream>

#include <gtest/gtest.h>

#include "api/records.h"
#include "interop/node_script.h"

namespace meetpoint::tests {
namespace {

class Statements : public WorldTest {
protected:
    Statements()
        : WorldTest([](server::Configuration& configuration) { configuration.statements.pause = milliseconds(10); }) {}

    std::string write(const std::string& name, const std::string& text) const {
        const auto file = folder_.path() / name;
        std::ofstream(file, std::ios::binary) << text;
        return file.string();
    }
    void expectStated(const std::string& feed) {
        const std::string until = formatInstant(exchange.clock.now() - milliseconds(1)).substr(0, 13) + ":00:00.000Z";
        std::string statements;
        do {
            statements = world.alp.get("/v1/feeds/" + feed + "/statements?limit=1000").body;
        } while (textAt(json::parse(statements), "/closedUntil") < until);
        expectNodeAgrees("check_statements.mjs", {write(feed, world.alp.get("/v1/feeds/" + feed + "?limit=10000").body),
                                                  write(feed + ".statements", statements)});
    }

private:
    TemporaryFolder folder_;
};

TEST_P(Statements, AReceiverComesToTheSame) {
    ASSERT_NO_FATAL_FAILURE(expectNodePackages());
    json::array calls;
    for (int number = 1; number <= 300; ++number)
        calls.push_back(callRecord({.number = number,
                                    .invitedAt = World::noon + seconds(number),
                                    .talk = seconds(number % 7 * 13),
                                    .outbound = number % 2 == 0}));
    json::object rich = callRecord({.number = 501}), restricted = callRecord({.number = 502});
    rich["extensions"] =
        json::object{{"site", "Zürich \u20ac \"7\"\\"}, {"rack", 7}, {"share", 0.000001}, {"big", 1e21}};
    rich["streams"] = json::array{json::object{{"direction", "callerToCallee"},
                                               {"packets", 999999999999},
                                               {"lossRatioAvg", 1e-7},
                                               {"jitterMsAvg", 4.2},
                                               {"roundTripMsAvg", 100},
                                               {"mos", 4.4099998}}};
    restricted["callerNumber"] = nullptr;
    calls.insert(calls.end(), {rich, restricted});
    // Three hours: one with two commits, one with nothing, one with later versions and repeats.
    const Answer uploaded = world.platform.upload("/v1/calls", ndjson(calls));
    EXPECT_EQ(countsOf(uploaded), "created 302") << uploaded.body.substr(0, 500);
    EXPECT_EQ(countsOf(world.platform.upload("/v1/calls", ndjson({callRecord({.number = 700})}))), "created 1");
    world.advance(hours(2));
    EXPECT_EQ(countsOf(world.platform.upload(
                  "/v1/calls", ndjson({callRecord({.number = 1, .version = 2}), callRecord({.number = 700}),
                                       callRecord({.number = 701, .farEnd = "112"})}))),
              "created 1, updated 1, unchanged 1");
    EXPECT_EQ(
        countsOf(world.alp.upload("/v1/durations", ndjson({durationOf({.number = 701, .farEnd = "112"}, "r-1")}))),
        "created 1");
    world.alp.done("/v1/reconciliation/runs", json::object{{"date", World::day}});
    world.advance(hours(1));
    for (const char* feed : {"calls", "assignments", "items"})
        expectStated(feed);
}
ON_EVERY_STORE(Statements);

}  // namespace
}  // namespace meetpoint::tests
