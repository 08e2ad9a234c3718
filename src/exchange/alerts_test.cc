// Alerts on every kind of store: each window is looked at once whoever works, nothing is raised twice, and what was
// raised is told once, also where the node that raised it is gone.
#include "exchange/alerts.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "columns/content_hash.h"
#include "exchange/alert_evaluation.h"
#include "exchange/deliver.h"
#include "exchange/webhooks.h"
#include "store/ledger.h"
#include "store/testing/store_fixture.h"

namespace meetpoint::exchange {
namespace {

namespace json = boost::json;
using columns::CallCore;
using columns::LaneKind;
using columns::Part;
using store::Tx;
using store::testing::StoreEngine;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Instant nine{1'772'442'000'000};  // 2026-03-02T09:00:00Z

struct TestCarrier {
    Id id;
    std::int64_t shardKey = 0;
    domain::Caller caller;
};

// A node on a store.
struct Node {
    Node(store::Db& db, const Clock& clock, const AlertLimits& wanted, std::uint64_t seed)
        : limits(wanted),
          lanes(KeyedHash({1, 2, 3}), clock),
          random(seed),
          services{db, lanes, ledger, clock, random, StoreKind::sandbox},
          desk{services, limits},
          webhooks{services, webhookLimits, seal},
          quality{services, qualityLimits, cursors, helpers},
          evaluator(quality, limits),
          deliveries(services, webhookLimits, seal, "https://exchange.example", "test") {}

    // Everything that is due now.
    AlertsDone evaluate() {
        AlertsDone all;
        const auto add = [&](const AlertsDone& done) {
            EXPECT_FALSE(done.failure) << done.failure->code << done.failure->message << done.failure->internal;
            all.windows += done.windows;
            all.missed += done.missed;
            all.raised += done.raised;
            all.cleared += done.cleared;
        };
        for (bool isMore = true; isMore;) {
            const auto passed = evaluator.pass(add);
            EXPECT_TRUE(passed) << passed.error().message << passed.error().internal;
            isMore = passed && *passed;
        }
        return all;
    }
    // Delivers everything that is due to a receiver that takes it; "alert.raised ID".
    std::vector<std::string> deliver() {
        std::vector<Outgoing> out;
        EXPECT_TRUE(deliveries.nextOfAll(out, [](const DeliveryDone&) {}));
        std::vector<std::string> told;
        std::vector<Sent> sent;
        for (const Outgoing& one : out) {
            const json::value event = json::parse(one.body);
            std::string webhookId;
            for (const auto& [name, value] : one.headers)
                if (name == "webhook-id") webhookId = value;
            told.push_back(std::string(event.at("type").as_string()) + " " + webhookId);
            bodies.push_back(one.body);
            sent.push_back({one.key, one.position, services.clock.now(), milliseconds(3), 200, {}, {}});
        }
        EXPECT_TRUE(deliveries.settle(sent, [](const DeliveryDone&) {}));
        return told;
    }

    AlertLimits limits;
    WebhookLimits webhookLimits;
    QualityLimits qualityLimits;
    store::Lanes lanes;
    LedgerCache ledger;
    SeededRandom random;
    Services services;
    SecretSeal seal{viewOf("the same for all nodes")};
    CursorKey cursors{Bytes(32)};
    SweepHelpers helpers{1};
    AlertDesk desk;
    WebhookDesk webhooks;
    QualityDesk quality;
    AlertEvaluator evaluator;
    Deliveries deliveries;
    std::vector<std::string> bodies;  // of what was delivered
};

class AlertsOnAStore : public store::testing::StoreFixture {
protected:
    AlertsOnAStore() : StoreFixture(nine) {}
    void SetUp() override {
        StoreFixture::SetUp();
        if (!isOpen()) return;
        limits_.pause = milliseconds(1);
        limits_.delay = minutes(5);
        node_ = makeNode(1);
        alp_ = addCarrier("Alp");
        bay_ = addCarrier("Bay");
    }
    void TearDown() override {
        node_.reset();
        StoreFixture::TearDown();
    }
    std::unique_ptr<Node> makeNode(std::uint64_t seed) { return std::make_unique<Node>(*db_, clock_, limits_, seed); }

