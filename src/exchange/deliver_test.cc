// Delivery by webhook on every kind of store, with a receiver in the test's hand: every event reaches every endpoint
// that wants it, once, whatever fails, whoever works and however often.
#include "exchange/deliver.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "columns/content_hash.h"
#include "exchange/ledger_cache.h"
#include "exchange/webhooks.h"
#include "formats/writer.h"
#include "store/lane_verifier.h"
#include "store/ledger.h"
#include "store/testing/checked_db.h"
#include "store/testing/test_store.h"

namespace meetpoint::exchange {
namespace {

namespace json = boost::json;
using columns::AssignmentCore;
using columns::LaneKind;
using columns::Part;
using store::DeliveryState;
using store::Tx;
using store::testing::StoreEngine;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr std::string_view publicUrl = "https://exchange.example";

// A message as its receiver got it.
struct Message {
    Id endpoint;
    std::string id;  // webhook-id
    std::string type;
    std::int64_t sequence = 0;  // 0: about no record
    json::object event;
};

// Answers what the test says, by the endpoint, and keeps what it took.
struct Receiver {
    std::map<Id, std::int64_t> status;  // 200 where nothing is said; 0: no answer at all
    std::vector<Message> taken, refused;

    Sent take(const Outgoing& out, Instant now) {
        Message message{out.key.endpointId, {}, {}, 0, json::parse(out.body).as_object()};
        for (const auto& [name, value] : out.headers)
            if (name == "webhook-id") message.id = value;
        message.type = message.event.at("type").as_string().c_str();
        if (const auto* sequence = message.event.if_contains("sequence"))
            message.sequence = std::stoll(std::string(sequence->as_string().c_str()));
        const auto found = status.find(out.key.endpointId);
        const std::int64_t answer = found == status.end() ? 200 : found->second;
        Sent sent{out.key, out.position, now, milliseconds(3), answer, {}, {}};
        if (answer == 0) {
            sent.status.reset();
            sent.error = "client-timeout";
        }
        (sent.isSuccess() ? taken : refused).push_back(std::move(message));
        return sent;
    }
    // The sequences that an endpoint took, in order of arrival.
    std::vector<std::int64_t> sequencesAt(const Id& endpoint) const {
        std::vector<std::int64_t> sequences;
        for (const Message& message : taken)
            if (message.endpoint == endpoint && message.sequence > 0) sequences.push_back(message.sequence);
        return sequences;
    }
    std::vector<std::string> typesAt(const Id& endpoint) const {
        std::vector<std::string> types;
        for (const Message& message : taken)
            if (message.endpoint == endpoint && message.sequence == 0) types.push_back(message.type);
        return types;
    }
};

// A node on a store.
struct Node {
    Node(store::Db& db, const Clock& clock, const WebhookLimits& wanted, std::uint64_t seed)
        : limits(wanted),
          lanes(KeyedHash({1, 2, 3}), clock),
          random(seed),
          services{db, lanes, ledger, clock, random, StoreKind::sandbox},
          desk{services, limits, seal},
          deliveries(services, limits, seal, std::string(publicUrl), "test") {}

    std::vector<Outgoing> look() {
        std::vector<Outgoing> out;
        const auto looked = deliveries.nextOfAll(out, note());
        EXPECT_TRUE(looked) << looked.error().message << looked.error().internal;
        return out;
    }
    void settle(std::vector<Sent> sent) {
        const auto settled = deliveries.settle(sent, note());
        EXPECT_TRUE(settled) << settled.error().message << settled.error().internal;
        EXPECT_THAT(sent, IsEmpty());
    }
    // Everything that is due now; gives the number of attempts.
    std::size_t workOff(Receiver& receiver) {
        std::size_t attempts = 0;
        while (true) {
            const auto out = look();
            if (out.empty() && !deliveries.isMoreToNote()) return attempts;
            attempts += out.size();
            std::vector<Sent> sent;
            for (const Outgoing& one : out)
                sent.push_back(receiver.take(one, services.clock.now()));
            settle(std::move(sent));
        }
    }
    Deliveries::Report note() {
        return [this](const DeliveryDone& one) {
            EXPECT_FALSE(one.failure) << one.failure->code << one.failure->message << one.failure->internal;
            done.noted += one.noted;
            done.missed += one.missed;
            done.leaseLost |= one.leaseLost;
        };
    }

