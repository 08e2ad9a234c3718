// Webhooks as a carrier meets them: endpoints kept over the API, deliveries that arrive at a receiver over HTTP.
#include "api/webhook_receiver.h"
#include "api/world.h"
#include "base/hash.h"

namespace meetpoint::tests {
namespace {

constexpr std::string_view endpoints = "/v1/webhook-endpoints";

void hurried(server::Configuration& configuration) {
    configuration.webhooks.limits.look = milliseconds(5);
    configuration.webhooks.limits.attemptTimeout = seconds(2);
}
void loopbackToo(server::Configuration& configuration) {
    hurried(configuration);
    configuration.webhooks.rules = {true, true};
}

class WebhooksBase : public WorldTest {
protected:
    explicit WebhooksBase(void (*configure)(server::Configuration&)) : WorldTest(configure) {}

    json::value make(Party& party, json::object wanted, const std::string& query = {}) {
        return party.done(std::string(endpoints) + query, wanted);
    }
    std::string makeAt(Party& party, const std::string& url) { return textAt(make(party, {{"url", url}}), "/id"); }
    static std::string one(const std::string& id, std::string_view rest = {}) {
        return std::string(endpoints) + "/" + id + std::string(rest);
    }
    Answer patch(Party& party, const std::string& id, const json::value& body, const std::string& ifMatch) {
        http::ClientRequest request{.method = "PATCH", .url = one(id), .body = json::serialize(body)};
        request.headers.set("Content-Type", "application/json");
        if (!ifMatch.empty()) request.headers.set("If-Match", ifMatch);
        return party.send(std::move(request));
    }
    Answer enable(Party& party, const std::string& id, std::string_view status = "enabled") {
        return patch(party, id, json::object{{"status", status}}, "*");
    }
    Answer remove(Party& party, const std::string& path) { return party.send({.method = "DELETE", .url = path}); }
    // The deliveries of an endpoint, once `isReached` of them.
    json::array logWhen(Party& party, const std::string& id, const std::function<bool(const json::array&)>& isReached) {
        const SystemClock wall;
        const Instant end = wall.now() + seconds(60);
        while (true) {
            json::array log = at(party.read(one(id, "/deliveries")), "/items").as_array();
            if (isReached(log)) return log;
            if (wall.now() > end) {
                ADD_FAILURE() << json::serialize(log);
                return log;
            }
            std::this_thread::yield();
        }
    }
    json::array logWith(Party& party, const std::string& id, std::string_view state, std::size_t count = 1) {
        return logWhen(party, id, [&](const json::array& log) {
            return static_cast<std::size_t>(std::ranges::count_if(
                       log, [&](const json::value& one) { return textAt(one, "/state") == state; })) >= count;
        });
    }
    // The endpoint's oldest delivery, once it was tried so often.
    json::value oldestAfter(Party& party, const std::string& id, std::int64_t attempts) {
        const json::array log = logWhen(party, id, [&](const json::array& found) {
            return !found.empty() && tests::at(found.back(), "/attemptCount").as_int64() >= attempts;
        });
        return log.empty() ? json::value() : log.back();
    }
    // How many events a carrier's numbers have had.
    std::size_t eventsOf(Party& party) { return at(party.read("/v1/feeds/assignments"), "/items").as_array().size(); }
    // What happens to a number; each is one event or more.
    void unassign(Party& tenant, const std::string& number) {
        tenant.done("/v1/numbers/" + number + "/unassign", json::object{});
    }
    void assign(Party& tenant, const std::string& number, const std::string& target) {
        tenant.done("/v1/numbers/" + number + "/assign", json::object{{"targetId", target}});
    }

