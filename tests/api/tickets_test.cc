// Tickets over HTTP: one thread that both sides see, disputes that decide whose duration counts, and nothing of it for
// anybody else.
#include "api/records.h"
#include "api/webhook_receiver.h"

namespace meetpoint::tests {
namespace {

using Words = std::vector<std::string>;

class Tickets : public WorldTest {
protected:
    Tickets()
        : WorldTest([](server::Configuration& configuration) {
              configuration.webhooks.limits.look = milliseconds(5);
              configuration.webhooks.rules = {true, true};
              configuration.tickets.attachmentsPerTicket = 2;
              configuration.tickets.attachmentBytes = 1'000;
              configuration.tickets.stepsPerTicket = 12;
          }) {}

    static json::object trouble(const json::object& more = {}) {
        json::object ticket{{"kind", "trouble"},
                            {"title", "One-way audio"},
                            {"description", "Since this morning."},
                            {"trunk", "sbc-zurich-7"}};
        for (const auto& [name, value] : more)
            ticket[name] = value;
        return ticket;
    }
    Answer open(Party& party, const json::object& ticket) {
        return party.post("/v1/tickets" + std::string(&party == &world.platform ? "?carrierId=" + world.alpId : ""),
                          ticket);
    }
    std::string opened(Party& party, const json::object& ticket) {
        const Answer answer = open(party, ticket);
        EXPECT_EQ(answer.status, 201) << answer.body;
        return textAt(answer.value(), "/id");
    }
    static http::Headers ifMatch(const std::string& tag) { return {{"If-Match", tag}}; }
    Answer move(Party& party, const std::string& id, const json::object& body, const std::string& tag = "*") {
        return party.post("/v1/tickets/" + id + "/state", body, ifMatch(tag));
    }
    std::string stateAfter(Party& party, const std::string& id, const json::object& body) {
        const Answer answer = move(party, id, body);
        return answer.status == 200 ? textAt(answer.value(), "/state") : answer.code();
    }
    Answer change(Party& party, const std::string& id, const json::object& body, const std::string& tag = "*") {
        http::ClientRequest request{.method = "PATCH", .url = "/v1/tickets/" + id, .body = json::serialize(body)};
        request.headers.set("Content-Type", "application/json");
        request.headers.set("If-Match", tag);
        return party.send(std::move(request));
    }
    json::value ticket(const std::string& id) { return world.alp.read("/v1/tickets/" + id); }

    // Five calls of which the carrier has three that differ by 15 s, and one that the carrier has not.
    void reconciled() {
        json::array calls, durations;
        for (int i = 1; i <= 5; ++i) {
            const std::string far = "+4179555000" + std::to_string(i);
            const CallFacts facts{.number = i, .invitedAt = World::noon + minutes(10 * i), .farEnd = far};
            calls.push_back(callRecord(facts));
            if (i == 5) continue;
            json::object duration = durationOf(facts, "r-" + std::to_string(i));
            if (i > 1) duration["durationMs"] = 75'000;
            durations.push_back(std::move(duration));
        }
        world.platform.upload("/v1/calls", ndjson(calls));
        world.alp.upload("/v1/durations", ndjson(durations));
        run();
    }
    void run() { world.alp.done("/v1/reconciliation/runs", json::object{{"date", World::day}}); }
    json::value itemOf(int number) {
        const json::value page = world.alp.read("/v1/reconciliation/items?date=" + std::string(World::day));
        for (const json::value& item : page.at("items").as_array())
            if (json::serialize(item).find(callId(number)) != std::string::npos) return item;
        return {};
    }
    json::object disputeOver(const std::vector<int>& numbers) {
        json::array items;
        for (const int number : numbers)
            items.push_back(json::object{{"date", World::day}, {"itemId", textAt(itemOf(number), "/itemId")}});
        return {
            {"kind", "dispute"}, {"title", "15 s too long"}, {"description", "Release at 12:21."}, {"items", items}};
    }
    json::value usageOf(std::string_view whose, std::string_view why) {
        const json::value usage = world.acme.read("/v1/usage?from=2026-03-09&to=2026-03-10");
        for (const json::value& row : usage.at("items").as_array())
            for (const json::value& one : row.at("sources").as_array())
                if (textAt(one, "/durationSource") == whose && textAt(one, "/durationSourceReason") == why) return one;
        return json::object{{"calls", 0}, {"durationMs", 0}};
    }

