// Agreements over HTTP: proposed, signed, in force from a day on, and what they change in a day's reconciliation and in
// usage.
#include "api/records.h"

namespace meetpoint::tests {
namespace {

using Words = std::vector<std::string>;

class Agreements : public WorldTest {
protected:
    explicit Agreements(const std::function<void(server::Configuration&)>& configure =
                            [](server::Configuration& configuration) { configuration.limits.agreementProposals = 2; })
        : WorldTest(configure) {}

    static json::object proposal(const json::object& terms = {}, std::string_view validFrom = "2026-03-01") {
        json::object all{{"toleranceMs", 2'000}};
        for (const auto& [name, value] : terms)
            all[name] = value;
        return {{"validFrom", validFrom}, {"terms", std::move(all)}};
    }
    static json::object perStep(int step) {
        return {{"increments", json::object{{"initialSeconds", step}, {"stepSeconds", step}}}};
    }
    static http::Headers ifMatch(const std::string& tag) { return {{"If-Match", tag}}; }
    Answer move(Party& party, const std::string& id, const json::object& body, const std::string& tag = "*") {
        return party.post("/v1/agreements/" + id + "/state", body, ifMatch(tag));
    }
    Answer amend(Party& party, const std::string& id, const json::object& body, const std::string& tag) {
        http::ClientRequest request{.method = "PUT", .url = "/v1/agreements/" + id, .body = json::serialize(body)};
        request.headers.set("Content-Type", "application/json");
        request.headers.set("If-Match", tag);
        return party.send(std::move(request));
    }
    // Between the platform and Alp, signed by both.
    std::string agreed(const json::object& terms, std::string_view validFrom = "2026-03-01") {
        const std::string id = textAt(world.alp.done("/v1/agreements", proposal(terms, validFrom)), "/id");
        EXPECT_EQ(move(world.platform, id, {{"state", "signed"}}).status, 200);
        return id;
    }
    json::value run(const json::object& more = {}) {
        json::object body{{"date", World::day}};
        for (const auto& [name, value] : more)
            body[name] = value;
        return world.alp.done("/v1/reconciliation/runs", body);
    }
    // The carrier's clock is 37 s ahead and it rounds up to 6 s.
    void uploadBothSides(int pairs = 60) {
        const TwoSides sides = twoSides(pairs, 7);
        world.platform.upload("/v1/calls", ndjson(sides.calls));
        world.alp.upload("/v1/durations", ndjson(sides.durations));
    }
    json::array usage() { return at(world.acme.read("/v1/usage?from=2026-03-09&to=2026-03-10"), "/items").as_array(); }
    static std::int64_t callsOf(const json::array& rows, std::string_view whose, std::string_view why) {
        std::int64_t calls = 0;
        for (const json::value& row : rows)
            for (const json::value& one : row.at("sources").as_array())
                if (textAt(one, "/durationSource") == whose && textAt(one, "/durationSourceReason") == why)
                    calls += at(one, "/calls").as_int64();
        return calls;
    }
};

TEST_P(Agreements, OneSideProposesAndTheOtherSignsWhatItRead) {
    const json::object terms{
        {"tolerancePerMille", 5},
        {"increments", json::object{{"initialSeconds", 30}, {"stepSeconds", 6}}},
        {"durationBasis", "ring"},
        {"timeZone", "Europe/Zurich"},
        {"scope",
         json::object{{"answeredOnly", true}, {"directions", json::array{"inbound", "outbound"}}, {"onNet", false}}},
        {"billingCycleStartDay", 15},
        {"closeAfterHours", 48}};
    const Answer made = world.alp.post("/v1/agreements", proposal(terms));
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.headers.value("ETag"), "\"1\"");
    const json::value agreement = made.value();
    const std::string id = textAt(agreement, "/id");
    EXPECT_EQ(textAt(agreement, "/state"), "proposed");
    EXPECT_EQ(textAt(agreement, "/proposedBy"), "carrier");
    EXPECT_EQ(textAt(agreement, "/number"), "1");
    EXPECT_EQ(textAt(agreement, "/carrierId"), world.alpId);
    for (const auto& [name, value] : terms)
        EXPECT_EQ(at(agreement, "/terms/" + std::string(name)), value);
    EXPECT_EQ(world.platform.read("/v1/agreements/" + id), agreement) << "both see the same";

    EXPECT_EQ(world.platform.post("/v1/agreements/" + id + "/state", json::object{{"state", "signed"}}).code(),
              "if-match-required");
    EXPECT_EQ(move(world.alp, id, {{"state", "signed"}}).code(), "transition-not-allowed") << "its own proposal";
    EXPECT_EQ(amend(world.platform, id, proposal(), "\"1\"").code(), "transition-not-allowed");
    const Answer amended = amend(world.alp, id, proposal(perStep(6)), "\"1\"");
    ASSERT_EQ(amended.status, 200) << amended.body;
    EXPECT_EQ(amended.headers.value("ETag"), "\"2\"");
    EXPECT_EQ(move(world.platform, id, {{"state", "signed"}}, "\"1\"").code(), "version-mismatch")
        << "it is not what was read";
    const Answer isSigned = move(world.platform, id, {{"state", "signed"}}, "\"2\"");
    ASSERT_EQ(isSigned.status, 200) << isSigned.body;
    EXPECT_EQ(textAt(isSigned.value(), "/state"), "signed");
    EXPECT_EQ(textAt(isSigned.value(), "/signedAt"), formatInstant(exchange.clock.now()));

    EXPECT_EQ(amend(world.alp, id, proposal(), "*").code(), "transition-not-allowed") << "signed is signed";
    for (const char* state : {"withdrawn", "signed"})
        for (Party* party : {&world.alp, &world.platform})
            EXPECT_EQ(move(*party, id, {{"state", state}}).code(), "transition-not-allowed");
    const json::value history = at(world.platform.read("/v1/agreements/" + id + "/history"), "/items");
    EXPECT_EQ(column(history, "state"), (Words{"proposed", "proposed", "signed"}));
    EXPECT_EQ(column(history, "side"), (Words{"carrier", "carrier", "platform"}));
    EXPECT_EQ(textAt(history, "/0/actor"), world.alp.clientId());
    EXPECT_EQ(textAt(history, "/0/terms/durationBasis"), "ring");
    EXPECT_EQ(textAt(history, "/2/actor"), world.platform.clientId());
}

TEST_P(Agreements, AreDeclinedWithAReasonOrWithdrawnAndBounded) {
    const Answer byPlatform = world.platform.post("/v1/agreements?carrierId=" + world.alpId, proposal());
    ASSERT_EQ(byPlatform.status, 201) << byPlatform.body;
    const std::string id = textAt(byPlatform.value(), "/id");
    EXPECT_EQ(move(world.alp, id, {{"state", "declined"}}).code(), "reason-required");
    EXPECT_EQ(textAt(move(world.alp, id, {{"state", "declined"}, {"reason", "too narrow"}}).value(), "/reason"),
              "too narrow");
    world.advance(seconds(1));
    const std::string second = textAt(world.alp.done("/v1/agreements", proposal()), "/id");
    world.advance(seconds(1));
    world.alp.done("/v1/agreements", proposal());
    EXPECT_EQ(world.alp.post("/v1/agreements", proposal()).code(), "too-many-proposals");
    EXPECT_EQ(move(world.alp, second, {{"state", "withdrawn"}}).status, 200);
    world.advance(seconds(1));
    EXPECT_EQ(world.alp.post("/v1/agreements", proposal()).status, 201);
    EXPECT_EQ(column(at(world.alp.read("/v1/agreements"), "/items"), "state"),
              (Words{"declined", "withdrawn", "proposed", "proposed"}));
    EXPECT_EQ(at(world.alp.read("/v1/agreements?state=proposed"), "/items").as_array().size(), 2u);
    const json::value page = world.alp.read("/v1/agreements?limit=3");
    EXPECT_EQ(column(at(world.alp.read("/v1/agreements?limit=3&cursor=" + textAt(page, "/next")), "/items"), "number"),
              (Words{"4"}))
        << "the refused one took no number from those that are there";
}

TEST_P(Agreements, TermsThatCannotBeAreRefused) {
    const auto code = [&](const json::object& terms) {
        return world.alp.post("/v1/agreements", proposal(terms)).code();
    };
    EXPECT_EQ(code({{"timeZone", "Mars/Olympus"}}), "unknown-time-zone");
    EXPECT_EQ(code({{"tolerancePerMille", 201}}), "invalid-body");
    EXPECT_EQ(code({{"billingCycleStartDay", 31}}), "invalid-body");
    EXPECT_EQ(code({{"increments", json::object{{"initialSeconds", 0}, {"stepSeconds", 6}}}}), "invalid-body");
    EXPECT_EQ(code({{"durationBasis", "hangup"}}), "invalid-body");
    EXPECT_EQ(world.platform.post("/v1/agreements", proposal()).code(), "carrier-required");
    EXPECT_EQ(world.platform.post("/v1/agreements?carrierId=" + world.acmeId, proposal()).code(), "not-found");
}

TEST_P(Agreements, TheOneInForceIsTheLatestByItsDay) {
    const std::string first = agreed({}), second = agreed(perStep(60), "2026-03-09");
    const auto inForce = [&](const std::string& day) {
        return column(at(world.alp.read("/v1/agreements?inForceOn=" + day), "/items"), "id");
    };
    EXPECT_EQ(inForce("2026-02-28"), Words{});
    EXPECT_EQ(inForce("2026-03-01"), Words{first});
    EXPECT_EQ(inForce("2026-03-08"), Words{first});
    EXPECT_EQ(inForce("2026-03-09"), Words{second});
    const std::string corrected = agreed({}, "2026-03-09");
    EXPECT_EQ(inForce("2026-03-09"), Words{corrected}) << "of one day the one signed last";
}

TEST_P(Agreements, NobodyElseLearnsAnything) {
    const std::string id = agreed({{"timeZone", "Europe/Zurich"}});
    const std::string open = textAt(world.alp.done("/v1/agreements", proposal()), "/id");
    for (const std::string& one : {id, open}) {
        for (const char* more : {"", "/history"}) {
            const Answer answer = world.bay.get("/v1/agreements/" + one + more);
            EXPECT_EQ(answer.status, 404);
            expectNone(answer.whole(), {"Zurich", world.alpId}, "what Bay is answered");
        }
        EXPECT_EQ(move(world.bay, one, {{"state", "withdrawn"}}).status, 404);
        EXPECT_EQ(amend(world.bay, one, proposal(), "*").status, 404);
    }
    EXPECT_EQ(world.bay.get("/v1/agreements").body, R"({"items":[]})");
    EXPECT_EQ(world.bay.get("/v1/agreements?carrierId=" + world.alpId).status, 404);
    EXPECT_EQ(textAt(world.bay.done("/v1/agreements", proposal()), "/number"), "1");
    EXPECT_EQ(world.acme.get("/v1/agreements").status, 403);
    EXPECT_EQ(world.auditor.post("/v1/agreements?carrierId=" + world.alpId, proposal()).status, 403);
    EXPECT_EQ(at(world.auditor.read("/v1/agreements"), "/items").as_array().size(), 3u) << "an auditor reads all";
}

TEST_P(Agreements, ARunGoesByTheOneInForceAndSaysSo) {
    uploadBothSides();
    const json::value before = run();
    EXPECT_NE(textAt(before, "/report/counts/durationMismatch"), "0");
    EXPECT_FALSE(at(before, "/rules").as_object().contains("agreement"));
    const std::string id = agreed({{"toleranceMs", 1'000}, {"tolerancePerMille", 200}});
    const json::value day = world.alp.read("/v1/reconciliation/days/" + std::string(World::day));
    EXPECT_TRUE(at(day, "/stale").as_bool()) << "other rules make it stale";
    const json::value after = run();
    EXPECT_EQ(textAt(after, "/rules/agreement/id"), id);
    EXPECT_EQ(textAt(after, "/rules/agreement/number"), "1");
    EXPECT_EQ(textAt(after, "/rules/agreement/validFrom"), "2026-03-01");
    EXPECT_EQ(textAt(after, "/rules/toleranceMs"), "1000");
    EXPECT_EQ(textAt(after, "/rules/tolerancePerMille"), "200");
    EXPECT_EQ(textAt(after, "/stale"), "false");
    EXPECT_LT(at(after, "/report/counts/durationMismatch").as_int64(),
              at(before, "/report/counts/durationMismatch").as_int64())
        << "a fifth of the duration is more than a second";
    EXPECT_GT(at(after, "/report/counts/matchedWithinTolerance").as_int64(), 0);
    const json::value tried = run({{"dryRun", true}, {"tolerancePerMille", 0}});
    EXPECT_EQ(textAt(tried, "/rules/tolerancePerMille"), "0");
    EXPECT_GT(at(tried, "/report/counts/durationMismatch").as_int64(),
              at(after, "/report/counts/durationMismatch").as_int64());
}

TEST_P(Agreements, DataThatShowAnotherIncrementDeviate) {
    uploadBothSides();
    agreed(perStep(60));
    const json::value deviations = at(run(), "/report/deviations");
    ASSERT_EQ(deviations.as_array().size(), 1u) << json::serialize(deviations);
    EXPECT_EQ(textAt(deviations, "/0/term"), "increments");
    EXPECT_EQ(at(deviations, "/0/agreed"), (json::value{{"initialSeconds", 60}, {"stepSeconds", 60}}));
    EXPECT_EQ(at(deviations, "/0/shown"), (json::value{{"initialSeconds", 6}, {"stepSeconds", 6}}));
    EXPECT_GT(at(deviations, "/0/count").as_int64(), 40) << "all but those that end near a minute";
    EXPECT_EQ(textAt(deviations, "/0/outOf"), "60");
    EXPECT_LT(callsOf(usage(), "carrier", "asAgreed"), 20) << "only what happens to be a minute too";
}

TEST_P(Agreements, WhatIsChargedAsAgreedCountsForTheCarrier) {
    uploadBothSides();
    run();
    const std::int64_t mismatches = callsOf(usage(), "platform", "durationMismatch");
    ASSERT_GT(mismatches, 0);
    agreed(perStep(6));
    const json::value after = run();
    EXPECT_EQ(at(after, "/report/deviations"), json::value(json::array()));
    const json::array rows = usage();
    EXPECT_EQ(callsOf(rows, "carrier", "asAgreed"), mismatches);
    EXPECT_EQ(callsOf(rows, "platform", "durationMismatch"), 0);
    EXPECT_NE(textAt(after, "/report/counts/durationMismatch"), "0") << "they differ all the same, and it shows";
}

TEST_P(Agreements, AnAgreedBasisIsTakenOffBeforeItCounts) {
    // The carrier counts from the invitation: 12 s of ringing each.
    json::array calls, durations;
    for (int i = 1; i <= 20; ++i) {
        const std::string far = "+4179555" + std::to_string(1000 + i);
        const CallFacts facts{.number = i,
                              .invitedAt = World::noon + minutes(i * 7) + seconds(i),
                              .talk = seconds(40 + i),
                              .ringing = seconds(12),
                              .farEnd = far};
        calls.push_back(callRecord(facts));
        json::object duration = durationOf(facts, "r-" + std::to_string(i));
        duration["durationMs"] = (40 + i + 12) * 1'000;
        duration["durationBasis"] = "invite";
        durations.push_back(std::move(duration));
    }
    world.platform.upload("/v1/calls", ndjson(calls));
    world.alp.upload("/v1/durations", ndjson(durations));
    agreed({{"durationBasis", "answer"}});
    const json::value deviations = at(run(), "/report/deviations");
    ASSERT_EQ(deviations.as_array().size(), 1u) << json::serialize(deviations);
    EXPECT_EQ(textAt(deviations, "/0/term"), "durationBasis");
    EXPECT_EQ(textAt(deviations, "/0/agreed"), "answer");
    EXPECT_EQ(textAt(deviations, "/0/shown"), "invite");
    EXPECT_EQ(callsOf(usage(), "platform", "durationMismatch"), 20);

    agreed({{"durationBasis", "invite"}});
    EXPECT_EQ(at(run(), "/report/deviations"), json::value(json::array()));
    const json::array rows = usage();
    EXPECT_EQ(callsOf(rows, "carrier", "asAgreed"), 20);
    EXPECT_EQ(textAt(rows[0], "/durationMs"), std::to_string((20 * 40 + 210) * 1'000)) << "connected time";
    const json::array items =
        at(world.alp.read("/v1/reconciliation/items?date=" + std::string(World::day)), "/items").as_array();
    EXPECT_EQ(at(items[0], "/theirsMs").as_int64() - at(items[0], "/connectedMs").as_int64(), 12'000);
}

TEST_P(Agreements, KindsThatTheCarrierNeedNotRecordAreOutsideTheScope) {
    const CallFacts answered{.number = 1}, missed{.number = 2, .invitedAt = World::noon + minutes(5), .talk = {}};
    world.platform.upload("/v1/calls", ndjson({callRecord(answered), callRecord(missed)}));
    world.alp.upload("/v1/durations", ndjson({durationOf(answered, "r-1")}));
    EXPECT_EQ(textAt(run(), "/report/counts/missingAtCarrier"), "1") << "one call shows nothing";
    const auto scope = [](bool answeredOnly, json::array directions) {
        return json::object{
            {"scope",
             json::object{{"answeredOnly", answeredOnly}, {"directions", std::move(directions)}, {"onNet", true}}}};
    };
    agreed(scope(true, {"inbound", "outbound"}));
    const json::value after = run();
    EXPECT_EQ(textAt(after, "/report/counts/missingAtCarrier"), "0");
    EXPECT_EQ(textAt(after, "/report/counts/outsideScope"), "1");
    agreed(scope(false, {"outbound"}));
    EXPECT_EQ(textAt(run(), "/report/counts/outsideScope"), "1") << "it is inbound";
}

ON_EVERY_STORE(Agreements);

// The exchange closes days by itself.
class AgreedClosing : public Agreements {
protected:
    AgreedClosing()
        : Agreements([](server::Configuration& configuration) {
              configuration.reconciliation = {};
              configuration.reconciliation.pause = milliseconds(5);
          }) {}
    json::value dayWhere(const std::function<bool(const json::value&)>& isWanted) {
        for (;;) {
            const Answer answer = world.alp.get("/v1/reconciliation/days/" + std::string(World::day));
            if (answer.status == 200 && isWanted(answer.value())) return answer.value();
            std::this_thread::yield();
        }
    }
};

TEST_P(AgreedClosing, ADayIsClosedWhenItWasAgreedAndStaysAsItIs) {
    agreed({{"closeAfterHours", 24}});
    uploadBothSides(8);
    world.advance(hours(25));
    const json::value closed = dayWhere([](const json::value& day) { return day.as_object().contains("closedAt"); });
    EXPECT_EQ(textAt(closed, "/stale"), "false");
    const Answer refused = world.alp.post("/v1/agreements", proposal({}, "2026-03-09"));
    EXPECT_EQ(refused.code(), "valid-from-closed") << refused.body;
    EXPECT_EQ(world.alp.post("/v1/agreements", proposal({}, "2026-04-01")).status, 201);
}

ON_EVERY_STORE(AgreedClosing);

}  // namespace
}  // namespace meetpoint::tests
