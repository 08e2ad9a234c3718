// Delivery statements on every kind of store: an hour is stated whole, once, and nothing is stored in it afterwards,
// whatever the clocks of nodes say and wherever one of them stops.
#include "exchange/statements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "exchange/testing/test_node.h"
#include "formats/statement_sum.h"
#include "formats/writer.h"
#include "store/lane_verifier.h"
#include "store/testing/store_fixture.h"

namespace meetpoint::exchange {
namespace {

using columns::LaneKind;
using store::LaneId;
using store::Tx;
using store::testing::Call;
using store::testing::StoreEngine;

constexpr Instant firstHour{store::testing::firstCallAt.ms - store::testing::firstCallAt.ms % 3'600'000};

struct Node : testing::TestNode {
    Node(store::Db& db, Instant now, std::uint64_t seed, StatementLimits limits = {})
        : TestNode(db, now, seed), maker(services, limits, [this] { return stops(); }) {}

    // Everything that is due now; gives the hours that were stated.
    std::size_t workOff() {
        std::size_t hours = 0;
        testing::workOff(maker, [&](const StatementsMade& made) { hours += made.hours; });
        return hours;
    }

    StatementMaker maker;
};

class StatementsOnAStore : public store::testing::StoreFixture {
protected:
    StatementsOnAStore() : StoreFixture(firstHour) {}
    void SetUp() override {
        StoreFixture::SetUp();
        if (!isOpen()) return;
        node_ = std::make_unique<Node>(*db_, firstHour, 1);
        newLane();
    }

    // A carrier without records.
    void newLane() {
        const store::Carrier carrier =
            node_->addCarrier(makeId(clock_, random_), "Carrier " + std::to_string(++carriers_));
        carrierId_ = carrier.id;
        lane_ = {carrier.shardKey, LaneKind::calls};
    }
    std::vector<store::Statement> statements() {
        std::vector<store::Statement> out;
        EXPECT_TRUE(db_->read([&](Tx& tx) -> Result<void> {
            TRY_ASSIGN(out, store::listStatements(tx, lane_, {INT64_MIN}, {INT64_MAX}, 1'000'000));
            return {};
        }));
        return out;
    }
    // What a follower of the feed got, by hour of storing: the sum of what statements say.
    std::map<std::int64_t, std::pair<std::int64_t, std::string>> received() {
        std::map<std::int64_t, formats::StatementSum> sums;
        std::map<std::int64_t, std::int64_t> counts;
        EXPECT_TRUE(db_->read([&](Tx& tx) -> Result<void> {
            TRY_ASSIGN(const auto head, node_->lanes.head(tx, lane_));
            for (std::int64_t at = 1; at < head.nextSequence;) {
                TRY_ASSIGN(auto slice, node_->lanes.readFrom(tx, lane_, at, 1000, store::PartSet::all()));
                EXPECT_TRUE(std::ranges::is_sorted(slice.storedAt));
                at = slice.sequences.back() + 1;
                store::LaneSlice seen = slice;
                // Nothing of these calls is masked; only what is no carrier's is left out.
                for (std::size_t i = 0; i < seen.records.part(columns::Part::internal).columnCount(); ++i) {
                    columns::Column empty(seen.records.part(columns::Part::internal)[i].field());
                    for (std::size_t row = 0; row < seen.sequences.size(); ++row)
                        empty.appendNull();
                    seen.records.part(columns::Part::internal)[i] = std::move(empty);
                }
                const std::vector<std::uint64_t> sequences(seen.sequences.begin(), seen.sequences.end());
                const std::string carrier = formatId(carrierId_);
                const formats::RecordWriter writer(seen.records, {carrier, {}, sequences, seen.storedAt});
                for (std::size_t row = 0; row < sequences.size(); ++row) {
                    const std::int64_t hour = seen.storedAt[row].ms / 3'600'000;
                    std::string line;
                    writer.appendJson(row, line);
                    sums[hour].add(line);
                    ++counts[hour];
                }
            }
            return {};
        }));
        std::map<std::int64_t, std::pair<std::int64_t, std::string>> out;
        for (const auto& [hour, sum] : sums)
            out[hour] = {counts[hour], toHex(sum.value())};
        return out;
    }
    std::map<std::int64_t, std::pair<std::int64_t, std::string>> stated() {
        std::map<std::int64_t, std::pair<std::int64_t, std::string>> out;
        std::int64_t next = 1;
        for (const store::Statement& statement : statements()) {
            EXPECT_EQ(statement.firstSequence, next) << "statements leave no record out";
            next = statement.lastSequence + 1;
            out[statement.hour.ms / 3'600'000] = {statement.lastSequence - statement.firstSequence + 1,
                                                  toHex(statement.contentHash)};
        }
        return out;
    }

