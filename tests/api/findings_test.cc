// Findings over HTTP: from calls that came in to the sentence, and who reads which.
#include <fmt/format.h>

#include "api/records.h"

namespace meetpoint::tests {
namespace {

constexpr Instant firstCall{ExchangeUnderTest::firstInstant.ms + 7 * 86'400'000LL};
constexpr int trunks = 3, callsAMinute = 4;

class Findings : public WorldTest {
protected:
    // Two days of calls through three trunks; `goesWrong` says of each call whether the network fails it.
    void sendTwoDays(std::string_view ownNumber, const std::string& trunk,
                     const std::function<bool(Instant, int)>& goesWrong) {
        std::string lines;
        SeededRandom random(7);
        for (int n = 0; n < 2 * 1'440 * callsAMinute; ++n) {
            const Instant at = firstCall + seconds(60 / callsAMinute * n);
            const int number = n + (ownNumber == World::alpE164 ? 0 : 100'000), onTrunk = n % trunks;
            const bool fails = goesWrong(at, onTrunk) || random.next64() % 150 == 0;
            json::object call = callRecord(
                {.number = number, .invitedAt = at, .talk = fails ? seconds(0) : seconds(60), .ownNumber = ownNumber});
            call["trunk"] = fmt::format("{}{}", trunk, onTrunk + 1);
            if (fails) {
                call["finalSipCode"] = 503;
                call["q850Cause"] = 41;
                call["streams"] = json::array();
            }
            lines += json::serialize(call) + "\n";
        }
        ASSERT_EQ(world.platform.upload("/v1/calls", lines).status, 200);
    }
    static constexpr std::string_view range = "/v1/quality/findings?from=2026-03-09&to=2026-03-10";
};

TEST_P(Findings, NameTheTrunkThatFailsAndWhenItBegan) {
    const Instant begin = firstCall + days(1) + hours(14) + minutes(20);
    sendTwoDays(World::alpE164, "sbc", [&](Instant at, int trunk) {
        return trunk == 1 && at >= begin && at < begin + hours(1) && at.ms / 15'000 % 5 != 0;
    });
    sendTwoDays(World::bayE164, "bay", [](Instant, int) { return false; });
    const json::array items = at(world.alp.read(std::string(range)), "/items").as_array();
    ASSERT_EQ(items.size(), 1u) << json::serialize(items);
    const json::value& finding = items[0];
    EXPECT_EQ(textAt(finding, "/kpi"), "ner");
    EXPECT_EQ(textAt(finding, "/subject/dimension"), "trunk");
    EXPECT_EQ(textAt(finding, "/subject/value"), "sbc2");
    EXPECT_EQ(textAt(finding, "/subject/carrierId"), world.alpId);
    const Instant startedAt = *parseInstant(textAt(finding, "/startedAt"));
    EXPECT_LE(std::abs((startedAt - begin).ms), minutes(5).ms) << textAt(finding, "/startedAt");
    EXPECT_GT(at(finding, "/before/value").to_number<double>(), 0.98);
    EXPECT_LT(at(finding, "/after/value").to_number<double>(), 0.5);
    EXPECT_EQ(textAt(finding, "/evidence/0/dimension"), "sipCode");
    EXPECT_EQ(textAt(finding, "/evidence/0/value"), "503");
    EXPECT_GT(at(finding, "/confidence").to_number<double>(), 0.99);
    EXPECT_TRUE(textAt(finding, "/sentence").starts_with("Trunk sbc2 of Alp Telecom: NER fell from 99."))
        << textAt(finding, "/sentence");
    for (Party* party : {&world.platform, &world.auditor, &world.acme})
        EXPECT_EQ(at(party->read(std::string(range)), "/items").as_array().size(), 1u);
    for (Party* party : {&world.bay, &world.zeta}) {
        EXPECT_EQ(at(party->read(std::string(range)), "/items").as_array().size(), 0u);
        expectNone(party->get(std::string(range)).whole(), secretsOfAlp(world), "Bay's findings");
    }
    EXPECT_EQ(at(world.alp.read("/v1/quality/findings?from=2026-03-08&to=2026-03-09"), "/items").as_array().size(), 0u);
    EXPECT_EQ(world.alp.get("/v1/quality/findings?from=2026-03-01&to=2026-04-09").code(), "range-too-long");
    EXPECT_EQ(world.alp.get("/v1/quality/findings?from=2026-03-09&to=2026-03-09").code(), "range-too-long");
}

TEST_P(Findings, ThereAreNoneWithoutCalls) {
    EXPECT_EQ(at(world.platform.read(std::string(range)), "/items").as_array().size(), 0u);
    EXPECT_EQ(at(world.alp.read("/v1/quality/findings?from=2027-03-09&to=2027-03-10"), "/items").as_array().size(), 0u)
        << "the future";
}

ON_EVERY_STORE(Findings);

}  // namespace
}  // namespace meetpoint::tests