    WebhookReceiver receiver;
};

TEST_P(Tickets, BothSidesSeeOneThread) {
    const Answer made = open(world.alp, trouble({{"owner", "Petra"}, {"reference", "ALP-17"}}));
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.headers.value("ETag"), "\"1\"");
    const json::value first = made.value();
    const std::string id = textAt(first, "/id");
    EXPECT_EQ(textAt(first, "/state"), "open");
    EXPECT_EQ(textAt(first, "/openedBy"), "carrier");
    EXPECT_EQ(textAt(first, "/ownerSide"), "platform") << "it is the other side's turn";
    EXPECT_EQ(textAt(first, "/carrier/reference"), "ALP-17");
    EXPECT_EQ(world.platform.read("/v1/tickets/" + id), first);

    EXPECT_EQ(
        textAt(world.platform.done("/v1/tickets/" + id + "/comments", json::object{{"text", "Which calls?"}}), "/step"),
        "2");
    world.advance(hours(1));
    const Answer changed = change(
        world.platform, id, {{"owner", "Oskar"}, {"reference", "P-9"}, {"dueAt", "2026-03-12T00:00:00Z"}}, "\"1\"");
    ASSERT_EQ(changed.status, 200) << "a comment changes nothing that was read: " << changed.body;
    EXPECT_EQ(textAt(changed.value(), "/platform/owner"), "Oskar");
    EXPECT_EQ(textAt(changed.value(), "/carrier/owner"), "Petra") << "each side names its own";
    EXPECT_EQ(change(world.alp, id, {{"owner", ""}}, "\"1\"").code(), "version-mismatch");
    EXPECT_FALSE(at(change(world.alp, id, {{"owner", ""}}).value(), "/carrier").as_object().contains("owner"));
    EXPECT_EQ(stateAfter(world.platform, id, {{"action", "start"}}), "inProgress");
    EXPECT_EQ(textAt(ticket(id), "/ownerSide"), "platform");