    WebhookLimits limits;
    store::Lanes lanes;
    LedgerCache ledger;
    SeededRandom random;
    Services services;
    SecretSeal seal{viewOf("the same for all nodes")};
    WebhookDesk desk;
    Deliveries deliveries;
    DeliveryDone done;  // added up
};

struct TestCarrier {
    Id id;
    std::int64_t shardKey = 0;
    domain::Caller caller;
};

class DeliveryOnAStore : public ::testing::TestWithParam<StoreEngine> {
protected:
    void SetUp() override {
        if (!store::testing::isAvailable(GetParam())) GTEST_SKIP() << "MEETPOINT_TEST_POSTGRES names no server";
        begin();
    }
    void TearDown() override {
        node_.reset();
        EXPECT_THAT(findings_.findings(), IsEmpty());
    }
    void begin() {
        node_.reset();
        db_.reset();
        place_ = std::make_unique<store::testing::StorePlace>(GetParam());
        db_ = openDb();
        clock_.set(Instant{1'772'323'200'000});
        receiver_ = {};
        node_ = makeNode(1);
        alp_ = addCarrier("Alp");
        bay_ = addCarrier("Bay");
    }
    std::unique_ptr<store::Db> openDb() {
        auto opened = place_->open(clock_);
        EXPECT_TRUE(opened) << opened.error().message << opened.error().internal;
        return store::testing::checkStatements(std::move(*opened), findings_);
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
    Id addEndpoint(const TestCarrier& carrier, NewWebhook wanted = {}) {
        wanted.url = "https://receiver.example/secret-path";
        const auto made = makeWebhook(node_->desk, carrier.caller, wanted);
        EXPECT_TRUE(made) << made.error().message << made.error().internal;
        return made->endpoint.key.endpointId;
    }
    // Events of a carrier's numbers.
    void happen(const TestCarrier& carrier, int count) {
        columns::Records records(LaneKind::assignments);
        columns::Batch& core = records.part(Part::core);
        for (int i = 0; i < count; ++i) {
            core[AssignmentCore::eventId].append(makeId(clock_, random_));
            core[AssignmentCore::occurredAt].append(clock_.now());
            core[AssignmentCore::numberId].append(makeId(clock_, random_));
            core[AssignmentCore::number].append<std::uint64_t>(41'446'681'800u);
            core[AssignmentCore::tenantId].append(Id{{9}});
            core[AssignmentCore::state].appendText("assigned");
            records.part(Part::parties)[columns::AssignmentParties::sipUri].appendText("sip:anna@acme.example");
        }
        records.complete();
        auto fingerprints = columns::fingerprints(records);
        const auto prepared = node_->lanes.prepare({carrier.shardKey, LaneKind::assignments}, std::move(records),
                                                   std::move(fingerprints));
        const auto written = db_->write(store::recordsWrite(carrier.shardKey, 1), [&](Tx& tx) -> Result<void> {
            TRY(node_->lanes.append(tx, prepared, "test"));
            return {};
        });
        EXPECT_TRUE(written) << written.error().message << written.error().internal;
    }
    WebhookView view(const TestCarrier& carrier, const Id& endpoint) {
        const auto found = findWebhook(node_->desk, carrier.caller, endpoint);
        EXPECT_TRUE(found) << found.error().message;
        return *found;
    }
    void setEnabled(const domain::Caller& caller, const Id& endpoint, bool isEnabled) {
        WebhookChange change;
        change.isEnabled = isEnabled;
        const auto changed = changeWebhook(node_->desk, caller, endpoint, {}, change);
        EXPECT_TRUE(changed) << changed.error().message;
    }
    std::int64_t recover(const TestCarrier& carrier, const Id& endpoint, Instant since,
                         store::Recovered which = store::Recovered::missed) {
        const auto count = recoverWebhook(node_->desk, carrier.caller, endpoint, since, which);
        EXPECT_TRUE(count) << count.error().message;
        return count.value_or(-1);
    }
    // Until nothing waits for a later attempt any more.
    void untilTheScheduleEnds() {
        for (int i = 0; i < 12; ++i) {
            node_->workOff(receiver_);
            clock_.advance(hours(30));
        }
    }
    static std::vector<std::int64_t> numbers(std::int64_t first, std::int64_t last) {
        std::vector<std::int64_t> list;
        for (std::int64_t i = first; i <= last; ++i)
            list.push_back(i);
        return list;
    }

    WebhookLimits limits_;
    SeededRandom random_{99};  // of what happens; each node has dice of its own
    ManualClock clock_{{1'772'323'200'000}};
    store::testing::StatementFindings findings_;
    std::unique_ptr<store::testing::StorePlace> place_;
    std::unique_ptr<store::Db> db_;
    std::unique_ptr<Node> node_;
    Receiver receiver_;
    TestCarrier alp_, bay_;
};
INSTANTIATE_TEST_SUITE_P(Stores, DeliveryOnAStore, MEETPOINT_STORES,
                         store::testing::nameOfCase<::testing::TestParamInfo<StoreEngine>>);

TEST_P(DeliveryOnAStore, EachEventReachesEachEndpointThatWantsItOnce) {
    happen(alp_, 2);  // before there was an endpoint: nobody asked to be told
    const Id all = addEndpoint(alp_), bays = addEndpoint(bay_);
    NewWebhook others;
    others.types = {"webhook.endpoint.disabled"};
    const Id unwanted = addEndpoint(alp_, others);
    happen(alp_, 3);
    happen(bay_, 1);
    EXPECT_EQ(node_->workOff(receiver_), 4u);
    EXPECT_EQ(node_->workOff(receiver_), 0u);
    happen(alp_, 300);
    node_->workOff(receiver_);
    EXPECT_THAT(receiver_.sequencesAt(all), ::testing::UnorderedElementsAreArray(numbers(3, 305)));
    EXPECT_THAT(receiver_.sequencesAt(bays), ElementsAre(1));
    EXPECT_THAT(receiver_.sequencesAt(unwanted), IsEmpty());
    std::set<std::string> ids;
    for (const Message& message : receiver_.taken)
        EXPECT_TRUE(ids.insert(message.id).second);
    const auto backlog = view(alp_, all).backlog;
    EXPECT_EQ(backlog.waiting, 0);
    EXPECT_EQ(backlog.missed.count, 0);
    EXPECT_EQ(view(alp_, unwanted).backlog.waiting, 0);
}

TEST_P(DeliveryOnAStore, AThinEventNamesAndAFullOneIsWhatTheFeedGives) {
    const Id thin = addEndpoint(alp_);
    NewWebhook wanted;
    wanted.payload = "full";
    const Id full = addEndpoint(alp_, wanted);
    happen(alp_, 1);
    node_->workOff(receiver_);
    ASSERT_EQ(receiver_.taken.size(), 2u);
    json::object feed;
    ASSERT_TRUE(db_->read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto slice,
                   node_->lanes.readFrom(tx, {alp_.shardKey, LaneKind::assignments}, 1, 1, store::PartSet::all()));
        const std::vector<std::uint64_t> sequences{1};
        feed = json::parse(formats::toJson(slice.records, 0, {formatId(alp_.id), {}, sequences, slice.storedAt}))
                   .as_object();
        return {};
    }));
    const auto text = [](const json::object& object, std::string_view name) {
        return std::string(object.at(name).as_string().c_str());
    };
    for (const Message& message : receiver_.taken) {
        const json::object& event = message.event;
        EXPECT_EQ(text(event, "specversion"), "1.0");
        EXPECT_EQ(text(event, "type"), "number.assignment.changed");
        EXPECT_EQ(text(event, "source"), std::string(publicUrl) + "/v1/carriers/" + formatId(alp_.id));
        EXPECT_EQ(text(event, "id"), text(feed, "eventId"));
        EXPECT_EQ(text(event, "subject"), text(feed, "numberId"));
        EXPECT_EQ(text(event, "time"), text(feed, "occurredAt"));
        EXPECT_EQ(text(event, "carrierid"), formatId(alp_.id));
        EXPECT_EQ(text(event, "sequence"), "0000000000000000001");
        const json::object& data = event.at("data").as_object();
        if (message.endpoint == full) {
            EXPECT_EQ(data, feed);
            continue;
        }
        EXPECT_EQ(message.endpoint, thin);
        EXPECT_EQ(data.size(), 5u) << json::serialize(data);
        EXPECT_EQ(text(data, "link"), std::string(publicUrl) + "/v1/numbers/" + text(feed, "numberId"));
        const std::string whole = json::serialize(event);
        EXPECT_EQ(whole.find("41446681800"), std::string::npos);
        EXPECT_EQ(whole.find("sip:"), std::string::npos);
    }
}

TEST_P(DeliveryOnAStore, AReceiverThatWasDownGetsEverythingItMissedOnce) {
    const Id dead = addEndpoint(alp_), other = addEndpoint(alp_);
    happen(alp_, 2);
    node_->workOff(receiver_);
    receiver_.status[dead] = 0;
    const Instant down = clock_.now() + seconds(1);
    clock_.advance(minutes(1));
    happen(alp_, 3);
    untilTheScheduleEnds();
    const WebhookView given = view(alp_, dead);
    EXPECT_FALSE(given.endpoint.isEnabled);
    EXPECT_EQ(given.endpoint.disabledReason, disabled::failing);
    EXPECT_TRUE(given.endpoint.failingSince && given.endpoint.disabledAt);
    EXPECT_GE(given.backlog.missed.count, 1);
    EXPECT_EQ(given.backlog.missed.count + given.backlog.waiting, 3);
    EXPECT_THAT(receiver_.typesAt(other), ElementsAre("webhook.endpoint.disabled", "webhook.deliveries.missed"));
    for (const Message& message : receiver_.taken)
        EXPECT_EQ(json::serialize(message.event).find("secret-path"), std::string::npos);

    happen(alp_, 4);
    EXPECT_EQ(node_->workOff(receiver_), 4u) << "the other endpoint's: nothing is sent to one that is disabled";
    EXPECT_EQ(view(alp_, dead).backlog.waiting + view(alp_, dead).backlog.missed.count, 7);

    receiver_.status.clear();
    setEnabled(alp_.caller, dead, true);
    EXPECT_EQ(recover(alp_, dead, down), 4) << "and the event that says so";
    node_->workOff(receiver_);
    EXPECT_THAT(receiver_.sequencesAt(dead), ::testing::UnorderedElementsAreArray(numbers(1, 9))) << "each once";
    EXPECT_THAT(receiver_.sequencesAt(other), ::testing::UnorderedElementsAreArray(numbers(1, 9)));
    EXPECT_THAT(receiver_.typesAt(dead), ElementsAre("webhook.deliveries.missed"));
    EXPECT_THAT(receiver_.typesAt(other),
                ElementsAre("webhook.endpoint.disabled", "webhook.deliveries.missed", "webhook.endpoint.enabled"));
    const WebhookView now = view(alp_, dead);
    EXPECT_EQ(now.backlog.missed.count + now.backlog.waiting, 0);
    EXPECT_FALSE(now.endpoint.failingSince);
    EXPECT_EQ(recover(alp_, dead, down), 0) << "what was delivered is not sent again";
    EXPECT_EQ(node_->workOff(receiver_), 0u);
}

TEST_P(DeliveryOnAStore, AGoneReceiverIsDisabledAtOnceAndItsEventsAreKept) {
    const Id gone = addEndpoint(alp_);
    receiver_.status[gone] = 410;
    happen(alp_, 1);
    EXPECT_EQ(node_->workOff(receiver_), 1u);
    happen(alp_, 5);
    EXPECT_EQ(node_->workOff(receiver_), 0u);
    EXPECT_EQ(view(alp_, gone).endpoint.disabledReason, disabled::gone);
    const auto tested = testWebhook(node_->desk, alp_.caller, gone);
    ASSERT_TRUE(tested);
    receiver_.status.clear();
    EXPECT_EQ(node_->workOff(receiver_), 1u) << "a test may be sent to it";
    EXPECT_THAT(receiver_.typesAt(gone), ElementsAre("webhook.test"));
    EXPECT_FALSE(view(alp_, gone).endpoint.isEnabled);
    setEnabled(alp_.caller, gone, true);
    EXPECT_EQ(recover(alp_, gone, Instant{0}), 2) << "and the event that says that one was missed";
    node_->workOff(receiver_);
    EXPECT_THAT(receiver_.sequencesAt(gone), ::testing::UnorderedElementsAreArray(numbers(1, 6)));
}

TEST_P(DeliveryOnAStore, ReplayIsTheSameMessageAndChangesNoRecord) {
    const Id endpoint = addEndpoint(alp_);
    happen(alp_, 3);
    node_->workOff(receiver_);
    const auto log = readWebhookLog(node_->desk, alp_.caller, endpoint, {{}, {}, 100});
    ASSERT_TRUE(log && log->size() == 3);
    EXPECT_EQ(log->front().delivery.sequence, 3) << "newest first";
    EXPECT_EQ(log->front().attempts.size(), 1u);
    EXPECT_EQ(log->front().attempts[0].status, 200);
    const Id replayed = log->back().delivery.id;
    clock_.advance(hours(1));
    ASSERT_TRUE(replayDelivery(node_->desk, alp_.caller, endpoint, replayed));
    EXPECT_EQ(node_->workOff(receiver_), 1u);
    ASSERT_EQ(receiver_.taken.size(), 4u);
    const auto first = std::ranges::find(receiver_.taken, formatId(replayed), &Message::id);
    EXPECT_EQ(receiver_.taken.back().id, first->id);
    EXPECT_EQ(receiver_.taken.back().event, first->event);
    EXPECT_FALSE(replayDelivery(node_->desk, bay_.caller, endpoint, replayed)) << "another carrier's";
    EXPECT_EQ(recover(alp_, endpoint, Instant{0}, store::Recovered::all), 3);
    receiver_.status[endpoint] = 500;
    EXPECT_GE(node_->workOff(receiver_), 1u);
    EXPECT_EQ(view(alp_, endpoint).backlog.waiting, 3) << "a replay that fails loses nothing";
    receiver_.status.clear();
    clock_.advance(minutes(10));
    node_->workOff(receiver_);
    EXPECT_EQ(receiver_.taken.size(), 7u);
    ASSERT_TRUE(db_->read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto proof, store::verifyLane(tx, node_->lanes, {alp_.shardKey, LaneKind::assignments}));
        EXPECT_EQ(proof.records, 3);
        EXPECT_THAT(proof.faults, IsEmpty());
        return {};
    }));
}

