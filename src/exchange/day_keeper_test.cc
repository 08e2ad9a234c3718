// Days that keep themselves reconciled, on every kind of store: run once they are over, again only when records came,
// and closed after a time; whichever node does it, and wherever one of them stops.
#include "exchange/day_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exchange/testing/test_node.h"
#include "store/testing/store_fixture.h"

namespace meetpoint::exchange {
namespace {

using columns::LaneKind;
using store::LaneId;
using store::ReconciliationDay;
using store::testing::firstCallAt;
using store::testing::StoreEngine;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Day firstDay = dayOf(firstCallAt);
const Instant firstEnd = startOf(Day{firstDay.number + 1});

TEST(NextDue, ADayIsDueWhenItIsOverAndItsRecordsHadTimeToArrive) {
    const DayKeeperLimits limits;
    const auto due = nextDue({.day = firstDay, .noted = 1}, limits);
    ASSERT_TRUE(due);
    EXPECT_EQ(due->at, firstEnd + limits.settle);
    EXPECT_FALSE(due->isClosing);
}

TEST(NextDue, NotBeforeTheIntervalSinceItsLastRun) {
    const DayKeeperLimits limits;
    const Instant lastRun = firstEnd + hours(5);
    const auto due = nextDue({.day = firstDay, .noted = 2, .runNoted = 1, .lastRunAt = lastRun}, limits);
    ASSERT_TRUE(due);
    EXPECT_EQ(due->at, lastRun + limits.interval);
}

TEST(NextDue, ADayWithoutNewRecordsIsDueOnlyToBeClosed) {
    const DayKeeperLimits limits;
    ReconciliationDay day{.day = firstDay, .noted = 2, .runNoted = 2, .lastRunAt = firstEnd + hours(5)};
    const auto due = nextDue(day, limits);
    ASSERT_TRUE(due);
    EXPECT_EQ(due->at, firstEnd + limits.closeAfter);
    EXPECT_TRUE(due->isClosing);
    day.closedAt = firstEnd + limits.closeAfter;
    EXPECT_FALSE(nextDue(day, limits));
    day.noted = 3;
    ASSERT_TRUE(nextDue(day, limits)) << "late records of a closed day are adjustments";
    EXPECT_FALSE(nextDue(day, limits)->isClosing);
}

TEST(NextDue, ClosingWaitsForNoInterval) {
    const DayKeeperLimits limits;
    const Instant closing = firstEnd + limits.closeAfter;
    const auto due = nextDue({.day = firstDay, .noted = 2, .runNoted = 1, .lastRunAt = closing - minutes(1)}, limits);
    ASSERT_TRUE(due);
    EXPECT_EQ(due->at, closing);
    EXPECT_TRUE(due->isClosing);
}

struct Node : testing::TestNode {
    Node(store::Db& db, Instant now, std::uint64_t seed)
        : TestNode(db, now, seed), keeper(services, limits, keeping, [this] { return stops(); }) {}

    // Everything that is due now, added up.
    DaysKept workOff() {
        DaysKept all;
        testing::workOff(keeper, [&](const DaysKept& kept) {
            all.runs += kept.runs;
            all.closed += kept.closed;
            all.changed += kept.changed;
        });
        return all;
    }

    Limits limits;
    DayKeeperLimits keeping;
    DayKeeper keeper;
};

class DaysOnAStore : public store::testing::StoreFixture {
protected:
    DaysOnAStore() : StoreFixture(firstEnd) {}
    void SetUp() override {
        StoreFixture::SetUp();
        if (!isOpen()) return;
        node_ = std::make_unique<Node>(*db_, firstEnd, 1);
        carrier_ = node_->addCarrier(Id{{7}}, "Alp Telecom");
    }

    LaneId calls() const { return {carrier_.shardKey, LaneKind::calls}; }
    // Days on which runs found items, and in how many runs.
    std::map<Day, std::size_t> runsWithItems() {
        std::map<Day, std::size_t> runs;
        EXPECT_TRUE(db_->read([&](store::Tx& tx) -> Result<void> {
            for (std::int32_t day = firstDay.number - 3; day < firstDay.number + 5; ++day) {
                TRY_ASSIGN(const auto list, store::listRuns(tx, carrier_.shardKey, Day{day}));
                for (const auto& run : list)
                    if (run.items > 0) ++runs[Day{day}];
            }
            return {};
        }));
        return runs;
    }
    ReconciliationDay day(Day wanted) {
        ReconciliationDay found;
        EXPECT_TRUE(db_->read([&](store::Tx& tx) -> Result<void> {
            TRY_ASSIGN(found, store::findDay(tx, carrier_.shardKey, wanted));
            return {};
        }));
        return found;
    }

