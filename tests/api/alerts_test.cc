// Alerts over HTTP: from calls that came in to what is shown and delivered, and who sees which.
#include <set>

#include "api/records.h"
#include "api/webhook_receiver.h"

namespace meetpoint::tests {
namespace {

constexpr Duration quarter = minutes(15);

class Alerts : public WorldTest {
protected:
    Alerts()
        : WorldTest([](server::Configuration& configuration) {
              configuration.alerts.pause = milliseconds(5);
              // By a clock that the test sets on by quarters of an hour while windows are looked at.
              configuration.alerts.evaluationTime = days(1);
              configuration.webhooks.limits.look = milliseconds(5);
              configuration.webhooks.rules = {true, true};
          }) {}

    static json::object ner(const json::object& more = {}) {
        json::object rule{
            {"name", "Delivery"},
            {"kpi", "ner"},
            {"condition", json::object{{"kind", "threshold"}, {"side", "below"}, {"raiseAt", 0.9}, {"clearAt", 0.95}}},
            {"minimumDenominator", 5}};
        for (const auto& [name, value] : more)
            rule[name] = value;
        return rule;
    }
    std::string make(Party& party, const json::object& rule, const std::string& query = {}) {
        return textAt(party.done("/v1/alert-rules" + query, rule), "/id");
    }
    Answer put(Party& party, const std::string& id, const json::object& rule, const std::string& ifMatch) {
        http::ClientRequest request{.method = "PUT", .url = "/v1/alert-rules/" + id, .body = json::serialize(rule)};
        request.headers.set("Content-Type", "application/json");
        if (!ifMatch.empty()) request.headers.set("If-Match", ifMatch);
        return party.send(std::move(request));
    }
    // A window of ten calls, of which the network fails some; then the next begins.
    void live(std::string_view ownNumber, const std::string& trunk, int failed) {
        json::array calls;
        for (int i = 0; i < 10; ++i) {
            const bool fails = i < failed;
            json::object call = callRecord({.number = ++number_,
                                            .invitedAt = exchange.clock.now() + seconds(i),
                                            .talk = fails ? seconds(0) : seconds(5),
                                            .ringing = seconds(1),
                                            .ownNumber = ownNumber});
            call["trunk"] = trunk;
            if (fails) call["finalSipCode"] = 503;
            if (fails) call["streams"] = json::array();
            calls.push_back(std::move(call));
        }
        EXPECT_EQ(countsOf(world.platform.upload("/v1/calls", ndjson(calls))), "created 10");
    }
    void nextWindow() { world.advance(quarter); }
    // Once the rule was evaluated as far as the delay allows.
    void evaluated(Party& party, const std::string& rule) {
        world.advance(minutes(5));
        const Instant due = exchange.clock.now() - minutes(5);
        const std::string until = formatInstant(due - milliseconds(due.ms % quarter.ms));
        while (textAt(party.read("/v1/alert-rules/" + rule), "/evaluatedUntil") < until)
            std::this_thread::yield();
    }
    json::array alerts(Party& party, const std::string& query = {}) {
        return at(party.read("/v1/alerts" + query), "/items").as_array();
    }
    // Two windows in which Alp's trunk sbc1 fails, by a rule of Alp's.
    std::string raised() {
        const std::string rule = make(world.alp, ner({{"groupBy", json::array{"trunk"}}}));
        for (int i = 0; i < 2; ++i) {
            live(World::alpE164, "sbc1", 5);
            live(World::alpE164, "sbc2", 0);
            nextWindow();
        }
        evaluated(world.alp, rule);
        return rule;
    }

