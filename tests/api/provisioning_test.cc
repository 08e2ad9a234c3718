// Assignments that the platform's switch confirms or fails, and the feed as a stream of events.
#include <thread>

#include "api/world.h"

namespace meetpoint::tests {
namespace {

class Provisioning : public WorldTest {
protected:
    Provisioning() : WorldTest([](server::Configuration&) {}) {}

    // From now on the switch has its say; the world was made before.
    void bySwitch() {
        exchange.configuration.limits.provisioning.isImmediate = false;
        exchange.stop();
        exchange.start();
        world.reconnect();
    }
    json::value assigned() {
        return world.acme.done("/v1/numbers/" + world.alpSpare + "/assign",
                               json::object{{"targetId", world.acmeUser}, {"category", "private"}});
    }
    json::value number() { return world.acme.read("/v1/numbers/" + world.alpSpare); }
    Answer confirm(const std::string& operation, json::object outcome) {
        return world.platform.post("/v1/operations/" + operation + "/confirm", outcome);
    }
    std::vector<std::string> causes() {
        return column(at(world.alp.read("/v1/feeds/assignments?cursor=" + cursor), "/items"), "cause");
    }
    std::string cursor;
};

TEST_P(Provisioning, TheSwitchReadsItsWorkAndConfirmsIt) {
    bySwitch();
    cursor = textAt(world.alp.read("/v1/feeds/assignments?from=now"), "/next");
    const json::value pending = assigned();
    EXPECT_EQ(textAt(pending, "/state"), "assignmentPending");
    EXPECT_EQ(textAt(pending, "/stateReason"), "awaitingSwitch");
    EXPECT_EQ(textAt(pending, "/expectedBy"), formatInstant(exchange.clock.now() + minutes(10)));
    const std::string operation = textAt(pending, "/operationId");
    const json::value work = world.platform.read("/v1/feeds/provisioning");
    const json::value piece = at(work, "/items/0");
    EXPECT_EQ(textAt(piece, "/operationId"), operation);
    EXPECT_EQ(textAt(piece, "/kind"), "assignNumber");
    EXPECT_EQ(textAt(piece, "/request/telephoneNumber"), World::alpSpareE164);
    EXPECT_EQ(textAt(piece, "/request/sipUri"), "sip:anna.aare@acme.example");
    EXPECT_EQ(textAt(piece, "/request/targetId"), world.acmeUser);
    EXPECT_EQ(causes(), (std::vector<std::string>{"assign"}));

    EXPECT_EQ(textAt(confirm(operation, {{"status", "succeeded"}}).value(), "/status"), "succeeded");
    EXPECT_EQ(textAt(number(), "/state"), "assigned");
    EXPECT_FALSE(number().as_object().contains("expectedBy"));
    EXPECT_EQ(confirm(operation, {{"status", "succeeded"}}).status, 200) << "the same again";
    EXPECT_EQ(confirm(operation, {{"status", "failed"}, {"reason", "no"}}).code(), "operation-finished");
    EXPECT_EQ(causes(), (std::vector<std::string>{"assign", "confirmAssignment"})) << "both steps, once";
    EXPECT_EQ(textAt(world.platform.read("/v1/feeds/provisioning"), "/items/0/status"), "succeeded");
    EXPECT_EQ(confirm(world.alpOperation, {{"status", "succeeded"}}).code(), "not-switch-work");
}

TEST_P(Provisioning, WhatTheSwitchCannotDoIsSaidAndUndone) {
    bySwitch();
    cursor = textAt(world.alp.read("/v1/feeds/assignments?from=now"), "/next");
    const std::string operation = textAt(assigned(), "/operationId");
    EXPECT_EQ(confirm(operation, {{"status", "failed"}}).code(), "reason-required");
    EXPECT_EQ(textAt(confirm(operation, {{"status", "failed"}, {"reason", "no route"}}).value(), "/status"), "failed");
    EXPECT_EQ(textAt(number(), "/state"), "assignmentFailed");
    EXPECT_EQ(textAt(number(), "/stateReason"), "no route");
    EXPECT_EQ(textAt(world.acme.done("/v1/numbers/" + world.alpSpare + "/unassign", json::object()), "/state"),
              "available")
        << "nothing is routed that the switch could take back";

    const json::value released = world.alp.ordered(
        json::object{{"kind", "release"},
                     {"tenantId", world.acmeId},
                     {"numbers", json::array{json::object{{"telephoneNumber", World::alpSpareE164}}}}});
    EXPECT_EQ(textAt(number(), "/state"), "releaseRequested");
    const std::string removal = textAt(released, "/results/0/workId");
    EXPECT_EQ(textAt(number(), "/operationId"), removal);
    confirm(removal, {{"status", "failed"}, {"reason", "in use"}});
    EXPECT_EQ(textAt(number(), "/state"), "available");
    EXPECT_EQ(causes(),
              (std::vector<std::string>{"assign", "failAssignment", "unassign", "requestRelease", "failRemoval"}));
    const json::value events = at(world.alp.read("/v1/feeds/assignments?cursor=" + cursor), "/items");
    EXPECT_EQ(textAt(events, "/1/reason"), "no route") << "the carrier learns why";
}

TEST_P(Provisioning, TheSwitchesFeedWaitsForWork) {
    bySwitch();
    const std::string next = textAt(world.platform.read("/v1/feeds/provisioning"), "/next");
    Answer woken;
    Party reader = world.makeParty({{"name", "Switch"}, {"role", "platform"}});
    const std::string own = textAt(reader.read("/v1/feeds/provisioning"), "/next");
    std::thread waiting([&] { woken = reader.get("/v1/feeds/provisioning?wait=60&cursor=" + own); });
    assigned();
    waiting.join();
    ASSERT_EQ(woken.status, 200) << woken.body;
    EXPECT_EQ(column(at(woken.value(), "/items"), "sequence"), (std::vector<std::string>{"1"}));
    EXPECT_EQ(reader.get("/v1/feeds/provisioning?cursor=" + next).code(), "bad-cursor") << "another client's";
}

// One event of a stream.
struct Event {
    std::string type, id, data;
};
std::vector<Event> eventsOf(std::string_view text) {
    std::vector<Event> events(1);
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty() && !events.back().data.empty()) events.emplace_back();
        for (auto [name, field] :
             {std::pair("event: ", &events.back().type), {"id: ", &events.back().id}, {"data: ", &events.back().data}})
            if (line.starts_with(name)) *field = line.substr(std::string_view(name).size());
    }
    events.pop_back();
    return events;
}

