// Usage: by day and direction, with whose duration counts and why.
#include "api/records.h"

namespace meetpoint::tests {
namespace {

class Usage : public WorldTest {
protected:
    Answer send(const json::array& calls) { return world.platform.upload("/v1/calls", ndjson(calls)); }
    json::array usage(const std::string& query = "from=2026-03-09&to=2026-03-10") {
        return at(world.acme.read("/v1/usage?" + query), "/items").as_array();
    }
    void reconcile() { world.alp.done("/v1/reconciliation/runs", json::object{{"date", World::day}}); }
    // The entry of a row that says so; null where there is none.
    static json::value source(const json::value& row, std::string_view whose, std::string_view why) {
        for (const json::value& one : row.at("sources").as_array())
            if (textAt(one, "/durationSource") == whose && textAt(one, "/durationSourceReason") == why) return one;
        return {};
    }
};

TEST_P(Usage, BeforeReconciliationThePlatformsDurationCounts) {
    send({callRecord({.number = 1}), callRecord({.number = 2, .invitedAt = World::noon + minutes(5), .talk = {}}),
          callRecord({.number = 3, .talk = seconds(90), .outbound = true})});
    const json::array rows = usage();
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0], (json::value{{"date", World::day},
                                    {"direction", "inbound"},
                                    {"calls", 2},
                                    {"answered", 1},
                                    {"durationMs", 60'000},
                                    {"sources", json::array{json::object{{"durationSource", "platform"},
                                                                         {"durationSourceReason", "notReconciled"},
                                                                         {"calls", 1},
                                                                         {"durationMs", 60'000}}}}}));
    EXPECT_EQ(textAt(rows[1], "/direction"), "outbound");
    EXPECT_EQ(textAt(rows[1], "/durationMs"), "90000");
}

TEST_P(Usage, TheCarriersDurationCountsWhereItIsMatched) {
    const auto call = [](int number, int minute, std::string_view farEnd) {
        return CallFacts{.number = number, .invitedAt = World::noon + minutes(minute), .farEnd = farEnd};
    };
    const CallFacts equal = call(1, 0, "+41795550001"), close = call(2, 10, "+41795550002"),
                    far = call(3, 20, "+41795550003"), missing = call(4, 30, "+41795550004");
    send({callRecord(equal), callRecord(close), callRecord(far), callRecord(missing)});
    json::object closeDuration = durationOf(close, "r-2"), farDuration = durationOf(far, "r-3");
    closeDuration["durationMs"] = 61'700;
    farDuration["durationMs"] = 75'000;
    world.alp.upload("/v1/durations", ndjson({durationOf(equal, "r-1"), closeDuration, farDuration}));
    reconcile();
    const json::array rows = usage();
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(source(rows[0], "carrier", "matched"), (json::value{{"durationSource", "carrier"},
                                                                  {"durationSourceReason", "matched"},
                                                                  {"calls", 2},
                                                                  {"durationMs", 121'700}}));
    EXPECT_EQ(textAt(source(rows[0], "platform", "durationMismatch"), "/durationMs"), "60000")
        << "the difference is too large: the platform's counts";
    EXPECT_EQ(textAt(source(rows[0], "platform", "missingAtCarrier"), "/durationMs"), "60000");
    EXPECT_EQ(textAt(rows[0], "/durationMs"), "241700");
    EXPECT_EQ(textAt(rows[0], "/answered"), "4");
}

TEST_P(Usage, DaysAreThoseOfTheTimeZone) {
    const Instant lateEvening{World::noon.ms + hours(11).ms + minutes(30).ms};  // 23:30 UTC: past midnight in Zurich
    send({callRecord({.number = 1}), callRecord({.number = 2, .invitedAt = lateEvening})});
    EXPECT_EQ(column(usage(), "calls"), (std::vector<std::string>{"2"}));
    EXPECT_EQ(column(usage("from=2026-03-09&to=2026-03-11&timeZone=Europe/Zurich"), "date"),
              (std::vector<std::string>{"2026-03-09", "2026-03-10"}));
    EXPECT_EQ(column(usage("from=2026-03-10&to=2026-03-11&timeZone=Europe/Zurich"), "calls"),
              (std::vector<std::string>{"1"}));
    EXPECT_EQ(textAt(world.acme.read("/v1/usage?from=2026-03-09&to=2026-03-10&timeZone=Europe/Zurich"), "/timeZone"),
              "Europe/Zurich");
    EXPECT_EQ(world.acme.get("/v1/usage?from=2026-03-09&to=2026-03-10&timeZone=Mars/Olympus").code(),
              "unknown-time-zone");
}

TEST_P(Usage, TestCallsAndOlderVersionsDoNotCount) {
    json::object test = callRecord({.number = 1});
    test["isTest"] = true;
    send({test, callRecord({.number = 2}), callRecord({.number = 2, .talk = seconds(80), .version = 2})});
    const json::array rows = usage();
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(textAt(rows[0], "/calls"), "1");
    EXPECT_EQ(textAt(rows[0], "/durationMs"), "80000");
}

TEST_P(Usage, ATenantReadsItsOwnAndThePlatformNamesOne) {
    send({callRecord({.number = 1}), callRecord({.number = 2, .talk = seconds(77), .ownNumber = World::bayE164})});
    const std::string range = "from=2026-03-09&to=2026-03-10";
    EXPECT_EQ(column(usage(), "durationMs"), (std::vector<std::string>{"60000"}));
    EXPECT_EQ(usage(range + "&tenantId=" + world.acmeId), usage());
    EXPECT_EQ(column(at(world.zeta.read("/v1/usage?" + range), "/items"), "durationMs"),
              (std::vector<std::string>{"77000"}));
    EXPECT_EQ(world.platform.get("/v1/usage?" + range).code(), "tenant-required");
    EXPECT_EQ(at(world.platform.read("/v1/usage?" + range + "&tenantId=" + world.acmeId), "/items"),
              json::value(usage()));
    EXPECT_EQ(world.platform.get("/v1/usage?" + range + "&tenantId=" + world.alpId).code(), "not-found");
    expectNone(world.zeta.get("/v1/usage?" + range).whole(), secretsOfAlp(world), "Zeta's usage");
    EXPECT_EQ(world.acme.get("/v1/usage?from=2026-01-01&to=2026-04-04").code(), "range-too-long");
    EXPECT_EQ(world.acme.get("/v1/usage?from=2026-03-09&to=2026-03-09").code(), "range-too-long");
    for (const char* query :
         {"from=2026-03-09", "to=2026-03-09", "", "timeZone=UTC", "period=month", "month=2026-3",
          "month=2026-03&date=2026-03-09", "month=2026-03&period=month", "from=2026-03-09&to=2026-03-10&month=2026-03",
          "date=2026-03-09&period=billingCycle&timeZone=Europe/Zurich"})
        EXPECT_EQ(world.acme.get(std::string("/v1/usage?") + query).code(), "bad-period") << query;
}

ON_EVERY_STORE(Usage);

}  // namespace
}  // namespace meetpoint::tests