TEST_P(DeliveryOnAStore, WhatWaitsIsBoundedAndTheRestStaysInTheLane) {
    limits_.waitingPerEndpoint = 10;
    node_ = makeNode(2);
    const Id endpoint = addEndpoint(alp_);
    receiver_.status[endpoint] = 503;
    happen(alp_, 35);
    node_->workOff(receiver_);
    const auto log = readWebhookLog(node_->desk, alp_.caller, endpoint, {{}, {}, 100});
    ASSERT_TRUE(log);
    EXPECT_EQ(log->size(), 10u);
    EXPECT_EQ(view(alp_, endpoint).backlog.waiting, 35);
    receiver_.status.clear();
    clock_.advance(minutes(1));
    node_->workOff(receiver_);
    EXPECT_THAT(receiver_.sequencesAt(endpoint), ::testing::UnorderedElementsAreArray(numbers(1, 35)));
}

TEST_P(DeliveryOnAStore, ASlowReceiverHoldsUpNobodyElse) {
    limits_.requestsInFlight = 6;
    limits_.requestsToFailing = 3;
    node_ = makeNode(2);
    const Id slow = addEndpoint(alp_), quick = addEndpoint(alp_), bays = addEndpoint(bay_);
    happen(alp_, 20);
    happen(bay_, 20);
    std::vector<Outgoing> hanging;  // given out and never answered
    for (int round = 0; round < 60; ++round) {
        std::vector<Sent> sent;
        for (const Outgoing& out : node_->look())
            if (out.key.endpointId == slow)
                hanging.push_back(out);
            else
                sent.push_back(receiver_.take(out, clock_.now()));
        node_->settle(std::move(sent));
    }
    EXPECT_EQ(hanging.size(), node_->limits.requestsPerEndpoint);
    EXPECT_EQ(receiver_.sequencesAt(quick).size(), 20u);
    EXPECT_EQ(receiver_.sequencesAt(bays).size(), 20u);
    std::vector<Sent> timedOut;
    for (const Outgoing& out : hanging)
        timedOut.push_back({out.key, out.position, clock_.now(), seconds(15), {}, "client-timeout", {}});
    node_->settle(std::move(timedOut));
    clock_.advance(minutes(1));
    const auto next = node_->look();
    EXPECT_EQ(next.size(), 1u) << "while it fails it is asked one thing at a time";
}