    TestCarrier addCarrier(const std::string& name) {
        store::Carrier carrier{makeId(clock_, random_), 0, name, "", 2'000, clock_.now(), 1};
        EXPECT_TRUE(db_->write(store::ledgerWrite(), [&](Tx& tx) -> Result<void> {
            TRY_ASSIGN(carrier, store::insertCarrier(tx, carrier));
            return store::raiseLedgerChanges(tx);
        }));
        return {carrier.id, carrier.shardKey, {"client of " + name, domain::Role::carrier, {carrier.id}, {}, {}}};
    }
    void appendCall(columns::Batch& core, Instant at, const std::string& trunk, bool fails) {
        for (std::size_t c = 0; c < core.columnCount(); ++c)
            switch (static_cast<CallCore>(c)) {
                case CallCore::callId:
                    core[c].append(makeId(clock_, random_));
                    break;
                case CallCore::version:
                    core[c].append<std::int32_t>(1);
                    break;
                case CallCore::completeness:
                case CallCore::direction:
                    core[c].append<std::uint8_t>(0);
                    break;
                case CallCore::ownNumber:
                    core[c].append<std::uint64_t>(41'446'681'800u);
                    break;
                case CallCore::invitedAt:
                case CallCore::endedAt:
                    core[c].append(at);
                    break;
                case CallCore::trunk:
                    core[c].appendText(trunk);
                    break;
                case CallCore::durationMs:
                    core[c].append<std::int64_t>(0);
                    break;
                case CallCore::finalSipCode:
                    core[c].append<std::int32_t>(fails ? 503 : 486);
                    break;
                default:
                    core[c].appendNull();
            }
    }
    // 50 calls of a quarter of an hour, of which the network fails some.
    void addCalls(const TestCarrier& carrier, Instant from, int failed, const std::string& trunk = "sbc1") {
        columns::Records records(LaneKind::calls);
        for (int i = 0; i < 50; ++i)
            appendCall(records.part(Part::core), from + seconds(i * 15), trunk, i < failed);
        records.complete();
        auto fingerprints = columns::fingerprints(records);
        const auto prepared =
            node_->lanes.prepare({carrier.shardKey, LaneKind::calls}, std::move(records), std::move(fingerprints));
        const auto written = db_->write(store::recordsWrite(carrier.shardKey, 50), [&](Tx& tx) -> Result<void> {
            TRY(node_->lanes.append(tx, prepared, "test"));
            return {};
        });
        ASSERT_TRUE(written) << written.error().message << written.error().internal;
    }
    // NER below 90 % in two quarters of an hour in a row, and 95 % in two for its end.
    static NewAlertRule nerRule() {
        NewAlertRule wanted;
        wanted.name = "Delivery";
        wanted.definition.measure = {quality::Kpi::ner, {}};
        quality::AlertCondition& condition = wanted.definition.condition;
        condition.raiseAt = 0.9;
        condition.clearAt = 0.95;
        condition.minimumDenominator = 20;
        condition.windowsToRaise = condition.windowsToClear = 2;
        return wanted;
    }
    Id addRule(const domain::Caller& caller, const NewAlertRule& wanted = nerRule()) {
        const auto made = makeAlertRule(node_->desk, caller, wanted);
        EXPECT_TRUE(made) << made.error().message << made.error().internal;
        return made->rule.id;
    }
    Id addEndpoint(const TestCarrier& carrier, const std::string& payload = "thin") {
        NewWebhook wanted;
        wanted.url = "https://receiver.example/path";
        wanted.payload = payload;
        return makeWebhook(node_->webhooks, carrier.caller, wanted)->endpoint.key.endpointId;
    }
    std::vector<AlertView> alertsOf(const domain::Caller& caller) {
        const auto found = listAlerts(node_->services, caller, {});
        EXPECT_TRUE(found) << found.error().message << found.error().internal;
        return *found;
    }
    store::AlertRule ruleOf(const domain::Caller& caller, const Id& id) {
        return findAlertRule(node_->desk, caller, id)->rule;
    }
    // What the owner of a rule that stands since nine sees after failures by the quarter of an hour.
    void liveThrough(const TestCarrier& carrier, const std::vector<int>& failures) {
        for (const int failed : failures) {
            addCalls(carrier, clock_.now(), failed);
            clock_.advance(minutes(15));
        }
        clock_.advance(limits_.delay);
    }

    AlertLimits limits_;
    SeededRandom random_{99};
    std::unique_ptr<Node> node_;
    TestCarrier alp_, bay_;
    const domain::Caller platform_{"platform", domain::Role::platform, {}, {}, {}};
};
INSTANTIATE_TEST_SUITE_P(Stores, AlertsOnAStore, MEETPOINT_STORES,
                         store::testing::nameOfCase<::testing::TestParamInfo<StoreEngine>>);

TEST_P(AlertsOnAStore, AreRaisedAndClearedAfterTheWindowsOfTheRule) {
    const Id rule = addRule(alp_.caller);
    addRule(bay_.caller);
    addRule(platform_);
    liveThrough(alp_, {0, 20, 20, 4, 0, 0});
    const AlertsDone done = node_->evaluate();
    EXPECT_EQ(done.windows, 18u);
    EXPECT_EQ(done.raised, 2u) << "Alp's and the platform's";
    EXPECT_EQ(done.cleared, 2u);
    EXPECT_EQ(node_->evaluate().windows, 0u) << "each once";
    const auto alerts = alertsOf(alp_.caller);
    ASSERT_EQ(alerts.size(), 1u);
    const AlertView& alert = alerts.front();
    EXPECT_EQ(alert.alert.ruleId, rule);
    EXPECT_EQ(alert.alert.raisedAt, nine + minutes(45));
    EXPECT_EQ(alert.alert.clearedAt, nine + minutes(90)) << "8 % still failed in the fourth window";
    EXPECT_EQ(alert.alert.clearReason, "recovered");
    EXPECT_EQ(alert.raised.window.reading.numerator, 30u);
    EXPECT_EQ(alert.raised.window.reading.denominator, 50u);
    EXPECT_EQ(alert.raised.sentence,
              "All calls: NER 60.0 % (30 of 50) from 2026-03-02T09:30Z to 2026-03-02T09:45Z, below 90.0 %.");
    EXPECT_THAT(alertsOf(bay_.caller), IsEmpty());
    EXPECT_EQ(alertsOf(platform_).size(), 2u);
}

TEST_P(AlertsOnAStore, AnOwnersRuleSeesItsOwnCallsAlone) {
    NewAlertRule byTrunk = nerRule();
    byTrunk.definition.groupBy = {quality::Dimension::trunk};
    addRule(alp_.caller, byTrunk);
    NewAlertRule ofBay = byTrunk;
    ofBay.carrierId = bay_.id;
    addRule(platform_, ofBay);
    for (int window = 0; window < 2; ++window) {
        addCalls(alp_, clock_.now(), 0, "alp-good");
        addCalls(alp_, clock_.now(), 40, "alp-bad");
        addCalls(bay_, clock_.now(), 40, "bay-bad");
        clock_.advance(minutes(15));
    }
    clock_.advance(limits_.delay);
    EXPECT_EQ(node_->evaluate().raised, 2u);
    const auto alps = alertsOf(alp_.caller);
    ASSERT_EQ(alps.size(), 1u);
    EXPECT_EQ(alps[0].alert.groupKey, R"({"trunk":"alp-bad"})");
    EXPECT_THAT(alertsOf(bay_.caller), IsEmpty()) << "it has no rule; the platform's are not its";
    const auto all = alertsOf(platform_);
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0].alert.carrierId ? all[1].alert.groupKey : all[0].alert.groupKey, R"({"trunk":"bay-bad"})");
    EXPECT_EQ(alertsOf({"auditor", domain::Role::auditor, {}, {}, {}}).size(), 1u) << "those of carriers";
    EXPECT_THAT(alertsOf({"tenant", domain::Role::tenant, {}, Id{{1}}, {}}), IsEmpty());
}

TEST_P(AlertsOnAStore, ANodeThatDiesAfterRaisingIsFollowedByOneThatTellsOnce) {
    addRule(alp_.caller);
    const Id thin = addEndpoint(alp_);
    addEndpoint(bay_);
    liveThrough(alp_, {20, 20});
    auto dying = makeNode(2);
    EXPECT_EQ(dying->evaluate().raised, 1u);
    dying.reset();  // before anything was sent
    clock_.advance(limits_.lease);
    auto other = makeNode(3);
    EXPECT_EQ(other->evaluate().windows, 0u) << "it was looked at";
    const auto told = other->deliver();
    ASSERT_EQ(told.size(), 1u);
    EXPECT_TRUE(told[0].starts_with("alert.raised ")) << told[0];
    EXPECT_THAT(other->deliver(), IsEmpty());
    const json::value event = json::parse(other->bodies.at(0));
    const std::string id = formatId(alertsOf(alp_.caller).at(0).alert.id);
    EXPECT_EQ(event.at("subject").as_string(), id);
    EXPECT_EQ(event.at("data").at("link").as_string(), "https://exchange.example/v1/alerts/" + id);
    EXPECT_FALSE(event.at("data").as_object().contains("sentence")) << "thin";
    EXPECT_EQ(replayDelivery(other->webhooks, alp_.caller, thin, *parseId(told[0].substr(13)))->attempts, 1);
    EXPECT_THAT(other->deliver(), ElementsAre(told[0])) << "a replay has the same webhook-id";
}

TEST_P(AlertsOnAStore, OfTwoNodesOneEvaluatesAndTheOtherGoesOnWhenItIsHeldUp) {
    if (GetParam() == StoreEngine::sqlite) GTEST_SKIP() << "one process has such a store";
    addRule(alp_.caller);
    liveThrough(alp_, {20, 20});
    auto other = makeNode(2);
    const auto held = Leases(*db_, clock_, Id{{7}}, limits_.lease).take(store::alertsOf(alp_.shardKey));
    ASSERT_TRUE(held && *held);
    EXPECT_EQ(other->evaluate().windows, 0u) << "the lease is another's";
    clock_.advance(limits_.lease);
    EXPECT_EQ(other->evaluate().raised, 1u);
    const auto late =
        db_->write(store::recordsWrite(alp_.shardKey, 1), [&](Tx& tx) { return store::checkFence(tx, **held); });
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, leaseLostCode);
}

TEST_P(AlertsOnAStore, TellsFullEndpointsEverything) {
    addRule(alp_.caller);
    addEndpoint(alp_, "full");
    liveThrough(alp_, {20, 20, 0, 0});
    node_->evaluate();
    EXPECT_EQ(node_->deliver().size(), 2u);
    ASSERT_EQ(node_->bodies.size(), 2u);
    std::map<std::string, json::value> data;
    for (const std::string& body : node_->bodies)
        data[std::string(json::parse(body).at("type").as_string())] = json::parse(body).at("data");
    EXPECT_EQ(data["alert.raised"].at("state").as_string(), "open") << "as it was then";
    EXPECT_EQ(data["alert.raised"].at("numerator").to_number<int>(), 30);
    EXPECT_EQ(data["alert.cleared"].at("reason").as_string(), "recovered");
    EXPECT_EQ(data["alert.cleared"].at("denominator").to_number<int>(), 50);
}

TEST_P(AlertsOnAStore, WindowsAreCaughtUpWithinTheLimitAndMissedBeyondIt) {
    const Id rule = addRule(alp_.caller);
    liveThrough(alp_, {20, 20});
    clock_.advance(hours(3));
    const AlertsDone caughtUp = node_->evaluate();
    EXPECT_EQ(caughtUp.windows, 14u);
    EXPECT_EQ(caughtUp.missed, 0u);
    EXPECT_EQ(caughtUp.raised, 1u);
    clock_.advance(days(1));
    const AlertsDone skipped = node_->evaluate();
    EXPECT_EQ(skipped.windows, 25u) << "six hours and the window that ends them";
    EXPECT_EQ(skipped.missed, 71u);
    EXPECT_EQ(ruleOf(alp_.caller, rule).missedWindows, 71);
    EXPECT_EQ(ruleOf(alp_.caller, rule).evaluatedUntil, nine + hours(27) + minutes(30));
    EXPECT_EQ(alertsOf(alp_.caller).at(0).alert.clearReason, "silent") << "for a day nothing was known";
}

TEST_P(AlertsOnAStore, AnotherDefinitionEndsWhatIsOpenAndBeginsAnew) {
    const Id rule = addRule(alp_.caller);
    liveThrough(alp_, {20, 20});
    node_->evaluate();
    NewAlertRule wanted = nerRule();
    wanted.name = "Renamed";
    ASSERT_TRUE(changeAlertRule(node_->desk, alp_.caller, rule, 1, wanted));
    EXPECT_FALSE(alertsOf(alp_.caller).at(0).alert.clearedAt) << "another name changes nothing";
    wanted.definition.condition.raiseAt = 0.5;
    EXPECT_EQ(changeAlertRule(node_->desk, alp_.caller, rule, 1, wanted).error().code, "version-mismatch");
    EXPECT_EQ(changeAlertRule(node_->desk, platform_, rule, 2, wanted).error().code, "alert-owner-only");
    EXPECT_EQ(changeAlertRule(node_->desk, bay_.caller, rule, 2, wanted).error().kind, ErrorKind::notFound);
    ASSERT_TRUE(changeAlertRule(node_->desk, alp_.caller, rule, 2, wanted));
    EXPECT_EQ(alertsOf(alp_.caller).at(0).alert.clearReason, "ruleChanged");
    clock_.set(nine + minutes(45));
    liveThrough(alp_, {20, 30, 30});
    EXPECT_EQ(node_->evaluate().raised, 1u);
    ASSERT_TRUE(deleteAlertRule(node_->desk, alp_.caller, rule, {}));
    EXPECT_EQ(alertsOf(alp_.caller).at(0).alert.clearReason, "ruleDeleted");
    EXPECT_EQ(findAlertRule(node_->desk, alp_.caller, rule).error().kind, ErrorKind::notFound);
}

TEST_P(AlertsOnAStore, ARuleWithTooManyGroupsSaysSoAndGoesOn) {
    limits_.groupsPerRule = 2;
    node_ = makeNode(4);
    NewAlertRule byTrunk = nerRule();
    byTrunk.definition.groupBy = {quality::Dimension::trunk};
    const Id rule = addRule(alp_.caller, byTrunk);
    for (const char* trunk : {"sbc1", "sbc2", "sbc3"})
        addCalls(alp_, clock_.now(), 0, trunk);
    clock_.advance(minutes(20));
    EXPECT_EQ(node_->evaluate().missed, 1u);
    EXPECT_EQ(ruleOf(alp_.caller, rule).problem, "too-many-groups");
    liveThrough(alp_, {0});
    EXPECT_EQ(node_->evaluate().windows, 1u);
    EXPECT_FALSE(ruleOf(alp_.caller, rule).problem);
    EXPECT_EQ(ruleOf(alp_.caller, rule).missedWindows, 1);
}

TEST_P(AlertsOnAStore, ChangesAreHeldAgainstTheSameHourOfThePastDays) {
    for (int day = 1; day <= 3; ++day)
        addCalls(alp_, nine - days(day), 10);  // a fifth always fails
    NewAlertRule change = nerRule();
    change.definition.condition.change = quality::Change{3, true};
    change.definition.condition.raiseAt = 0.2;
    change.definition.condition.clearAt = 0.1;
    addRule(alp_.caller, change);
    liveThrough(alp_, {12, 25, 25});
    EXPECT_EQ(node_->evaluate().raised, 1u);
    const auto alerts = alertsOf(alp_.caller);
    ASSERT_EQ(alerts.size(), 1u);
    EXPECT_EQ(alerts[0].alert.raisedAt, nine + minutes(45));
    const quality::Baseline& usual = alerts[0].raised.window.baseline;
    EXPECT_DOUBLE_EQ(usual.median.value_or(0), 0.8);
    ASSERT_EQ(usual.hours.size(), 3u);
    EXPECT_EQ(usual.hours[0].from, nine - days(1));
    EXPECT_EQ(usual.hours[0].reading.denominator, 50u);
}

TEST_P(AlertsOnAStore, ThereAreLimitsToRules) {
    limits_.rulesPerParty = 1;
    node_ = makeNode(5);
    addRule(alp_.caller);
    EXPECT_EQ(makeAlertRule(node_->desk, alp_.caller, nerRule()).error().code, "too-many-alert-rules");
    addRule(bay_.caller);
    NewAlertRule crossed = nerRule();
    crossed.definition.condition.clearAt = 0.8;
    EXPECT_EQ(makeAlertRule(node_->desk, platform_, crossed).error().code, "bad-alert-rule");
    NewAlertRule odd = nerRule();
    odd.definition.window = minutes(7);
    EXPECT_EQ(makeAlertRule(node_->desk, platform_, odd).error().code, "bad-alert-rule");
    NewAlertRule byHour = nerRule();
    byHour.definition.groupBy = {quality::Dimension::hour};
    EXPECT_EQ(makeAlertRule(node_->desk, platform_, byHour).error().code, "bad-alert-rule");
}

}  // namespace
}  // namespace meetpoint::exchange