    WebhookReceiver receiver;
};

class Webhooks : public WebhooksBase {
protected:
    Webhooks() : WebhooksBase(loopbackToo) {}
};

TEST_P(Webhooks, AnAssignmentReachesItsCarrierAndNobodyElse) {
    const std::size_t alpsBefore = eventsOf(world.alp), baysBefore = eventsOf(world.bay);
    const json::value made = make(world.alp, {{"url", receiver.url("/ok")}, {"payload", "full"}});
    makeAt(world.bay, receiver.url("/target"));
    unassign(world.acme, world.alpNumber);
    receiver.waitFor("/ok", eventsOf(world.alp) - alpsBefore);
    const auto begun = std::chrono::steady_clock::now();
    assign(world.acme, world.alpNumber, world.acmeUser);
    const auto messages = receiver.waitFor("/ok", eventsOf(world.alp) - alpsBefore);
    const auto took = std::chrono::steady_clock::now() - begun;
    RecordProperty("assignment_to_receiver_us",
                   std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
    const json::array feed = at(world.alp.read("/v1/feeds/assignments"), "/items").as_array();
    const Bytes key = *fromBase64(textAt(made, "/secrets/0/secret").substr(6));
    for (const auto& message : messages) {
        const json::value told = at(json::parse(message.body), "/data");
        EXPECT_NE(std::ranges::find(feed, told), feed.end()) << "a full event is what the feed gives";
        EXPECT_EQ(message.headers.value("Content-Type"), "application/cloudevents+json; charset=utf-8");
        const std::string text = std::string(message.headers.value("webhook-id")) + "." +
                                 std::string(message.headers.value("webhook-timestamp")) + "." + message.body;
        EXPECT_EQ(message.headers.value("webhook-signature"), "v1," + toBase64(hmacSha256(key, viewOf(text))));
        EXPECT_EQ(message.headers.value("webhook-timestamp"), std::to_string(exchange.clock.now().ms / 1000));
        expectNone(message.body, secretsOfBay(world), "Alp's webhook");
    }
    EXPECT_TRUE(receiver.at("/target").empty());
    unassign(world.zeta, world.bayNumber);
    const std::size_t alps = eventsOf(world.alp) - alpsBefore, bays = eventsOf(world.bay) - baysBefore;
    for (const auto& message : receiver.waitFor("/target", bays))
        expectNone(message.body, secretsOfAlp(world), "Bay's webhook");
    exchange.stop();
    EXPECT_EQ(receiver.at("/ok").size(), alps);
    EXPECT_EQ(receiver.at("/target").size(), bays);
    expectNone(exchange.logged(), {receiver.url("/ok"), "whsec_", textAt(made, "/secrets/0/secret").substr(6)},
               "the log");
}

TEST_P(Webhooks, OnlyAnAnswerOf2xxIsSuccess) {
    struct Case {
        std::string path, state, status;  // the status of the answer, or the code of what was wrong
    };
    const std::vector<Case> cases{{"/ok", "delivered", "200"},  {"/large", "delivered", "200"},
                                  {"/error", "waiting", "500"}, {"/redirect", "waiting", "307"},
                                  {"/gone", "failed", "410"},   {"/never", "waiting", "client-timeout"}};
    std::map<std::string, std::string> ids;
    for (const Case& one : cases)
        ids[one.path] = textAt(
            make(world.alp, {{"url", receiver.url(one.path)}, {"types", json::array{"number.assignment.changed"}}}),
            "/id");
    unassign(world.acme, world.alpNumber);
    for (const Case& expected : cases) {
        const json::value delivery = oldestAfter(world.alp, ids[expected.path], 1);
        EXPECT_EQ(textAt(delivery, "/state"), expected.state) << expected.path;
        const bool isAnswered = expected.status[0] <= '9';
        EXPECT_EQ(textAt(delivery, isAnswered ? "/attempts/0/status" : "/attempts/0/error"), expected.status)
            << expected.path;
    }
    EXPECT_TRUE(receiver.at("/target").empty()) << "no redirect is followed";
    EXPECT_EQ(textAt(world.alp.read(one(ids["/gone"])), "/disabledReason"), "gone");
    EXPECT_EQ(textAt(world.alp.read(one(ids["/never"])), "/missed/count"), "0");
    // The second attempt is due after five seconds and up to a fifth more.
    const std::string first = textAt(oldestAfter(world.alp, ids["/error"], 1), "/id");
    const auto ofFirst = [&] {
        std::vector<WebhookReceiver::Message> found = receiver.at("/error");
        std::erase_if(found, [&](const auto& one) { return one.headers.value("webhook-id") != first; });
        return found;
    };
    exchange.clock.advance(seconds(4));
    const std::size_t delivered = receiver.at("/ok").size();
    assign(world.acme, world.alpNumber, world.acmeUser);
    receiver.waitFor("/ok", delivered + 1);
    EXPECT_EQ(ofFirst().size(), 1u);
    exchange.clock.advance(seconds(3));
    oldestAfter(world.alp, ids["/error"], 2);
    const auto both = ofFirst();
    ASSERT_EQ(both.size(), 2u);
    EXPECT_EQ(both[0].body, both[1].body);
    EXPECT_NE(both[0].headers.value("webhook-signature"), both[1].headers.value("webhook-signature"));
}

TEST_P(Webhooks, AReceiverThatWasDownForTheWholeScheduleRecoversEverythingOnce) {
    const std::size_t before = eventsOf(world.alp);
    const std::string id = makeAt(world.alp, receiver.url("/ok")), other = makeAt(world.alp, receiver.url("/target"));
    receiver.setStatus(503);
    const std::string down = formatInstant(exchange.clock.now());
    unassign(world.acme, world.alpNumber);
    for (std::int64_t attempt = 1; attempt <= 10; ++attempt) {
        oldestAfter(world.alp, id, attempt);
        world.advance(hours(30));
    }
    logWith(world.alp, id, "failed");
    const json::value given = world.alp.read(one(id));
    EXPECT_EQ(textAt(given, "/status"), "disabled");
    EXPECT_EQ(textAt(given, "/disabledReason"), "failing");
    EXPECT_EQ(textAt(given, "/missed/since"), down);
    assign(world.acme, world.alpNumber, world.acmeUser);
    unassign(world.acme, world.alpNumber);
    const std::size_t events = eventsOf(world.alp) - before;
    receiver.waitFor("/target", events + 2);  // and that it was disabled, and that it missed something
    const json::value waiting = world.alp.read(one(id));
    EXPECT_EQ(at(waiting, "/missed/count").as_int64() + at(waiting, "/waiting/count").as_int64(),
              static_cast<std::int64_t>(events));
    const std::size_t tried = receiver.at("/ok").size();

    receiver.setStatus(204);
    EXPECT_EQ(enable(world.alp, id).status, 200);
    EXPECT_EQ(world.alp.post(one(id, "/recover"), json::object{{"since", down}}).status, 202);
    logWith(world.alp, id, "delivered", events + 1);  // and the event of what was missed
    receiver.waitFor("/target", events + 3);
    std::map<std::string, int> taken;
    const auto messages = receiver.at("/ok");
    for (std::size_t i = tried; i < messages.size(); ++i)
        ++taken[std::string(messages[i].headers.value("webhook-id"))];
    EXPECT_EQ(taken.size(), events + 1);
    for (const auto& [webhookId, count] : taken)
        EXPECT_EQ(count, 1) << webhookId;
    EXPECT_EQ(textAt(world.alp.read(one(id)), "/missed/count"), "0");
    const json::value again = world.alp.done(one(id, "/recover"), json::object{{"since", down}, {"include", "all"}});
    EXPECT_EQ(at(again, "/count").as_int64(), static_cast<std::int64_t>(events + 1));
    oldestAfter(world.alp, id, 12);
}

TEST_P(Webhooks, AServerThatIsStartedAnewGoesOn) {
    const std::string id = makeAt(world.alp, receiver.url("/ok"));
    receiver.setStatus(500);
    unassign(world.acme, world.alpNumber);
    oldestAfter(world.alp, id, 1);
    exchange.stop();
    const std::size_t tried = receiver.at("/ok").size();
    receiver.setStatus(200);
    exchange.clock.advance(minutes(1));
    exchange.start();
    world.reconnect();
    const std::size_t events = at(world.alp.read(one(id, "/deliveries")), "/items").as_array().size();
    logWith(world.alp, id, "delivered", events);
    EXPECT_EQ(receiver.at("/ok").size(), tried + events);
}

TEST_P(Webhooks, EndpointsAreKeptWithTheirVersion) {
    const std::string url = receiver.url("/ok");
    const Answer made =
        world.alp.post(std::string(endpoints), json::object{{"url", url}, {"signatures", json::array{"v1", "v1a"}}});
    EXPECT_EQ(made.status, 201);
    EXPECT_EQ(made.headers.value("Cache-Control"), "no-store");
    const std::string id = textAt(made.value(), "/id"), secret = textAt(made.value(), "/secrets/0/secret");
    EXPECT_TRUE(secret.starts_with("whsec_"));
    EXPECT_TRUE(textAt(made.value(), "/secrets/1/publicKey").starts_with("whpk_"));
    EXPECT_EQ(textAt(made.value(), "/payload"), "thin");
    const std::string etag(made.headers.value("ETag"));

    EXPECT_EQ(patch(world.alp, id, json::object{{"description", "NOC"}}, "").code(), "if-match-required");
    const Answer changed = patch(world.alp, id, json::object{{"description", "NOC"}, {"payload", "full"}}, etag);
    EXPECT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(patch(world.alp, id, json::object{{"description", "x"}}, etag).code(), "version-mismatch");
    EXPECT_EQ(patch(world.alp, id, json::object{{"types", json::array{"no.such.event"}}}, "*").code(),
              "unknown-event-type");
    const Answer read = world.alp.get(one(id));
    EXPECT_EQ(read.headers.value("ETag"), changed.headers.value("ETag"));
    EXPECT_EQ(textAt(read.value(), "/description"), "NOC");
    EXPECT_EQ(textAt(read.value(), "/status"), "enabled");

    const Answer rotated = world.alp.post(one(id, "/secrets"), json::object{{"rotate", true}});
    EXPECT_EQ(rotated.status, 201);
    const json::array secrets = at(rotated.value(), "/secrets").as_array();
    EXPECT_EQ(secrets.size(), 3u);
    std::string first;  // the one that is replaced
    for (const json::value& one : secrets)
        if (one.as_object().contains("expiresAt")) first = textAt(one, "/id");
    EXPECT_EQ(first, textAt(made.value(), "/secrets/0/id"));
    EXPECT_NE(json::serialize(secrets).find("\"expiresAt\":\"" + formatInstant(exchange.clock.now() + hours(24))),
              std::string::npos);
    EXPECT_EQ(world.alp.post(one(id, "/secrets"), json::value()).status, 400);
    EXPECT_EQ(remove(world.alp, one(id, "/secrets/" + first)).status, 204);
    EXPECT_EQ(remove(world.alp, one(id, "/secrets/" + first)).status, 404);

    for (int i = 0; i < 3; ++i)
        makeAt(world.alp, url);
    std::string seen, path = std::string(endpoints) + "?limit=3";
    std::size_t items = 0;
    for (std::string next = path; !next.empty();) {
        const json::value page = world.alp.read(next);
        items += at(page, "/items").as_array().size();
        seen += json::serialize(page);
        const auto* cursor = page.as_object().if_contains("next");
        next = cursor ? path + "&cursor=" + std::string(cursor->as_string().c_str()) : "";
    }
    EXPECT_EQ(items, 4u);
    seen += read.whole() + world.platform.get(one(id)).whole() + world.alp.get(one(id, "/deliveries")).whole();
    expectNone(seen, {"whsec_", secret}, "what is read after the making");
    EXPECT_EQ(remove(world.alp, one(id)).status, 204);
    EXPECT_EQ(world.alp.get(one(id)).status, 404);
}

TEST_P(Webhooks, ThePlatformSeesAndDisablesAndAnAggregatorNamesItsCarrier) {
    const std::string id = makeAt(world.alp, receiver.url("/ok"));
    EXPECT_EQ(
        world.platform
            .post(std::string(endpoints) + "?carrierId=" + world.alpId, json::object{{"url", receiver.url("/ok")}})
            .code(),
        "webhook-owner-only");
    EXPECT_EQ(textAt(world.platform.read(std::string(endpoints)), "/items/0/id"), id);
    for (const char* rest : {"/test", "/secrets"})
        EXPECT_EQ(world.platform.post(one(id, rest), json::object{}).status, rest[1] == 't' ? 400 : 403);
    EXPECT_EQ(remove(world.platform, one(id)).code(), "webhook-owner-only");
    EXPECT_EQ(patch(world.platform, id, json::object{{"url", receiver.url("/target")}}, "*").code(),
              "webhook-owner-only");
    EXPECT_EQ(enable(world.platform, id, "disabled").status, 200);
    EXPECT_EQ(enable(world.alp, id).code(), "transition-not-allowed");
    unassign(world.acme, world.alpNumber);
    EXPECT_NE(textAt(world.alp.read(one(id)), "/waiting/count"), "0");
    EXPECT_EQ(enable(world.platform, id).status, 200);
    receiver.waitFor("/ok", 1);

    Party both =
        world.makeParty({{"name", "Both"}, {"role", "carrier"}, {"carriers", json::array{world.alpId, world.bayId}}});
    EXPECT_EQ(both.post(std::string(endpoints), json::object{{"url", receiver.url("/ok")}}).code(), "carrier-required");
    const std::string bays = textAt(make(both, {{"url", receiver.url("/target")}}, "?carrierId=" + world.bayId), "/id");
    EXPECT_EQ(textAt(both.read(one(bays)), "/carrierId"), world.bayId);
    EXPECT_EQ(at(both.read(std::string(endpoints)), "/items").as_array().size(), 2u);
    EXPECT_EQ(at(world.bay.read(std::string(endpoints)), "/items").as_array().size(), 1u);
    EXPECT_EQ(world.alp.get(one(bays)).status, 404);
}

TEST_P(Webhooks, ATestAndAReplayAreSeenInTheLog) {
    const std::string id = makeAt(world.alp, receiver.url("/ok"));
    const Answer test = world.alp.send({.method = "POST", .url = one(id, "/test")});
    EXPECT_EQ(test.status, 202) << test.body;
    const std::string delivery = textAt(test.value(), "/id");
    logWith(world.alp, id, "delivered");
    const Answer replayed = world.alp.send({.method = "POST", .url = one(id, "/deliveries/" + delivery + "/replay")});
    EXPECT_EQ(replayed.status, 202) << replayed.body;
    for (const auto& message : receiver.waitFor("/ok", 2)) {
        EXPECT_EQ(message.headers.value("webhook-id"), delivery);
        EXPECT_EQ(textAt(json::parse(message.body), "/type"), "webhook.test");
    }
    oldestAfter(world.alp, id, 2);
    EXPECT_EQ(world.alp.read(one(id, "/deliveries?state=failed")).at("items").as_array().size(), 0u);
    const std::string metrics = plainGet(exchange.operationsUrl() + "/metrics").body;
    EXPECT_NE(metrics.find("meetpoint_webhook_attempts_total{outcome=\"delivered\"} 2"), std::string::npos) << metrics;
}

ON_EVERY_STORE(Webhooks);

class StrictWebhooks : public WebhooksBase {
protected:
    StrictWebhooks() : WebhooksBase(hurried) {}
};

TEST_P(StrictWebhooks, NothingReachesIntoTheNetworkOfTheExchange) {
    const auto codeOf = [&](const std::string& url) {
        return world.alp.post(std::string(endpoints), json::object{{"url", url}}).code();
    };
    for (const std::string url : {"http://hooks.example.com/", "https://127.0.0.1:8443/", "https://10.0.0.1/",
                                  "https://[::1]/", "https://169.254.169.254/latest", "https://hooks.example.com:22/"})
        EXPECT_EQ(codeOf(url), "url-not-allowed") << url;
    for (const std::string url : {"hooks.example.com", "https://user:word@hooks.example.com/", "file:///etc/passwd"})
        EXPECT_EQ(codeOf(url), "bad-url") << url;
    // A name that leads inside is found out when it is resolved, for what it resolves to.
    const std::string id = makeAt(world.alp, "https://localhost:" + std::to_string(receiver.port()) + "/ok");
    world.alp.send({.method = "POST", .url = one(id, "/test")});
    const json::value delivery = oldestAfter(world.alp, id, 1);
    EXPECT_EQ(textAt(delivery, "/attempts/0/error"), "address-refused");
    EXPECT_EQ(textAt(delivery, "/state"), "failed");
    EXPECT_TRUE(receiver.at("/ok").empty());
}

ON_EVERY_STORE(StrictWebhooks);

}  // namespace
}  // namespace meetpoint::tests
