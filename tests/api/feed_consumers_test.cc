// Consumers of feeds over HTTP: where they go on, how far behind they are, and whose they are.
#include "api/records.h"

namespace meetpoint::tests {
namespace {

class FeedConsumers : public WorldTest {
protected:
    void upload(int first, int last) {
        json::array calls;
        for (int number = first; number <= last; ++number)
            calls.push_back(callRecord({.number = number}));
        EXPECT_EQ(countsOf(world.platform.upload("/v1/calls", ndjson(calls))),
                  "created " + std::to_string(last - first + 1));
    }
    std::string make(const std::string& name, const std::string& feed = "calls", json::object more = {}) {
        more["name"] = name;
        more["feed"] = feed;
        return textAt(world.alp.done("/v1/feed-consumers", more), "/id");
    }
    json::value read(const std::string& consumer, int limit) {
        return world.alp.read("/v1/feeds/calls?consumer=" + consumer + "&limit=" + std::to_string(limit));
    }
    Answer remove(const std::string& consumer) {
        return world.alp.send({.method = "DELETE", .url = "/v1/feed-consumers/" + consumer});
    }
    static std::string firstSequence(const json::value& page) { return textAt(page, "/items/0/sequence"); }
    Answer commit(const std::string& consumer, const json::value& page, json::object more = {}) {
        more["cursor"] = at(page, "/next");
        return world.alp.post("/v1/feed-consumers/" + consumer + "/commit", more);
    }
};

TEST_P(FeedConsumers, GoOnFromWhatTheyCommitted) {
    upload(1, 10);
    const std::string billing = make("billing"), monitoring = make("monitoring");
    const json::value first = read(billing, 4);
    EXPECT_EQ(firstSequence(first), "1");
    EXPECT_EQ(firstSequence(read(billing, 4)), "1") << "what was read is not committed by it";
    EXPECT_EQ(commit(billing, first).status, 200);
    const json::value second = read(billing, 4);
    EXPECT_EQ(firstSequence(second), "5");
    EXPECT_EQ(firstSequence(read(monitoring, 4)), "1") << "each has its own place";
    EXPECT_EQ(commit(billing, second).status, 200);
    // Others of its workers that are slower do not take it back, unless that is what is wanted.
    EXPECT_EQ(commit(billing, first).code(), "cursor-behind");
    EXPECT_EQ(firstSequence(read(billing, 4)), "9");
    EXPECT_EQ(commit(billing, first, {{"rewind", true}}).status, 200);
    EXPECT_EQ(firstSequence(read(billing, 4)), "5");
    // It survives the exchange.
    exchange.stop();
    exchange.start();
    world.reconnect();
    EXPECT_EQ(firstSequence(read(billing, 4)), "5");
}

TEST_P(FeedConsumers, SayHowFarBehindTheyAre) {
    const std::string consumer = make("billing");
    const std::string path = "/v1/feed-consumers/" + consumer;
    EXPECT_EQ(textAt(world.alp.read(path), "/unread"), "0");
    EXPECT_FALSE(world.alp.read(path).as_object().contains("oldestUnreadAt"));
    upload(1, 3);
    const std::string stored = formatInstant(exchange.clock.now());
    world.advance(minutes(5));
    upload(4, 5);
    json::value seen = world.alp.read(path);
    EXPECT_EQ(textAt(seen, "/unread"), "5");
    EXPECT_EQ(textAt(seen, "/oldestUnreadAt"), stored);
    EXPECT_EQ(textAt(seen, "/lagMs"), "300000");
    const json::value page = read(consumer, 4);
    EXPECT_EQ(textAt(page, "/deliveredAt"), formatInstant(exchange.clock.now()));
    const Answer committed = commit(consumer, page);
    EXPECT_EQ(textAt(committed.value(), "/unread"), "1");
    EXPECT_EQ(textAt(committed.value(), "/lagMs"), "0");
    EXPECT_EQ(textAt(committed.value(), "/committedAt"), formatInstant(exchange.clock.now()));
    const json::value all = world.platform.read("/v1/feed-consumers?carrierId=" + world.alpId);
    EXPECT_EQ(at(all, "/items/0"), committed.value());
}

TEST_P(FeedConsumers, BeginWhereTheyAreTold) {
    upload(1, 3);
    const std::string fromNow = make("late", "calls", {{"from", "now"}});
    upload(4, 4);
    EXPECT_EQ(firstSequence(read(fromNow, 10)), "4");
    const std::string assignments = make("late", "assignments");
    EXPECT_EQ(textAt(world.alp.read("/v1/feeds/assignments?consumer=" + assignments), "/items/0/sequence"), "1");
}

TEST_P(FeedConsumers, WhatIsWrongIsRefused) {
    const std::string consumer = make("billing"), assignments = make("numbers", "assignments");
    upload(1, 1);
    EXPECT_EQ(world.alp.post("/v1/feed-consumers", json::object{{"feed", "calls"}, {"name", "billing"}}).code(),
              "feed-consumer-exists");
    EXPECT_EQ(world.alp.post("/v1/feed-consumers", json::object{{"feed", "durations"}, {"name", "x"}}).status, 400);
    EXPECT_EQ(world.alp.post("/v1/feed-consumers", json::object{{"feed", "calls"}, {"name", ""}}).status, 400);
    EXPECT_EQ(world.alp.get("/v1/feeds/calls?consumer=" + assignments).status, 404) << "a consumer of another feed";
    EXPECT_EQ(world.bay.get("/v1/feeds/calls?consumer=" + consumer).status, 404) << "another carrier's";
    const json::value assignmentPage = world.alp.read("/v1/feeds/assignments"),
                      platformPage = world.platform.read("/v1/feeds/calls?carrierId=" + world.alpId);
    EXPECT_EQ(commit(consumer, assignmentPage).code(), "bad-cursor") << "another feed's";
    EXPECT_EQ(commit(consumer, platformPage).code(), "bad-cursor") << "another reader's";
    EXPECT_EQ(commit(consumer, json::object{{"next", "tampered"}}).code(), "bad-cursor");
    EXPECT_EQ(remove(consumer).status, 204);
    EXPECT_EQ(remove(consumer).status, 404);
    EXPECT_EQ(world.alp.get("/v1/feeds/calls?consumer=" + consumer).status, 404);
}

class FewFeedConsumers : public WorldTest {
protected:
    FewFeedConsumers()
        : WorldTest([](server::Configuration& configuration) { configuration.limits.feedConsumers = 2; }) {}
};

TEST_P(FewFeedConsumers, ThereIsANamedLimit) {
    for (const char* name : {"one", "two"})
        world.alp.done("/v1/feed-consumers", json::object{{"feed", "calls"}, {"name", name}});
    EXPECT_EQ(world.alp.post("/v1/feed-consumers", json::object{{"feed", "items"}, {"name", "three"}}).code(),
              "too-many-feed-consumers");
    EXPECT_EQ(world.bay.post("/v1/feed-consumers", json::object{{"feed", "items"}, {"name", "one"}}).status, 201);
}
ON_EVERY_STORE(FeedConsumers);
ON_EVERY_STORE(FewFeedConsumers);

}  // namespace
}  // namespace meetpoint::tests