    const json::value history = world.alp.read("/v1/tickets/" + id + "/history");
    EXPECT_EQ(column(at(history, "/items"), "action"), (Words{"open", "comment", "change", "change", "start"}));
    EXPECT_EQ(column(at(history, "/items"), "step"), (Words{"1", "2", "3", "4", "5"}));
    EXPECT_EQ(column(at(history, "/items"), "side"), (Words{"carrier", "platform", "platform", "carrier", "platform"}));
    EXPECT_EQ(textAt(history, "/items/1/actor"), world.platform.clientId());
    EXPECT_EQ(textAt(history, "/items/1/text"), "Which calls?");
    EXPECT_EQ(textAt(history, "/items/2/detail/owner"), "Oskar");
    EXPECT_LT(textAt(history, "/items/1/at"), textAt(history, "/items/2/at"));
    EXPECT_EQ(world.platform.read("/v1/tickets/" + id + "/history"), history);
    const json::value page = world.alp.read("/v1/tickets/" + id + "/history?limit=2");
    EXPECT_EQ(
        column(at(world.alp.read("/v1/tickets/" + id + "/history?limit=2&cursor=" + textAt(page, "/next")), "/items"),
               "step"),
        (Words{"3", "4"}));
    EXPECT_EQ(column(at(world.alp.read("/v1/tickets/" + id + "/history?action=comment"), "/items"), "step"),
              (Words{"2"}));
}

TEST_P(Tickets, GoTheWayOfTheirTable) {
    const std::string id = opened(world.alp, trouble());
    EXPECT_EQ(world.alp.post("/v1/tickets/" + id + "/state", json::object{{"action", "start"}}).code(),
              "if-match-required");
    EXPECT_EQ(move(world.alp, id, {{"action", "start"}}, "\"7\"").code(), "version-mismatch");
    EXPECT_EQ(stateAfter(world.alp, id, {{"action", "reject"}, {"reason", "no"}}), "transition-not-allowed")
        << "its own ticket it withdraws";
    EXPECT_EQ(stateAfter(world.platform, id, {{"action", "reject"}}), "reason-required");
    EXPECT_EQ(stateAfter(world.alp, id, {{"action", "accept"}}), "transition-not-allowed");
    EXPECT_EQ(stateAfter(world.platform, id, {{"action", "propose"}}), "bad-settlement") << "nothing is proposed";
    EXPECT_EQ(stateAfter(world.platform, id, {{"action", "propose"}, {"settlement", "Cable changed"}}),
              "settlementProposed");
    EXPECT_EQ(textAt(ticket(id), "/settlement/text"), "Cable changed");
    EXPECT_EQ(stateAfter(world.platform, id, {{"action", "accept"}}), "transition-not-allowed") << "its own proposal";
    EXPECT_EQ(stateAfter(world.alp, id, {{"action", "refuse"}, {"reason", "still one-way"}}), "inProgress");
    EXPECT_FALSE(ticket(id).as_object().contains("settlement"));
    EXPECT_EQ(textAt(ticket(id), "/ownerSide"), "platform");
    EXPECT_EQ(stateAfter(world.platform, id, {{"action", "propose"}, {"settlement", "Codec changed"}}),
              "settlementProposed");
    EXPECT_EQ(stateAfter(world.alp, id, {{"action", "accept"}}), "settled");
    EXPECT_EQ(textAt(ticket(id), "/endedAt"), formatInstant(exchange.clock.now()));
    EXPECT_EQ(change(world.alp, id, {{"owner", "x"}}).code(), "ticket-over");
    EXPECT_EQ(stateAfter(world.platform, id, {{"action", "reopen"}, {"reason", "again"}}), "inProgress");
    EXPECT_FALSE(ticket(id).as_object().contains("endedAt"));
    EXPECT_EQ(stateAfter(world.alp, id, {{"action", "withdraw"}, {"reason", "gone"}}), "withdrawn");
    EXPECT_EQ(stateAfter(world.alp, id, {{"action", "reopen"}, {"reason", "no"}}), "transition-not-allowed");
    EXPECT_EQ(world.alp.post("/v1/tickets/" + id + "/comments", json::object{{"text", "x"}}).code(), "ticket-over");

    const std::string late = opened(world.alp, trouble());
    EXPECT_EQ(stateAfter(world.platform, late, {{"action", "reject"}, {"reason", "not ours"}}), "rejected");
    world.advance(days(31));
    EXPECT_EQ(stateAfter(world.alp, late, {{"action", "reopen"}, {"reason", "after all"}}), "transition-not-allowed")
        << "too late";
    EXPECT_EQ(stateAfter(world.alp, late, {{"action", "close"}}), "closed");
}

TEST_P(Tickets, AreListedByWhatIsAsked) {
    reconciled();
    const std::string a = opened(world.alp, trouble({{"dueAt", "2026-03-11T00:00:00Z"}}));
    world.advance(seconds(1));
    const std::string b = opened(world.platform, trouble());
    world.advance(seconds(1));
    const std::string c = opened(world.alp, disputeOver({2}));
    move(world.platform, a, {{"action", "reject"}, {"reason", "no"}});
    const auto listed = [&](Party& party, const std::string& query = "") {
        return column(at(party.read("/v1/tickets" + query), "/items"), "id");
    };
    EXPECT_EQ(listed(world.alp), (Words{c, b, a})) << "newest first";
    EXPECT_EQ(listed(world.platform), (Words{c, b, a}));
    EXPECT_EQ(listed(world.auditor), (Words{c, b, a}));
    EXPECT_EQ(listed(world.alp, "?kind=dispute"), Words{c});
    EXPECT_EQ(listed(world.alp, "?state=rejected"), Words{a});
    EXPECT_EQ(listed(world.alp, "?status=open"), (Words{c, b}));
    EXPECT_EQ(listed(world.alp, "?status=over"), Words{a});
    EXPECT_EQ(listed(world.alp, "?status=open&ownerSide=carrier"), Words{b});
    EXPECT_EQ(listed(world.alp, "?dueBefore=2026-03-12T00:00:00Z"), Words{a});
    EXPECT_EQ(listed(world.alp, "?dueBefore=2026-03-11T00:00:00Z"), Words{});
    const json::value page = world.alp.read("/v1/tickets?limit=2");
    EXPECT_EQ(listed(world.alp, "?limit=2&cursor=" + textAt(page, "/next")), Words{a});
    EXPECT_EQ(world.alp.get("/v1/tickets?cursor=nonsense").code(), "bad-cursor");
}

TEST_P(Tickets, WhatTheyAreAboutMustBeThere) {
    reconciled();
    const auto refused = [&](const json::object& ticket) {
        const Answer answer = open(world.alp, ticket);
        EXPECT_EQ(answer.code(), "bad-ticket") << answer.body;
        const json::value problem = answer.value();
        return problem.as_object().contains("errors") ? textAt(problem, "/errors/0/pointer") : "";
    };
    world.platform.upload("/v1/calls", ndjson({callRecord({.number = 50, .ownNumber = World::bayE164})}));
    EXPECT_EQ(refused(trouble({{"callIds", json::array{callId(1), callId(50)}}})), "/callIds/1") << "Bay's call";
    EXPECT_EQ(refused(trouble({{"callIds", json::array{callId(99)}}})), "/callIds/0");
    json::object nothing = trouble();
    nothing.erase("trunk");
    EXPECT_EQ(refused(nothing), "");
    json::object both = disputeOver({2});
    both["trunk"] = "sbc";
    EXPECT_EQ(refused(both), "");
    json::object unknown = disputeOver({2});
    unknown["items"].as_array().push_back(
        json::object{{"date", "2026-03-08"}, {"itemId", textAt(itemOf(3), "/itemId")}});
    EXPECT_EQ(refused(unknown), "/items/1") << "of another day";
    EXPECT_EQ(refused(disputeOver({2, 2})), "");
    const std::string id = opened(world.alp, trouble({{"callIds", json::array{callId(1)}}, {"finding", "MOS fell"}}));
    EXPECT_EQ(at(ticket(id), "/callIds"), (json::value{callId(1)}));
    EXPECT_EQ(textAt(ticket(id), "/finding"), "MOS fell");
}

TEST_P(Tickets, ADisputeHoldsItsItemsAndItsSettlementDecides) {
    reconciled();
    EXPECT_EQ(textAt(usageOf("platform", "durationMismatch"), "/calls"), "3");
    EXPECT_EQ(textAt(usageOf("carrier", "matched"), "/calls"), "1");
    const std::string id = opened(world.alp, disputeOver({1, 2, 3}));
    EXPECT_EQ(at(ticket(id), "/items").as_array().size(), 3u);
    EXPECT_EQ(textAt(itemOf(1), "/dispute"), "open");
    EXPECT_EQ(textAt(itemOf(1), "/ticketId"), id);
    EXPECT_EQ(textAt(itemOf(1), "/usableForUsage"), "false") << "matched, and disputed all the same";
    EXPECT_FALSE(itemOf(4).as_object().contains("dispute"));
    EXPECT_EQ(textAt(usageOf("platform", "openDispute"), "/calls"), "3");
    EXPECT_EQ(textAt(usageOf("platform", "openDispute"), "/durationMs"), "180000");
    EXPECT_EQ(textAt(usageOf("carrier", "matched"), "/calls"), "0");

    const Answer twice = open(world.platform, disputeOver({3, 4}));
    EXPECT_EQ(twice.code(), "already-disputed");
    EXPECT_NE(twice.body.find(id), std::string::npos);
    EXPECT_EQ(stateAfter(world.platform, id, {{"action", "propose"}, {"settlement", "as the trace says"}}),
              "bad-settlement")
        << "each item needs a decision";
    EXPECT_EQ(
        stateAfter(
            world.platform, id,
            {{"action", "propose"},
             {"counts", "platform"},
             {"items", json::array{json::object{{"itemId", textAt(itemOf(4), "/itemId")}, {"counts", "carrier"}}}}}),
        "bad-settlement")
        << "an item that it does not hold";
    EXPECT_EQ(
        stateAfter(
            world.platform, id,
            {{"action", "propose"},
             {"counts", "platform"},
             {"items", json::array{json::object{{"itemId", textAt(itemOf(2), "/itemId")}, {"counts", "carrier"}}}}}),
        "settlementProposed");
    EXPECT_EQ(textAt(usageOf("platform", "openDispute"), "/calls"), "3") << "nothing is decided yet";
    EXPECT_EQ(stateAfter(world.alp, id, {{"action", "accept"}}), "settled");
    EXPECT_EQ(at(ticket(id), "/settlement/items").as_array().size(), 3u);
    EXPECT_EQ(textAt(itemOf(2), "/dispute"), "settled");
    EXPECT_EQ(textAt(itemOf(2), "/ticketId"), id);
    EXPECT_EQ(textAt(itemOf(2), "/usableForUsage"), "true");
    EXPECT_EQ(textAt(itemOf(3), "/usableForUsage"), "false");
    EXPECT_EQ(usageOf("carrier", "settledDispute"), (json::value{{"durationSource", "carrier"},
                                                                 {"durationSourceReason", "settledDispute"},
                                                                 {"calls", 1},
                                                                 {"durationMs", 75'000}}));
    EXPECT_EQ(textAt(usageOf("platform", "settledDispute"), "/calls"), "2");
    EXPECT_EQ(textAt(usageOf("platform", "durationMismatch"), "/calls"), "1");
    world.advance(hours(1));
    run();
    EXPECT_EQ(textAt(itemOf(2), "/dispute"), "settled") << "a run changes nothing of it";
    EXPECT_EQ(stateAfter(world.alp, id, {{"action", "close"}}), "closed");
    EXPECT_EQ(textAt(usageOf("carrier", "settledDispute"), "/calls"), "1");
}

TEST_P(Tickets, ADisputeThatIsRejectedOrReopenedDecidesNothing) {
    reconciled();
    const std::string id = opened(world.alp, disputeOver({1, 5}));
    EXPECT_EQ(textAt(itemOf(5), "/dispute"), "open") << "also one that stands alone";
    EXPECT_EQ(stateAfter(world.platform, id, {{"action", "reject"}, {"reason", "see trace"}}), "rejected");
    EXPECT_FALSE(itemOf(1).as_object().contains("dispute"));
    EXPECT_EQ(textAt(usageOf("carrier", "matched"), "/calls"), "1");
    const std::string second = opened(world.platform, disputeOver({1}));
    EXPECT_EQ(stateAfter(world.alp, id, {{"action", "reopen"}, {"reason", "no"}}), "already-disputed");
    EXPECT_EQ(stateAfter(world.alp, second, {{"action", "propose"}, {"counts", "platform"}}), "settlementProposed");
    EXPECT_EQ(stateAfter(world.platform, second, {{"action", "accept"}}), "settled");
    EXPECT_EQ(textAt(usageOf("platform", "settledDispute"), "/calls"), "1") << "matched, and settled otherwise";
    EXPECT_EQ(stateAfter(world.alp, id, {{"action", "reopen"}, {"reason", "no"}}), "inProgress");
    EXPECT_EQ(textAt(itemOf(1), "/ticketId"), id) << "of two tickets the open one holds it";
    EXPECT_EQ(textAt(usageOf("platform", "openDispute"), "/calls"), "2");
}

TEST_P(Tickets, ADisputeHoldsRecordsAlsoWhenTheirItemChanges) {
    reconciled();
    const std::string id = opened(world.alp, disputeOver({5}));
    const std::string item = textAt(itemOf(5), "/itemId");
    json::object duration = durationOf({.number = 5, .invitedAt = World::noon + minutes(50), .farEnd = "+41795550005"},
                                       "a-record-with-a-smaller-key");
    world.alp.upload("/v1/durations", ndjson({duration}));
    run();
    EXPECT_EQ(textAt(itemOf(5), "/state"), "matched") << "now the carrier has it too";
    EXPECT_EQ(textAt(itemOf(5), "/ticketId"), id) << "whatever its item is called now: was " << item;
    EXPECT_EQ(textAt(usageOf("platform", "openDispute"), "/calls"), "1");
}

TEST_P(Tickets, AttachmentsAreBoundedAndStoredWithTheirHash) {
    const std::string id = opened(world.alp, trouble());
    const std::string path = "/v1/tickets/" + id + "/attachments";
    const Answer made = world.alp.upload(path + "?name=trace.txt", "INVITE sip:x", "text/plain");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(textAt(made.value(), "/sha256"), toHex(sha256(viewOf("INVITE sip:x"))));
    EXPECT_EQ(textAt(made.value(), "/bytes"), "12");
    const Answer content = world.platform.get(path + "/" + textAt(made.value(), "/id"));
    EXPECT_EQ(content.body, "INVITE sip:x");
    EXPECT_EQ(content.headers.value("ETag"), "\"" + textAt(made.value(), "/sha256") + "\"");
    EXPECT_EQ(content.headers.value("Content-Disposition"), "attachment");
    EXPECT_EQ(content.headers.value("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(at(ticket(id), "/attachments"), (json::value{made.value()}));
    EXPECT_EQ(world.alp.upload(path + "?name=page.html", "<script>", "text/html").status, 415);
    EXPECT_EQ(world.alp.upload(path + "?name=big.txt", std::string(1'001, 'x'), "text/plain").status, 413);
    EXPECT_EQ(world.alp.upload(path, "x", "text/plain").code(), "bad-parameters");
    EXPECT_EQ(world.platform.upload(path + "?name=b.csv", "a,b\n", "text/csv").status, 201);
    EXPECT_EQ(world.platform.upload(path + "?name=c.csv", "a,b\n", "text/csv").code(), "too-many-attachments");
    for (Party* party : {&world.bay, &world.zeta, &world.auditor}) {
        const Answer refused = party->get(path + "/" + textAt(made.value(), "/id"));
        EXPECT_EQ(refused.status, party == &world.bay ? 404 : 403);
        expectNone(refused.whole(), {"INVITE"}, "what others are answered");
    }
    EXPECT_EQ(world.alp.get(path + "/0197c000-0000-7000-8000-0000000000ff").status, 404);
    for (int i = 4; i <= 12; ++i)
        world.alp.post("/v1/tickets/" + id + "/comments", json::object{{"text", "x"}});
    EXPECT_EQ(world.alp.post("/v1/tickets/" + id + "/comments", json::object{{"text", "x"}}).code(), "ticket-full");
}

TEST_P(Tickets, NobodyElseLearnsAnything) {
    reconciled();
    const std::string id = opened(world.alp, trouble()), dispute = opened(world.platform, disputeOver({2}));
    const Words secrets{"One-way", "sbc-zurich-7", "15 s too long", "Release at", id, dispute};
    for (const std::string& one : {id, dispute}) {
        for (const char* more : {"", "/history"}) {
            const Answer answer = world.bay.get("/v1/tickets/" + one + more);
            EXPECT_EQ(answer.status, 404);
            expectNone(answer.whole(), {"One-way", "15 s"}, "what Bay is answered");
        }
        EXPECT_EQ(move(world.bay, one, {{"action", "start"}}).status, 404);
        EXPECT_EQ(change(world.bay, one, {{"title", "mine"}}).status, 404);
        EXPECT_EQ(world.bay.post("/v1/tickets/" + one + "/comments", json::object{{"text", "x"}}).status, 404);
    }
    EXPECT_EQ(world.bay.get("/v1/tickets").body, R"({"items":[]})");
    EXPECT_EQ(world.bay.get("/v1/tickets?carrierId=" + world.alpId).status, 404);
    EXPECT_EQ(open(world.bay, disputeOver({3})).code(), "bad-ticket") << "another's item is none";
    EXPECT_EQ(world.acme.get("/v1/tickets").status, 403);
    EXPECT_EQ(open(world.auditor, trouble()).status, 403);
    expectNone(everythingSeenBy(world, world.bay), secrets, "what Bay sees");
    expectNone(everythingSeenBy(world, world.zeta), secrets, "what Zeta sees");
    expectNone(everythingSeenBy(world, world.acme), secrets, "what Acme sees");
}

TEST_P(Tickets, EachStepIsToldToTheCarriersEndpoints) {
    world.alp.done("/v1/webhook-endpoints",
                   json::object{{"url", receiver.url("/ok")}, {"types", json::array{"ticket.changed"}}});
    world.bay.done("/v1/webhook-endpoints",
                   json::object{{"url", receiver.url("/target")}, {"types", json::array{"ticket.changed"}}});
    const std::string id = opened(world.platform, trouble());
    world.platform.done("/v1/tickets/" + id + "/comments", json::object{{"text", "please look"}});
    const auto told = receiver.waitFor("/ok", 2);
    ASSERT_EQ(told.size(), 2u);
    std::set<std::string> actions;
    for (const auto& one : told) {
        const json::value event = json::parse(one.body);
        EXPECT_EQ(textAt(event, "/type"), "ticket.changed");
        EXPECT_EQ(textAt(event, "/subject"), id);
        EXPECT_EQ(textAt(event, "/data/ticketId"), id);
        EXPECT_TRUE(textAt(event, "/data/link").ends_with("/v1/tickets/" + id));
        actions.insert(textAt(event, "/data/action"));
        expectNone(one.body, {"One-way", "please look", "sbc-zurich-7"},
                   "an event says what happened, not what was said");
    }
    EXPECT_EQ(actions, (std::set<std::string>{"open", "comment"}));
    EXPECT_EQ(receiver.at("/target").size(), 0u) << "Bay";
}

ON_EVERY_STORE(Tickets);

}  // namespace
}  // namespace meetpoint::tests