TEST_P(DeliveryOnAStore, ANodeThatEndsLosesNothingAndAnotherGoesOn) {
    const Id endpoint = addEndpoint(alp_);
    happen(alp_, 3);
    const auto sent = node_->look();  // and then the process is killed: nobody notes down what came of it
    ASSERT_FALSE(sent.empty());
    auto fresh = makeNode(7);
    fresh->workOff(receiver_);
    if (db_->isShared()) {
        EXPECT_THAT(receiver_.taken, IsEmpty()) << "the lease is another node's, as far as anybody knows";
        clock_.advance(limits_.lease);
        fresh->workOff(receiver_);
    }
    EXPECT_THAT(receiver_.sequencesAt(endpoint), UnorderedElementsAre(1, 2, 3));
    for (const Outgoing& out : sent)
        for (const auto& [name, value] : out.headers)
            EXPECT_TRUE(name != "webhook-id" || std::ranges::count(receiver_.taken, value, &Message::id) == 1);

    // Its answers come late: they change nothing that has been noted down since.
    std::vector<Sent> late;
    for (const Outgoing& out : sent)
        late.push_back({out.key, out.position, clock_.now(), seconds(1), 500, {}, {}});
    if (db_->isShared()) {
        node_->settle(std::move(late));
        EXPECT_TRUE(node_->done.leaseLost);
    }
    const auto log = readWebhookLog(fresh->desk, alp_.caller, endpoint, {{}, {}, 100});
    ASSERT_TRUE(log);
    for (const auto& logged : *log)
        EXPECT_EQ(logged.delivery.state, DeliveryState::delivered);
}