class EventStreams : public WorldTest {
protected:
    // A stream that ends itself after a while, so that a test can read it whole: the exchange is stopped.
    EventStreams()
        : WorldTest([](server::Configuration& configuration) { configuration.limits.eventPulse = milliseconds(100); }) {
    }
};

TEST_P(EventStreams, AStreamTellsWhatIsThereAndWhatComesAndGoesOnWhereItBroke) {
    Party reader = world.makeParty({{"name", "Reader"}, {"role", "carrier"}, {"carriers", json::array{world.alpId}}});
    const auto follow = [&](const std::string& last) {
        http::Headers headers{{"Accept", "text/event-stream"}};
        if (!last.empty()) headers.set("Last-Event-ID", last);
        Answer stream;
        std::thread reading([&] { stream = reader.get("/v1/feeds/assignments", headers); });
        while (plainGet(exchange.operationsUrl() + "/metrics").body.find("\nhttp_requests_in_flight 1") ==
               std::string::npos)
            std::this_thread::yield();
        world.acme.done("/v1/numbers/" + world.alpSpare + "/assign",
                        json::object{{"targetId", world.acmeUser}, {"category", "alternate"}});
        world.acme.done("/v1/numbers/" + world.alpSpare + "/unassign", json::object());
        exchange.stop();  // ends what is open, in its place
        exchange.start();
        reading.join();
        world.reconnect();
        reader.connectTo(exchange.url());
        EXPECT_EQ(stream.headers.value("Content-Type"), "text/event-stream");
        EXPECT_TRUE(stream.body.starts_with("retry: 1000\n\n")) << stream.body.substr(0, 100);
        return eventsOf(stream.body);
    };
    std::vector<std::string> sequences;
    std::string last;
    for (int round = 0; round < 2; ++round)
        for (const Event& event : follow(last)) {
            EXPECT_EQ(event.type, "assignments");
            sequences.push_back(textAt(json::parse(event.data), "/sequence"));
            last = event.id;
        }
    // The four of before, and four of each round, as far as the stream lived to see them; the rest by its id.
    const json::value rest = world.alp.read("/v1/feeds/assignments");
    for (const std::string& sequence :
         column(at(reader.read("/v1/feeds/assignments?cursor=" + last), "/items"), "sequence"))
        sequences.push_back(sequence);
    EXPECT_EQ(sequences, column(at(rest, "/items"), "sequence"));
    EXPECT_EQ(sequences.size(), 12u);
    const Answer forged =
        reader.get("/v1/feeds/assignments", {{"Accept", "text/event-stream"}, {"Last-Event-ID", "x"}});
    EXPECT_EQ(forged.code(), "bad-cursor") << "a problem, and no stream that ends at once";
}

ON_EVERY_STORE(Provisioning);
ON_EVERY_STORE(EventStreams);

}  // namespace
}  // namespace meetpoint::tests