    std::unique_ptr<Node> node_;
    store::Carrier carrier_;
};
INSTANTIATE_TEST_SUITE_P(Stores, DaysOnAStore, MEETPOINT_STORES,
                         store::testing::nameOfCase<::testing::TestParamInfo<StoreEngine>>);

TEST_P(DaysOnAStore, ADayIsRunOnceAndAgainOnlyWhenRecordsCame) {
    node_->append(calls(), {{1}, {2}, {3}});
    node_->workOff();
    EXPECT_THAT(runsWithItems(), IsEmpty()) << "its records may still be on their way";
    node_->clock.advance(node_->keeping.settle);
    EXPECT_EQ(node_->workOff().changed, 3);
    EXPECT_EQ(runsWithItems()[firstDay], 1u);
    EXPECT_FALSE(day(firstDay).isStale());
    node_->clock.advance(hours(2));
    EXPECT_EQ(node_->workOff().runs, 0u);

    node_->append(calls(), {{4}});
    EXPECT_EQ(node_->workOff().changed, 1);
    EXPECT_EQ(runsWithItems()[firstDay], 2u);
}

TEST_P(DaysOnAStore, RunsOfADayKeepTheirDistance) {
    node_->append(calls(), {{1}});
    node_->clock.advance(node_->keeping.settle);
    node_->workOff();
    for (int id = 2; id < 6; ++id) {
        node_->append(calls(), {{id}});
        node_->clock.advance(minutes(2));
        EXPECT_EQ(node_->workOff().changed, 0) << id;
        EXPECT_TRUE(day(firstDay).isStale());
    }
    node_->clock.advance(node_->keeping.interval);
    EXPECT_EQ(node_->workOff().changed, 4) << "all in one run";
    EXPECT_EQ(runsWithItems()[firstDay], 2u);
}

TEST_P(DaysOnAStore, ALateRecordMakesItsDayStaleAndThoseBesideItAlone) {
    constexpr int minutesOfFourDays = 4 * 1'440;
    node_->append(calls(), {{1}, {1 + minutesOfFourDays}});
    node_->workOff();
    std::vector<std::int32_t> noted;
    for (std::int32_t after = -2; after <= 6; ++after)
        if (day(Day{firstDay.number + after}).noted > 0) noted.push_back(after);
    EXPECT_THAT(noted, ElementsAre(-1, 0, 1, 3, 4, 5));
    node_->clock.advance(minutes(2));
    node_->append(calls(), {{2 + minutesOfFourDays}});
    node_->workOff();
    EXPECT_EQ(day(firstDay).noted, 1);
    EXPECT_EQ(day(Day{firstDay.number + 4}).noted, 2);
}

TEST_P(DaysOnAStore, RecordsThatComeWithoutAPauseAreNotedNowAndThen) {
    for (int id = 1; id < 6; ++id) {
        node_->append(calls(), {{id}});
        node_->workOff();
    }
    EXPECT_EQ(day(firstDay).noted, 1) << "not with every upload";
    node_->clock.advance(node_->keeping.look);
    node_->workOff();
    EXPECT_EQ(day(firstDay).noted, 2);
}

TEST_P(DaysOnAStore, ADayIsClosedAndWhatComesThenIsAnAdjustment) {
    node_->append(calls(), {{1}, {2}});
    node_->clock.advance(node_->keeping.settle);
    node_->workOff();
    node_->clock.advance(node_->keeping.closeAfter);
    EXPECT_GE(node_->workOff().closed, 1u);
    const auto closed = day(firstDay);
    ASSERT_TRUE(closed.closedAt && closed.closedRun);
    EXPECT_EQ(runsWithItems()[firstDay], 1u) << "a day without new records needs no last run";

    node_->append(calls(), {{3}});
    node_->clock.advance(hours(1));
    EXPECT_EQ(node_->workOff().changed, 1);
    EXPECT_EQ(day(firstDay).closedRun, closed.closedRun);
}

TEST_P(DaysOnAStore, AnotherNodeGoesOnWhereOneStops) {
    node_->append(calls(), {{1}, {2}});
    node_->clock.advance(node_->keeping.settle);
    std::int64_t changed = 0;
    for (int stops = 1; changed == 0 && stops < 100; ++stops) {
        Node next(*db_, node_->clock.now(), 10 + static_cast<std::uint64_t>(stops));
        next.stopsAfter = stops;
        changed += next.workOff().changed;
    }
    EXPECT_EQ(changed, 2);
    Node other(*db_, node_->clock.now(), 2);
    EXPECT_EQ(other.workOff().changed, 0);
    EXPECT_EQ(runsWithItems()[firstDay], 1u);
}

}  // namespace
}  // namespace meetpoint::exchange