TEST_P(DeliveryOnAStore, TwoNodesDeliverNothingTwice) {
    const Id alps = addEndpoint(alp_), bays = addEndpoint(bay_);
    auto second = makeNode(7);
    for (int round = 0; round < 20; ++round) {
        happen(round % 3 == 0 ? bay_ : alp_, 1 + round % 4);
        // Both look before either answers.
        const auto one = node_->look(), other = db_->isShared() ? second->look() : std::vector<Outgoing>();
        std::vector<Sent> ones, others;
        for (const Outgoing& out : one)
            ones.push_back(receiver_.take(out, clock_.now()));
        for (const Outgoing& out : other)
            others.push_back(receiver_.take(out, clock_.now()));
        second->settle(std::move(others));
        node_->settle(std::move(ones));
        clock_.advance(seconds(round == 10 ? 100 : 7));
    }
    node_->workOff(receiver_);
    if (db_->isShared()) second->workOff(receiver_);
    std::set<std::string> ids;
    for (const Message& message : receiver_.taken)
        EXPECT_TRUE(ids.insert(message.id).second) << message.sequence << " came twice";
    EXPECT_EQ(receiver_.sequencesAt(alps).size() + receiver_.sequencesAt(bays).size(), ids.size());
    EXPECT_EQ(ids.size(), 50u);
}

