// Orders of numbers: large ones, as CSV, twice, tried out; and what consent, countries and ports have to say.
#include <fmt/format.h>

#include "api/world.h"

namespace meetpoint::tests {
namespace {

class Orders : public WorldTest {
protected:
    static json::object numbered(std::string_view number) { return {{"telephoneNumber", number}}; }

    json::value operationOf(const Answer& accepted) {
        EXPECT_EQ(accepted.status, 202) << accepted.body;
        const std::string location(accepted.headers.value("Location"));
        return location.empty() ? json::value() : world.alp.read(location + "?wait=60");
    }
    Answer orderCsv(const std::string& query, const std::string& body, http::Headers headers = {}) {
        headers.set("Prefer", "wait=60");
        return world.alp.upload("/v1/number-orders?tenantId=" + world.acmeId + query, body, "text/csv",
                                std::move(headers));
    }
    std::size_t heldByAlp() {
        std::size_t held = 0;
        std::string path = "/v1/numbers?limit=1000";
        while (!path.empty()) {
            const Answer page = world.alp.get(path);
            held += at(page.value(), "/items").as_array().size();
            const std::string link(page.headers.value("Link"));
            path = link.empty() ? "" : link.substr(1, link.find('>') - 1);
        }
        return held;
    }
};

TEST_P(Orders, TenThousandNumbersOfWhichSomeAreBad) {
    // 37 that cannot be: 20 are no numbers, 10 stand there before, 7 are of a country that nobody consented to.
    std::string csv = "Numbers\n";
    for (int i = 0; i < 9'963; ++i)
        csv += fmt::format("+4144669{:04}\n", i);
    for (int i = 0; i < 20; ++i)
        csv += fmt::format("+4144{}\n", i);
    for (int i = 0; i < 10; ++i)
        csv += fmt::format("4144669{:04}\n", i);
    for (int i = 0; i < 7; ++i)
        csv += fmt::format("+4930231251{:02}\n", i);
    const std::size_t before = heldByAlp();
    const Answer ordered = orderCsv("", csv);
    ASSERT_EQ(ordered.status, 202) << ordered.body;
    const json::value operation = ordered.value();
    EXPECT_EQ(textAt(operation, "/status"), "partiallySucceeded");
    EXPECT_EQ(json::serialize(at(operation, "/counts")), R"({"total":10000,"pending":0,"succeeded":9963,"failed":37})");
    EXPECT_EQ(at(operation, "/complete"), json::value(false));
    std::map<std::string, int> codes;
    for (const std::string& code : column(at(operation, "/results"), "code"))
        ++codes[code];
    EXPECT_EQ(codes, (std::map<std::string, int>{
                         {"bad-number", 20}, {"duplicate-in-order", 10}, {"country-not-consented", 7}}));
    EXPECT_EQ(heldByAlp(), before + 9'963);
    const std::string id = textAt(operation, "/id");
    const json::value page = world.alp.read("/v1/operations/" + id + "/numbers?status=succeeded&limit=5000");
    EXPECT_EQ(at(page, "/items").as_array().size(), 5'000u);
    const json::value rest =
        world.alp.read("/v1/operations/" + id + "/numbers?status=succeeded&limit=5000&cursor=" + textAt(page, "/next"));
    EXPECT_EQ(at(rest, "/items").as_array().size(), 4'963u);
    EXPECT_EQ(world.bay.get("/v1/operations/" + id + "/numbers").status, 404);
}

TEST_P(Orders, AnOrderIsAcceptedAtOnceAndTellsHowFarItIs) {
    json::array numbers;
    for (int i = 0; i < 1'200; ++i)
        numbers.push_back(numbered(fmt::format("+4144667{:04}", i)));
    const Answer accepted =
        world.alp.post("/v1/number-orders", json::object{{"tenantId", world.acmeId}, {"numbers", std::move(numbers)}});
    ASSERT_EQ(accepted.status, 202);
    const std::string path(accepted.headers.value("Location"));
    json::value seen = accepted.value();
    std::int64_t succeeded = 0;
    while (textAt(seen, "/status") == "notStarted" || textAt(seen, "/status") == "running") {
        seen = world.alp.read(path + "?wait=60&after=" + textAt(seen, "/version"));
        EXPECT_GE(at(seen, "/counts/succeeded").to_number<std::int64_t>(), succeeded);
        succeeded = at(seen, "/counts/succeeded").to_number<std::int64_t>();
    }
    EXPECT_EQ(textAt(seen, "/status"), "succeeded");
    EXPECT_EQ(succeeded, 1'200);
    EXPECT_EQ(textAt(seen, "/version"), "4") << "500 numbers a step";
}

TEST_P(Orders, TheSameKeyIsTheSameOperation) {
    const json::object order{{"tenantId", world.acmeId}, {"numbers", json::array{numbered("+41446681830")}}};
    const Answer first =
        world.alp.post("/v1/number-orders", order, {{"Idempotency-Key", "one"}, {"Prefer", "wait=60"}});
    const Answer again =
        world.alp.post("/v1/number-orders", order, {{"Idempotency-Key", "one"}, {"Prefer", "wait=60"}});
    EXPECT_EQ(again.body, first.body);
    const json::object other{{"tenantId", world.acmeId}, {"numbers", json::array{numbered("+41446681831")}}};
    EXPECT_EQ(world.alp.post("/v1/number-orders", other, {{"Idempotency-Key", "one"}}).code(),
              "idempotency-key-reused");
    EXPECT_EQ(world.alp.post("/v1/number-orders", order, {{"Idempotency-Key", ""}}).code(), "bad-idempotency-key");
    EXPECT_EQ(textAt(world.alp.ordered(order), "/results/0/code"), "number-already-held") << "without the key";
}

TEST_P(Orders, ADryRunSaysWhatWouldBecomeOfItAndChangesNothing) {
    const auto before = world.platform.read("/v1/numbers");
    const json::value feed = world.alp.read("/v1/feeds/assignments");
    const json::object order{{"tenantId", world.acmeId},
                             {"numbers", json::array{numbered("+41446681830"), numbered(World::alpE164),
                                                     numbered(World::bayE164), numbered("+41446681830")}}};
    const json::value tried = world.alp.ordered(order, "/v1/number-orders?dryRun=true");
    EXPECT_EQ(at(tried, "/dryRun"), json::value(true));
    EXPECT_EQ(textAt(tried, "/status"), "partiallySucceeded");
    EXPECT_EQ(column(at(tried, "/results"), "status"),
              (std::vector<std::string>{"succeeded", "failed", "failed", "failed"}));
    EXPECT_EQ(textAt(tried, "/results/1/code"), "number-already-held");
    EXPECT_EQ(textAt(tried, "/results/2/code"), "numberNotAvailable");
    EXPECT_EQ(textAt(tried, "/results/3/code"), "duplicate-in-order");
    EXPECT_EQ(world.platform.read("/v1/numbers"), before);
    EXPECT_EQ(world.alp.read("/v1/feeds/assignments"), feed);
    EXPECT_TRUE(at(world.platform.read("/v1/number-conflicts"), "/items").as_array().empty());
}

TEST_P(Orders, BadCsvNamesItsLinesAndOrdersNothing) {
    const auto before = world.alp.read("/v1/numbers");
    const Answer noColumn = orderCsv("", "reference\nx\n");
    EXPECT_EQ(noColumn.code(), "bad-csv");
    EXPECT_EQ(textAt(noColumn.value(), "/errors/0/line"), "1");
    const Answer cut = orderCsv("", "telephoneNumber,reference\n+41446681830,a\n+41446681831\n");
    EXPECT_EQ(cut.code(), "bad-csv");
    EXPECT_EQ(textAt(cut.value(), "/errors/0/line"), "3");
    EXPECT_EQ(orderCsv("", "telephoneNumber,price\n+41446681830,1\n").code(), "bad-csv") << "an unknown column";
    EXPECT_EQ(orderCsv("", "\n").code(), "bad-csv") << "nothing but a line end";
    EXPECT_EQ(orderCsv("", "Numbers\n\"+4144668\n").code(), "bad-csv") << "an open quote";
    EXPECT_EQ(orderCsv("", "Numbers\n").code(), "too-many-numbers") << "a header and nothing else";
    EXPECT_EQ(orderCsv("&kind=sell", "Numbers\n+41446681830\n").code(), "bad-parameters");
    EXPECT_EQ(orderCsv("&usage=parking", "Numbers\n+41446681830\n").code(), "bad-usage");
    EXPECT_EQ(orderCsv("&capabilities=flying", "Numbers\n+41446681830\n").code(), "bad-capability");
    EXPECT_EQ(orderCsv("&country=Swiss", "Numbers\n+41446681830\n").code(), "bad-parameters");
    EXPECT_EQ(world.alp.read("/v1/numbers"), before);
}

TEST_P(Orders, WhatHoldsForAnOrderIsKeptWithEachNumber) {
    const Answer ordered = orderCsv(
        "&usage=callingUserAssignment&additionalUsage=firstPartyAppAssignment&capabilities=inboundCalling"
        "&country=CH&locationId=zrh-1&callingProfileId=main&ticketId=T-77",
        "telephoneNumber,reference\n41446681830,ref-9\n");
    ASSERT_EQ(textAt(ordered.value(), "/status"), "succeeded") << ordered.body;
    const json::value number = world.alp.read("/v1/numbers/" + textAt(ordered.value(), "/results/0/numberId"));
    EXPECT_EQ(textAt(number, "/additionalUsage"), "firstPartyAppAssignment");
    EXPECT_EQ(json::serialize(at(number, "/capabilities")), R"(["inboundCalling"])");
    EXPECT_EQ(textAt(number, "/country"), "CH");
    EXPECT_EQ(textAt(number, "/locationId"), "zrh-1");
    EXPECT_EQ(textAt(number, "/callingProfileId"), "main");
    EXPECT_EQ(textAt(number, "/ticketId"), "T-77");
    EXPECT_EQ(textAt(number, "/reference"), "ref-9");
    const Answer wrong = orderCsv("&country=DE", "Numbers\n+41446681831\n");
    EXPECT_EQ(textAt(wrong.value(), "/results/0/code"), "country-mismatch");
    const Answer tollFree = orderCsv("", "Numbers\n+41800556464\n");
    EXPECT_EQ(textAt(tollFree.value(), "/results/0/code"), "usage-not-allowed") << tollFree.body;
}

TEST_P(Orders, AssignmentsComeInBulkByNameToo) {
    world.acme.done("/v1/tenants/" + world.acmeId + "/targets",
                    json::object{{"targets", json::array{json::object{{"id", "aaaaaaaa-0000-4000-8000-000000000009"},
                                                                      {"type", "user"},
                                                                      {"displayName", "Bert"},
                                                                      {"userPrincipalName", "bert@acme.example"}}}}});
    const std::string csv =
        fmt::format("telephoneNumber,userPrincipalName,category\n{},Bert@Acme.example,\n{},bert@acme.example,\n{},,\n",
                    World::alpSpareE164, World::alpE164, World::nobodys);
    const auto send = [&](const std::string& query) {
        return world.acme.upload("/v1/number-assignments" + query, csv, "text/csv", {{"Prefer", "wait=60"}}).value();
    };
    const json::value tried = send("?dryRun=true");
    EXPECT_EQ(column(at(tried, "/results"), "status"), (std::vector<std::string>{"succeeded", "failed", "failed"}));
    EXPECT_EQ(textAt(world.acme.read("/v1/numbers/" + world.alpSpare), "/state"), "available") << "only tried";
    const json::value done = send("");
    EXPECT_EQ(column(at(done, "/results"), "status"), (std::vector<std::string>{"succeeded", "failed", "failed"}));
    EXPECT_EQ(textAt(done, "/results/1/code"), "primary-exists") << "Bert has one by the line before";
    EXPECT_EQ(textAt(done, "/results/2/code"), "number-not-found");
    EXPECT_EQ(textAt(world.acme.read("/v1/numbers/" + world.alpSpare), "/state"), "assigned");
    const json::value back =
        world.acme
            .post("/v1/number-assignments",
                  json::object{{"kind", "unassign"},
                               {"numbers", json::array{numbered(World::alpSpareE164), numbered(World::bayE164)}}},
                  {{"Prefer", "wait=60"}})
            .value();
    EXPECT_EQ(column(at(back, "/results"), "status"), (std::vector<std::string>{"succeeded", "failed"}));
    EXPECT_EQ(textAt(back, "/results/1/code"), "number-not-found") << "Zeta's number is nothing to Acme";
}

TEST_P(Orders, APortNeedsBothCarriersAndHandsTheNumberOverAtOneInstant) {
    // Bay ports Alp's assigned number for Zeta, which Alp has to accept.
    const std::string at9 = formatInstant(exchange.clock.now() + hours(1));
    const json::value ordered = world.bay.ordered(json::object{{"kind", "port"},
                                                               {"tenantId", world.zetaId},
                                                               {"portAt", at9},
                                                               {"numbers", json::array{numbered(World::alpE164)}}});
    const std::string gaining = textAt(ordered, "/results/0/numberId"), port = textAt(ordered, "/results/0/workId");
    EXPECT_EQ(textAt(world.bay.read("/v1/numbers/" + gaining), "/state"), "portingIn");
    EXPECT_EQ(textAt(world.bay.read("/v1/numbers/" + gaining), "/stateReason"), "awaitingLosingCarrier");
    const json::value atAlp = world.alp.read("/v1/ports/" + port);
    EXPECT_EQ(textAt(atAlp, "/side"), "losing");
    expectNone(json::serialize(atAlp), secretsOfBay(world), "the port as the losing carrier sees it");
    const json::value atBay = world.bay.read("/v1/ports/" + port);
    auto secrets = secretsOfAlp(world);
    std::erase(secrets, "41446681800");
    expectNone(json::serialize(atBay), secrets, "the port as the gaining carrier sees it");
    const std::string state = "/v1/ports/" + port + "/state";
    EXPECT_EQ(world.bay.post(state, json::object{{"state", "accepted"}}).code(), "transition-not-allowed");
    EXPECT_EQ(world.bay.post(state, json::object{{"state", "completed"}}).code(), "transition-not-allowed");
    EXPECT_EQ(world.alp.post(state, json::object{{"state", "objected"}}).code(), "reason-required");
    world.alp.done(state, json::object{{"state", "accepted"}});
    EXPECT_EQ(world.bay.post(state, json::object{{"state", "completed"}}).code(), "port-too-early");
    world.advance(hours(2));
    EXPECT_EQ(textAt(world.bay.done(state, json::object{{"state", "completed"}}), "/state"), "completed");
    EXPECT_EQ(textAt(world.bay.read("/v1/numbers/" + gaining), "/state"), "available");
    EXPECT_EQ(textAt(world.alp.read("/v1/numbers/" + world.alpNumber), "/state"), "removed");
    const json::value last = at(world.alp.read("/v1/feeds/assignments"), "/items").as_array().back();
    EXPECT_EQ(textAt(last, "/cause"), "portOut");
    expectNone(everythingSeenBy(world, world.bay), secrets, "what Bay sees");
    expectNone(everythingSeenBy(world, world.alp), secretsOfBay(world), "what Alp sees");
}

TEST_P(Orders, ThePlatformSettlesAConflict) {
    world.bay.ordered(json::object{{"tenantId", world.zetaId},
                                   {"numbers", json::array{numbered(World::alpE164), numbered(World::alpSpareE164)}}});
    world.bay.ordered(json::object{{"tenantId", world.zetaId}, {"numbers", json::array{numbered(World::alpE164)}}});
    const json::value open = at(world.platform.read("/v1/number-conflicts?state=open"), "/items");
    ASSERT_EQ(open.as_array().size(), 2u) << "the same order again is the same conflict";
    const auto settle = [&](int which, std::string_view resolution) {
        return world.platform.post(
            "/v1/number-conflicts/" + textAt(open, "/" + std::to_string(which) + "/id") + "/settle",
            json::object{{"resolution", resolution}, {"note", "by phone"}});
    };
    const Answer dismissed = settle(1, "dismiss");
    EXPECT_EQ(textAt(dismissed.value(), "/state"), "dismissed");
    EXPECT_EQ(settle(1, "port").code(), "conflict-settled");
    const Answer ported = settle(0, "port");
    EXPECT_EQ(textAt(ported.value(), "/state"), "ported") << ported.body;
    EXPECT_EQ(textAt(world.alp.read("/v1/ports/" + textAt(ported.value(), "/portId")), "/state"), "requested");
}

TEST_P(Orders, EndingAConsentWindsDown) {
    world.alp.done("/v1/consents/" + world.alpConsent + "/state",
                   json::object{{"state", "ended"}, {"reason", "another carrier"}});
    const json::value consent = at(world.acme.read("/v1/consents"), "/items/0");
    EXPECT_EQ(textAt(consent, "/windDownUntil"), formatInstant(exchange.clock.now() + days(90)));
    EXPECT_EQ(world.acme
                  .post("/v1/numbers/" + world.alpSpare + "/assign",
                        json::object{{"targetId", world.acmeUser}, {"category", "alternate"}})
                  .code(),
              "consent-missing");
    EXPECT_EQ(textAt(world.acme.done("/v1/numbers/" + world.alpNumber + "/unassign", json::object()), "/state"),
              "available")
        << "it is always possible to leave";
    const json::value released = world.alp.ordered(json::object{
        {"kind", "release"}, {"tenantId", world.acmeId}, {"numbers", json::array{numbered(World::alpE164)}}});
    EXPECT_EQ(textAt(released, "/status"), "succeeded");
    const json::value steps = at(world.auditor.read("/v1/consents/" + world.alpConsent + "/history"), "/items");
    EXPECT_EQ(column(steps, "state"), (std::vector<std::string>{"requested", "agreementSigned", "ended"}));
    EXPECT_EQ(textAt(steps, "/2/reason"), "another carrier");
}

TEST_P(Orders, OnlyTheNewestNoticeIsAccepted) {
    EXPECT_EQ(world.platform
                  .post("/v1/notices", json::object{{"version", World::noticeVersion},
                                                    {"texts", json::object{{"en", "Another text."}}}})
                  .code(),
              "notice-exists")
        << "what was accepted never changes";
    world.platform.done(
        "/v1/notices", json::object{{"version", "2026-02"}, {"texts", json::object{{"en", "More."}, {"de", "Mehr."}}}});
    EXPECT_EQ(column(at(world.acme.read("/v1/notices"), "/items"), "version"),
              (std::vector<std::string>{"2026-02", "2026-01"}));
    const auto accept = [&](std::string_view version, json::array countries) {
        return world.acme.post("/v1/consents/" + world.alpConsent + "/acceptance",
                               json::object{{"noticeVersion", version}, {"countries", std::move(countries)}});
    };
    EXPECT_EQ(accept("2026-01", {"CH"}).code(), "notice-superseded");
    EXPECT_EQ(accept("2027-01", {"CH"}).code(), "unknown-notice");
    EXPECT_EQ(accept("2026-02", {"US"}).code(), "country-in-use") << "numbers of CH are held";
    const Answer accepted = accept("2026-02", {"CH"});
    EXPECT_EQ(textAt(accepted.value(), "/noticeVersion"), "2026-02") << accepted.body;
    EXPECT_EQ(textAt(accepted.value(), "/state"), "agreementSigned") << "it stays what it is";
    EXPECT_EQ(world.alp
                  .post("/v1/consents/" + world.alpConsent + "/acceptance",
                        json::object{{"noticeVersion", "2026-02"}, {"countries", json::array{"CH"}}})
                  .code(),
              "transition-not-allowed")
        << "what is accepted is the tenant's to accept";
}

ON_EVERY_STORE(Orders);

}  // namespace
}  // namespace meetpoint::tests