    SeededRandom random_{44};
    int carriers_ = 0;
    Id carrierId_;
    LaneId lane_;
    std::unique_ptr<Node> node_;
};
INSTANTIATE_TEST_SUITE_P(Stores, StatementsOnAStore, MEETPOINT_STORES,
                         store::testing::nameOfCase<::testing::TestParamInfo<StoreEngine>>);

TEST_P(StatementsOnAStore, NothingIsStoredInAnHourThatIsStated) {
    node_->append(lane_, {{1}, {2}});
    node_->clock.advance(hours(1));
    EXPECT_EQ(node_->workOff(), 1u);
    const auto before = stated();
    // Another node, whose clock is 5 s behind, has not heard the hour strike.
    Node slow(*db_, firstHour + minutes(60) - seconds(5), 2);
    slow.append(lane_, {{3}});
    slow.clock.advance(hours(1));
    node_->clock.advance(hours(1));
    EXPECT_EQ(node_->workOff() + slow.workOff(), 1u);
    auto after = stated();
    EXPECT_EQ(after.size(), 2u);
    EXPECT_EQ(after, received());
    EXPECT_EQ(after.begin()->second, before.begin()->second);
}

TEST_P(StatementsOnAStore, AnHourThatWasLeftHalfDoneIsBegunAnew) {
    std::vector<Call> calls;
    for (int id = 0; id < 9'000; ++id)
        calls.push_back({id, 1, id % 50});
    node_->append(lane_, calls);
    node_->clock.advance(hours(1));
    std::size_t made = 0;
    for (int stops = 1; made == 0; ++stops) {
        node_->stopsAfter = stops;
        made = node_->workOff();
        EXPECT_EQ(statements().size(), made);
    }
    EXPECT_EQ(stated(), received());
}

// Appends by two nodes whose clocks differ, at any pace, and statements made by either between them.
TEST_P(StatementsOnAStore, SayWhatAFollowerOfTheFeedReceived) {
    const auto property = [&] {
        newLane();
        StatementLimits small;
        small.entriesPerRead = 3;
        small.hoursPerTurn = 2;
        node_ = std::make_unique<Node>(*db_, firstHour, 1, small);
        Node other(*db_, firstHour - seconds(90), 2, small);
        std::map<std::int64_t, std::pair<std::int64_t, std::string>> known;
        const int steps = *rc::gen::inRange(1, 24);
        for (int step = 0; step < steps; ++step) {
            Node& node = *rc::gen::arbitrary<bool>() ? *node_ : other;
            std::vector<Call> calls;
            for (const int id :
                 *rc::gen::container<std::vector<int>>(*rc::gen::inRange<std::size_t>(0, 4), rc::gen::inRange(1, 30)))
                calls.push_back({id, *rc::gen::inRange(1, 5), id});
            if (!calls.empty()) node.append(lane_, calls);
            const auto pause = minutes(*rc::gen::element(0, 0, 1, 20, 61, 60 * 7));
            node_->clock.advance(pause);
            other.clock.advance(pause);
            if (*rc::gen::inRange(0, 3) == 0) (*rc::gen::arbitrary<bool>() ? *node_ : other).workOff();
            for (const auto& [hour, said] : known)
                RC_ASSERT(stated().at(hour) == said);
            known = stated();
        }
        node_->clock.advance(hours(2));
        node_->workOff();
        RC_ASSERT(stated() == received());
    };
    EXPECT_TRUE(rc::check("statements and the feed agree", property));
}

}  // namespace
}  // namespace meetpoint::exchange