TEST_P(DeliveryOnAStore, ADeletedEndpointLeavesNothingBehind) {
    const Id endpoint = addEndpoint(alp_);
    happen(alp_, 2);
    std::vector<Sent> sent;
    for (const Outgoing& out : node_->look())
        sent.push_back(receiver_.take(out, clock_.now()));
    ASSERT_TRUE(deleteWebhook(node_->desk, alp_.caller, endpoint, {}));
    node_->settle(std::move(sent));
    EXPECT_EQ(node_->workOff(receiver_), 0u);
    EXPECT_EQ(findWebhook(node_->desk, alp_.caller, endpoint).error().code, "not-found");
    for (const char* table :
         {"webhook_endpoints", "webhook_cursors", "webhook_secrets", "webhook_deliveries", "webhook_attempts"})
        EXPECT_TRUE(db_->read([&](Tx& tx) {
            return tx.query("SELECT COUNT(*) FROM " + std::string(table), {},
                            [&](const store::Row& row) { EXPECT_EQ(row.integer(0), 0) << table; });
        }));
}

TEST_P(DeliveryOnAStore, ThePlatformDisablesAndNobodyElseUndoesIt) {
    const domain::Caller platform{"platform", domain::Role::platform, {}, {}, {}};
    const Id endpoint = addEndpoint(alp_);
    setEnabled(platform, endpoint, false);
    EXPECT_EQ(view(alp_, endpoint).endpoint.disabledReason, disabled::platform);
    WebhookChange enable, move;
    enable.isEnabled = true;
    move.url = "https://elsewhere.example/";
    EXPECT_EQ(changeWebhook(node_->desk, alp_.caller, endpoint, {}, enable).error().code, "transition-not-allowed");
    EXPECT_EQ(changeWebhook(node_->desk, platform, endpoint, {}, move).error().code, "webhook-owner-only");
    EXPECT_EQ(changeWebhook(node_->desk, bay_.caller, endpoint, {}, enable).error().code, "not-found");
    EXPECT_EQ(changeWebhook(node_->desk, alp_.caller, endpoint, 1, move).error().code, "version-mismatch");
    EXPECT_EQ(testWebhook(node_->desk, alp_.caller, endpoint).error().code, "transition-not-allowed");
    setEnabled(platform, endpoint, true);
    setEnabled(alp_.caller, endpoint, false);
    setEnabled(platform, endpoint, false);
    EXPECT_EQ(view(alp_, endpoint).endpoint.disabledReason, disabled::platform) << "also where it was disabled already";
    for (const auto& refused : {addWebhookSecret(node_->desk, platform, endpoint, SignatureKind::hmac, {}).error(),
                                testWebhook(node_->desk, platform, endpoint).error(),
                                recoverWebhook(node_->desk, platform, endpoint, {}, store::Recovered::all).error()})
        EXPECT_EQ(refused.code, "webhook-owner-only");
}