    WebhookReceiver receiver;

private:
    int number_ = 0;
};

TEST_P(Alerts, AreShownWithWhatTheyAreMadeOf) {
    const std::string rule = raised();
    const json::array open = alerts(world.alp, "?status=open");
    ASSERT_EQ(open.size(), 1u) << json::serialize(open);
    const json::value& alert = open[0];
    EXPECT_EQ(textAt(alert, "/ruleId"), rule);
    EXPECT_EQ(textAt(alert, "/rule"), "Delivery");
    EXPECT_EQ(textAt(alert, "/carrierId"), world.alpId);
    EXPECT_EQ(json::serialize(at(alert, "/group")), R"({"trunk":"sbc1"})");
    EXPECT_EQ(textAt(alert, "/history/0/event"), "raised");
    EXPECT_EQ(textAt(alert, "/history/0/numerator"), "5");
    EXPECT_EQ(textAt(alert, "/history/0/denominator"), "10");
    EXPECT_TRUE(textAt(alert, "/sentence").starts_with("Trunk sbc1: NER 50.0 % (5 of 10) from "))
        << textAt(alert, "/sentence");
    EXPECT_EQ(world.alp.read("/v1/alerts/" + textAt(alert, "/id")), alert);
    for (int i = 0; i < 2; ++i) {
        live(World::alpE164, "sbc1", 0);
        nextWindow();
    }
    evaluated(world.alp, rule);
    EXPECT_EQ(alerts(world.alp, "?status=open").size(), 0u);
    const json::array cleared = alerts(world.alp, "?ruleId=" + rule);
    ASSERT_EQ(cleared.size(), 1u);
    EXPECT_EQ(textAt(cleared[0], "/status"), "cleared");
    EXPECT_EQ(textAt(cleared[0], "/history/1/reason"), "recovered");
    EXPECT_EQ(textAt(cleared[0], "/history/1/numerator"), "10");
    EXPECT_EQ(alerts(world.alp, "?to=" + textAt(alert, "/raisedAt")).size(), 0u);
    EXPECT_EQ(alerts(world.alp, "?from=" + textAt(cleared[0], "/clearedAt")).size(), 1u);
    EXPECT_EQ(alerts(world.alp, "?from=" + formatInstant(exchange.clock.now())).size(), 0u);
}

TEST_P(Alerts, ReachNobodyElse) {
    const std::string rule = raised();
    const std::string platforms = make(world.platform, ner());
    for (int i = 0; i < 2; ++i) {
        live(World::bayE164, "bay-sbc", 9);
        nextWindow();
    }
    evaluated(world.platform, platforms);
    ASSERT_EQ(alerts(world.alp).size(), 1u);
    const std::string alert = textAt(alerts(world.alp)[0], "/id");
    ASSERT_EQ(alerts(world.platform).size(), 2u) << "Alp's and its own";
    const std::string own = textAt(alerts(world.platform)[0], "/id");
    EXPECT_EQ(alerts(world.auditor).size(), 1u) << "those of carriers";
    for (Party* party : {&world.bay, &world.acme, &world.zeta}) {
        for (const std::string path : {"/v1/alerts", "/v1/alert-rules"})
            EXPECT_EQ(party->get(path).body, R"({"items":[]})");
        for (const std::string& path :
             {"/v1/alerts/" + alert, "/v1/alerts/" + own, "/v1/alert-rules/" + rule, "/v1/alert-rules/" + platforms}) {
            const Answer answer = party->get(path);
            EXPECT_EQ(answer.status, 404) << path;
            expectNone(answer.whole(), {"Delivery", "sbc1", "NER"}, path);
        }
    }
    EXPECT_EQ(world.alp.get("/v1/alerts/" + own).status, 404);
    EXPECT_EQ(world.auditor.get("/v1/alerts/" + own).status, 404);
    EXPECT_EQ(world.alp.get("/v1/alerts?carrierId=" + world.bayId).status, 404);
    EXPECT_EQ(put(world.platform, rule, ner(), "*").code(), "alert-owner-only");
    EXPECT_EQ(world.acme.post("/v1/alert-rules", ner()).status, 403);
    EXPECT_EQ(world.auditor.post("/v1/alert-rules", ner()).status, 403);
}

TEST_P(Alerts, AreDeliveredOnceEach) {
    for (Party* party : {&world.alp, &world.bay})
        party->done("/v1/webhook-endpoints",
                    json::object{{"url", receiver.url(party == &world.alp ? "/ok" : "/target")},
                                 {"types", json::array{"alert.raised", "alert.cleared"}}});
    const std::string rule = raised();
    const auto first = receiver.waitFor("/ok", 1);
    ASSERT_EQ(first.size(), 1u);
    const json::value event = json::parse(first[0].body);
    EXPECT_EQ(textAt(event, "/type"), "alert.raised");
    ASSERT_EQ(alerts(world.alp).size(), 1u);
    const json::value alert = alerts(world.alp)[0];
    EXPECT_EQ(textAt(event, "/subject"), textAt(alert, "/id"));
    EXPECT_EQ(textAt(event, "/data/ruleId"), rule);
    expectNone(first[0].body, {"sbc1"}, "a thin event");
    exchange.stop();
    exchange.start();
    world.reconnect();
    for (int i = 0; i < 2; ++i) {
        live(World::alpE164, "sbc1", 0);
        nextWindow();
    }
    evaluated(world.alp, rule);
    const auto both = receiver.waitFor("/ok", 2);
    ASSERT_EQ(both.size(), 2u) << "nothing is raised twice by another start";
    EXPECT_EQ(textAt(json::parse(both[1].body), "/type"), "alert.cleared");
    EXPECT_NE(both[0].headers.value("webhook-id"), both[1].headers.value("webhook-id"));
    EXPECT_EQ(receiver.at("/target").size(), 0u) << "Bay";
}

TEST_P(Alerts, RulesAreKeptAndChangedByTheirVersion) {
    const Answer made =
        world.alp.post("/v1/alert-rules", ner({{"filters", json::object{{"trunks", json::array{"sbc1"}}}}}));
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.headers.value("ETag"), "\"1\"");
    const json::value rule = made.value();
    const std::string id = textAt(rule, "/id");
    EXPECT_EQ(textAt(rule, "/owner"), "carrier");
    EXPECT_EQ(textAt(rule, "/windowMinutes"), "15");
    EXPECT_EQ(textAt(rule, "/filters/trunks/0"), "sbc1");
    EXPECT_EQ(world.alp.read("/v1/alert-rules/" + id), rule);
    EXPECT_EQ(put(world.alp, id, ner(), "").code(), "if-match-required");
    EXPECT_EQ(put(world.alp, id, ner(), "\"7\"").code(), "version-mismatch");
    const json::object jitter{{"name", "Jitter"},
                              {"kpi", "jitterMs"},
                              {"statistic", "p95"},
                              {"condition", json::object{{"kind", "change"},
                                                         {"side", "above"},
                                                         {"raiseAt", 0.5},
                                                         {"clearAt", 0.2},
                                                         {"days", 5},
                                                         {"changeIs", "relative"}}},
                              {"windowMinutes", 60},
                              {"timeZone", "Europe/Zurich"}};
    const Answer changed = put(world.alp, id, jitter, "\"1\"");
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(changed.headers.value("ETag"), "\"2\"");
    EXPECT_EQ(textAt(changed.value(), "/condition/days"), "5");
    EXPECT_EQ(textAt(changed.value(), "/statistic"), "p95");
    EXPECT_EQ(json::serialize(at(changed.value(), "/filters")), "{}") << "what is left out takes its default";
    EXPECT_EQ(world.alp.send({.method = "DELETE", .url = "/v1/alert-rules/" + id}).status, 204);
    EXPECT_EQ(world.alp.get("/v1/alert-rules/" + id).status, 404);
}

TEST_P(Alerts, RulesThatCannotBeAreRefused) {
    const auto code = [&](const json::object& more) { return world.alp.post("/v1/alert-rules", ner(more)).code(); };
    EXPECT_EQ(code({{"kpi", "happiness"}}), "bad-alert-rule");
    EXPECT_EQ(code({{"statistic", "p95"}}), "bad-alert-rule") << "of a ratio";
    EXPECT_EQ(code({{"windowMinutes", 7}}), "bad-alert-rule");
    EXPECT_EQ(code({{"groupBy", json::array{"hour"}}}), "bad-alert-rule");
    EXPECT_EQ(code({{"groupBy", json::array{"trunk", "trunk"}}}), "bad-alert-rule");
    EXPECT_EQ(code({{"condition",
                     json::object{{"kind", "threshold"}, {"side", "above"}, {"raiseAt", 0.1}, {"clearAt", 0.2}}}}),
              "bad-alert-rule");
    EXPECT_EQ(code({{"timeZone", "Mars/Olympus"}}), "unknown-time-zone");
    EXPECT_EQ(code({{"filters", json::object{{"ownCountries", json::array{"Narnia"}}}}}), "bad-country");
    EXPECT_EQ(code({{"filters", json::object{{"tenantId", world.zetaId}}}}), "not-found") << "another's tenant";
    EXPECT_EQ(world.platform.post("/v1/alert-rules?carrierId=0197c000-0000-7000-8000-0000000000ff", ner()).status, 404);
}

TEST_P(Alerts, ListsArePaged) {
    const std::string rule = make(world.alp, ner({{"groupBy", json::array{"trunk"}}}));
    make(world.alp, ner({{"name", "Another"}}));
    for (int i = 0; i < 2; ++i) {
        for (const char* trunk : {"sbc1", "sbc2", "sbc3"})
            live(World::alpE164, trunk, 9);
        nextWindow();
    }
    evaluated(world.alp, rule);
    std::set<std::string> groups;
    std::string cursor;
    do {
        const json::value page =
            world.alp.read("/v1/alerts?limit=2&ruleId=" + rule + (cursor.empty() ? "" : "&cursor=" + cursor));
        const json::array items = at(page, "/items").as_array();
        for (const json::value& alert : items)
            groups.insert(textAt(alert, "/group/trunk"));
        cursor = page.as_object().contains("next") ? textAt(page, "/next") : "";
    } while (!cursor.empty());
    EXPECT_EQ(groups, (std::set<std::string>{"sbc1", "sbc2", "sbc3"}));
    const json::value rules = world.alp.read("/v1/alert-rules?limit=1");
    EXPECT_EQ(
        at(world.alp.read("/v1/alert-rules?limit=1&cursor=" + textAt(rules, "/next")), "/items").as_array().size(), 1u);
    EXPECT_EQ(world.alp.get("/v1/alerts?cursor=nonsense").code(), "bad-cursor");
}

ON_EVERY_STORE(Alerts);

}  // namespace
}  // namespace meetpoint::tests
