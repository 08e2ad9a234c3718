// Delivery statements over HTTP: which hours are stated, when, and that a stated hour never changes.
#include "api/records.h"

namespace meetpoint::tests {
namespace {

class DeliveryStatements : public WorldTest {
protected:
    DeliveryStatements()
        : WorldTest([](server::Configuration& configuration) { configuration.statements.pause = milliseconds(5); }) {}

    void upload(int number) {
        EXPECT_EQ(countsOf(world.platform.upload("/v1/calls", ndjson({callRecord({.number = number})}))), "created 1");
    }
    // What is stated of Alp's calls, once the hour that is now has been reached.
    json::value stated(const std::string& query = {}) {
        const std::string until = formatInstant(exchange.clock.now()).substr(0, 13) + ":00:00.000Z";
        for (;;) {
            const json::value page = world.alp.read("/v1/feeds/calls/statements" + query);
            const auto* closed = page.as_object().if_contains("closedUntil");
            if (closed && closed->as_string() >= until) return page;
            std::this_thread::yield();
        }
    }
};

TEST_P(DeliveryStatements, AnHourIsStatedOnceItIsOver) {
    const json::value before = world.alp.read("/v1/feeds/calls/statements");
    EXPECT_EQ(before, (json::object{{"carrierId", world.alpId}, {"items", json::array()}}));
    upload(1);
    upload(2);
    const std::string first = formatInstant(exchange.clock.now()).substr(0, 13) + ":00:00.000Z";
    EXPECT_EQ(textAt(world.alp.read("/v1/feeds/calls/statements"), "/closedUntil"), first);
    world.advance(hours(1));
    upload(3);  // of the hour that has just begun
    const json::value page = stated();
    ASSERT_EQ(at(page, "/items").as_array().size(), 1u);
    EXPECT_EQ(textAt(page, "/items/0/hour"), first);
    EXPECT_EQ(textAt(page, "/items/0/firstSequence"), "1");
    EXPECT_EQ(textAt(page, "/items/0/lastSequence"), "2");
    EXPECT_EQ(textAt(page, "/items/0/count"), "2");
    EXPECT_EQ(textAt(page, "/items/0/durationMs"), "120000");
}

TEST_P(DeliveryStatements, HoursWithNothingHaveNone) {
    upload(1);
    world.advance(hours(30));
    upload(2);
    world.advance(hours(1));
    const json::value page = stated();
    ASSERT_EQ(at(page, "/items").as_array().size(), 2u);
    EXPECT_EQ(textAt(page, "/items/1/firstSequence"), "2");
    world.advance(hours(5));
    EXPECT_EQ(at(stated(), "/items"), at(page, "/items"));
}

TEST_P(DeliveryStatements, AStatedHourNeverChanges) {
    upload(1);
    world.advance(hours(1));
    const json::value first = stated();
    // A later version, the passing of the time in which full numbers may be seen, and another start of the exchange.
    EXPECT_EQ(countsOf(world.platform.upload("/v1/calls", ndjson({callRecord({.number = 1, .version = 2})}))),
              "updated 1");
    exchange.stop();
    exchange.start();
    world.reconnect();
    world.advance(days(40));
    const json::value later = stated();
    ASSERT_EQ(at(later, "/items").as_array().size(), 2u);
    EXPECT_EQ(at(later, "/items/0"), at(first, "/items/0"));
    EXPECT_NE(at(later, "/items/0/chainHead"), at(later, "/items/1/chainHead"));
}

TEST_P(DeliveryStatements, ComeInPagesAndForATime) {
    for (int number = 1; number <= 5; ++number) {
        upload(number);
        world.advance(hours(1));
    }
    const json::array all = at(stated(), "/items").as_array();
    ASSERT_EQ(all.size(), 5u);
    json::array paged;
    std::string cursor;
    do {
        const json::value page = stated("?limit=2" + cursor);
        const json::value items = at(page, "/items");
        for (const json::value& item : items.as_array())
            paged.push_back(item);
        const auto* next = page.as_object().if_contains("next");
        cursor = next ? "&cursor=" + std::string(next->as_string()) : "";
    } while (!cursor.empty());
    EXPECT_EQ(paged, all);
    const std::string second = textAt(all[1], "/hour"), fourth = textAt(all[3], "/hour");
    EXPECT_EQ(at(stated("?from=" + second + "&to=" + fourth), "/items"), (json::array{all[1], all[2]}));
}

TEST_P(DeliveryStatements, AreACarriersOwn) {
    upload(1);
    world.advance(hours(1));
    stated();
    const json::value bays = world.bay.read("/v1/feeds/calls/statements");
    EXPECT_EQ(bays, (json::object{{"carrierId", world.bayId}, {"items", json::array()}}));
    const std::string platforms =
        world.platform.get("/v1/feeds/calls/statements?limit=1&carrierId=" + world.alpId).body;
    EXPECT_EQ(at(json::parse(platforms), "/items"), at(stated(), "/items"));
    EXPECT_EQ(world.alp.get("/v1/feeds/calls/statements?cursor=tampered").code(), "bad-cursor");
    EXPECT_EQ(world.platform.get("/v1/feeds/calls/statements").code(), "carrier-required");
}
ON_EVERY_STORE(DeliveryStatements);

}  // namespace
}  // namespace meetpoint::tests