TEST_P(DeliveryOnAStore, TheLogForgetsWhatWasDeliveredLongAgoAndNothingElse) {
    limits_.retries = {seconds(5)};
    limits_.attemptsKept = 3;
    node_ = makeNode(2);
    const Id endpoint = addEndpoint(alp_);
    happen(alp_, 1);
    receiver_.status[endpoint] = 410;
    node_->workOff(receiver_);
    receiver_.status.clear();
    setEnabled(alp_.caller, endpoint, true);
    happen(alp_, 1);
    for (int i = 0; i < 5; ++i) {
        node_->workOff(receiver_);
        recover(alp_, endpoint, clock_.now() - hours(1), store::Recovered::all);
        clock_.advance(minutes(1));
    }
    node_->workOff(receiver_);
    const auto log = readWebhookLog(node_->desk, alp_.caller, endpoint, {{}, {}, 100});
    ASSERT_TRUE(log);
    for (const auto& logged : *log)
        if (logged.delivery.kind) {
            EXPECT_EQ(logged.attempts.size(), 3u);
            EXPECT_EQ(logged.attempts.back().attempt, logged.delivery.attempts);
        }
    happen(alp_, 1);
    receiver_.status[endpoint] = 410;
    node_->workOff(receiver_);
    clock_.advance(days(31));
    node_->workOff(receiver_);
    const auto left = readWebhookLog(node_->desk, alp_.caller, endpoint, {{}, {}, 100});
    ASSERT_TRUE(left && left->size() == 1);
    EXPECT_EQ(left->front().delivery.state, DeliveryState::failed);
    EXPECT_EQ(left->front().delivery.sequence, 3);
}

TEST_P(DeliveryOnAStore, SecretsRotateWithoutAGap) {
    const Id endpoint = addEndpoint(alp_);
    const auto signatures = [&] {
        happen(alp_, 1);
        std::string header;
        std::vector<Sent> sent;
        for (const Outgoing& out : node_->look()) {
            for (const auto& [name, value] : out.headers)
                if (name == "webhook-signature") header = value;
            sent.push_back(receiver_.take(out, clock_.now()));
        }
        node_->settle(std::move(sent));
        return 1 + std::ranges::count(header, ' ');
    };
    EXPECT_EQ(signatures(), 1);
    const auto rotated =
        addWebhookSecret(node_->desk, alp_.caller, endpoint, SignatureKind::hmac, clock_.now() + hours(24));
    ASSERT_TRUE(rotated);
    EXPECT_EQ(rotated->shown.size(), 1u);
    EXPECT_EQ(signatures(), 2);
    clock_.advance(hours(24));
    EXPECT_EQ(signatures(), 1);
    ASSERT_TRUE(addWebhookSecret(node_->desk, alp_.caller, endpoint, SignatureKind::ed25519, {}));
    EXPECT_EQ(signatures(), 2);
    auto secrets = view(alp_, endpoint).secrets;
    ASSERT_EQ(secrets.size(), 2u);
    EXPECT_TRUE(removeWebhookSecret(node_->desk, alp_.caller, endpoint, secrets[0].id));
    EXPECT_EQ(removeWebhookSecret(node_->desk, alp_.caller, endpoint, secrets[1].id).error().code, "last-secret");
    EXPECT_EQ(removeWebhookSecret(node_->desk, alp_.caller, endpoint, secrets[0].id).error().code, "not-found");
    EXPECT_EQ(signatures(), 1);
}

// Whatever happens, in whatever order and however often: in the end each event has been taken once, and every message
// of one id was the same event.
TEST_P(DeliveryOnAStore, AnyOrderOfAnythingDeliversTheSame) {
    rc::detail::checkGTest([this] {
        begin();
        const Id endpoint = addEndpoint(alp_);
        limits_.waitingPerEndpoint = static_cast<std::size_t>(*rc::gen::inRange(1, 8));
        node_ = makeNode(2);
        std::int64_t happened = 0;
        const int steps = *rc::gen::inRange(1, 25);
        for (int step = 0; step < steps; ++step) {
            const int what = *rc::gen::inRange(0, 8);
            const int count = *rc::gen::inRange(1, 5);
            if (what == 0 || what == 1) {
                happen(alp_, count);
                happened += count;
            } else if (what == 2) {
                receiver_.status[endpoint] = *rc::gen::element<std::int64_t>(200, 500, 0, 301, 410);
            } else if (what == 3) {
                clock_.advance(hours(*rc::gen::inRange(0, 40)));
            } else if (what == 4) {
                node_ = makeNode(random_.next64());  // killed and started again
                clock_.advance(limits_.lease);
            } else if (what == 5) {
                setEnabled(alp_.caller, endpoint, count % 2 == 0);
            } else if (what == 6) {
                node_->look();  // sent, and the answers lost with the process
                node_ = makeNode(random_.next64());
            } else {
                node_->workOff(receiver_);
            }
        }
        receiver_.status.clear();
        setEnabled(alp_.caller, endpoint, true);
        recover(alp_, endpoint, Instant{0});
        for (int i = 0; i < 3; ++i) {  // the lease of a node that is gone passes on
            node_->workOff(receiver_);
            clock_.advance(hours(1));
        }
        RC_ASSERT(view(alp_, endpoint).backlog.waiting == 0);
        auto taken = receiver_.sequencesAt(endpoint);
        std::ranges::sort(taken);
        RC_ASSERT(taken == numbers(1, happened));
        std::map<std::string, json::object> events;
        for (const auto* list : {&receiver_.taken, &receiver_.refused})
            for (const Message& message : *list)
                RC_ASSERT(events.emplace(message.id, message.event).first->second == message.event);
    });
}

}  // namespace
}  // namespace meetpoint::exchange
