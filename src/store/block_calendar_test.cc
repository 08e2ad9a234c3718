// The calendar of blocks and their filters: what a search reads first.
#include "store/block_calendar.h"

#include <map>

#include <gtest/gtest.h>

#include "columns/content_hash.h"
#include "store/lane_verifier.h"
#include "store/lanes.h"
#include "store/testing/call_records.h"
#include "store/testing/test_store.h"

namespace meetpoint::store {
namespace {

using columns::LaneKind;
using testing::Call;

constexpr LaneId lane{1, LaneKind::calls};
using Places = std::vector<BlockPlace>;

class Calendar : public ::testing::TestWithParam<testing::StoreEngine> {
protected:
    void SetUp() override {
        if (!testing::isAvailable(GetParam())) GTEST_SKIP() << "MEETPOINT_TEST_POSTGRES names no server";
        place_ = std::make_unique<testing::StorePlace>(GetParam());
        db_ = *place_->open(clock_);
        lanes_ = std::make_unique<Lanes>(KeyedHash({1, 2, 3}), clock_, KeyIndexLimits{},
                                         BlockFilterLimits{.cachedBytes = 64, .blocksPerQuery = 2});
    }

    // A block of calls, at these minutes after the first.
    void append(const std::vector<int>& minutesAfter) {
        std::vector<Call> calls;
        for (std::size_t i = 0; i < minutesAfter.size(); ++i)
            calls.push_back({++calls_, 1, 10});
        columns::Records records = testing::recordsOf(calls);
        for (std::size_t row = 0; row < minutesAfter.size(); ++row)
            records.part(columns::Part::core)[columns::CallCore::invitedAt].set<std::int64_t>(
                row, (testing::firstCallAt + minutes(minutesAfter[row])).ms);
        auto fingerprints = columns::fingerprints(records);
        const auto prepared = lanes_->prepare(lane, std::move(records), std::move(fingerprints));
        write([&](Tx& tx) -> Result<void> {
            TRY(lanes_->append(tx, prepared, "test"));
            return {};
        });
    }
    void write(const TxFunction& work) {
        const auto written = db_->write(recordsWrite(lane.shardKey, 10), work);
        ASSERT_TRUE(written) << written.error().message << written.error().internal;
    }
    Places within(int from, int to) {
        Places places;
        EXPECT_TRUE(db_->read([&](Tx& tx) -> Result<void> {
            TRY_ASSIGN(places, blocksWithin(tx, lane, testing::firstCallAt + minutes(from),
                                            testing::firstCallAt + minutes(to)));
            return {};
        }));
        return places;
    }
    std::vector<std::string> faults() {
        std::vector<std::string> faults;
        EXPECT_TRUE(db_->read([&](Tx& tx) -> Result<void> {
            TRY_ASSIGN(const auto proof, verifyLane(tx, *lanes_, lane));
            faults = proof.faults;
            return {};
        }));
        return faults;
    }
    // As a program that knows no calendar would have written it.
    void forgetCalendar(std::int64_t first) {
        write([&](Tx& tx) -> Result<void> {
            TRY(
                tx.execute("UPDATE blocks SET calendar_days = NULL WHERE shard_key = $1 AND kind = $2 AND "
                           "first_sequence = $3",
                           {lane.shardKey, lane.kindNumber(), first}));
            TRY(tx.execute("DELETE FROM block_days WHERE shard_key = $1 AND kind = $2 AND first_sequence = $3",
                           {lane.shardKey, lane.kindNumber(), first}));
            return {};
        });
    }

    std::uint64_t numberOf(int call) const { return columns::numberHash(testing::ownNumberOf(call), lanes_->secret()); }
    std::uint64_t hashOf(int call) const {
        return columns::signallingIdHash(testing::correlationIdOf(call), lanes_->secret());
    }
    // Where a call's own number is within minutes after the first, as lanes that have read nothing yet say: the rows of
    // each block by its first sequence.
    std::map<std::int64_t, std::optional<std::vector<std::uint32_t>>> rowsOf(int call, int from, int to) {
        std::map<std::int64_t, std::optional<std::vector<std::uint32_t>>> rows;
        BlockFilters filters;
        EXPECT_TRUE(db_->read([&](Tx& tx) -> Result<void> {
            TRY_ASSIGN(const auto places, blocksWithin(tx, lane, {0}, {INT64_MAX}));
            TRY_ASSIGN(auto found,
                       filters.rowsOfNumber(tx, lane, places, numberOf(call), testing::firstCallAt + minutes(from),
                                            testing::firstCallAt + minutes(to)));
            for (BlockRows& where : found)
                rows[where.block.first] = std::move(where.rows);
            return {};
        }));
        return rows;
    }
    Places mayHold(int call) {
        Places places;
        BlockFilters filters;
        EXPECT_TRUE(db_->read([&](Tx& tx) -> Result<void> {
            TRY_ASSIGN(const auto all, blocksWithin(tx, lane, {0}, {INT64_MAX}));
            TRY_ASSIGN(places, filters.thatMayHold(tx, lane, all, {{hashOf(call)}}));
            return {};
        }));
        return places;
    }
    // As in blocks that were there before own numbers were told.
    void forgetOwnNumbers() {
        write([&](Tx& tx) -> Result<void> {
            TRY(tx.execute("UPDATE block_filters SET own_numbers = NULL WHERE shard_key = $1 AND kind = $2",
                           {lane.shardKey, lane.kindNumber()}));
            return {};
        });
    }

    ManualClock clock_{testing::firstCallAt};
    std::unique_ptr<testing::StorePlace> place_;
    std::unique_ptr<Db> db_;
    std::unique_ptr<Lanes> lanes_;
    int calls_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Stores, Calendar, MEETPOINT_STORES,
                         testing::nameOfCase<::testing::TestParamInfo<testing::StoreEngine>>);

TEST_P(Calendar, ALateRecordDoesNotStretchItsBlockOverAllBetween) {
    append({3'000, 3'001, 0});
    append({10, 20});
    EXPECT_EQ(within(0, 1), (Places{{1, 3}}));
    EXPECT_EQ(within(2, 2'998), (Places{{4, 2}})) << "the late one's block has nothing in between";
    EXPECT_EQ(within(10, 11), (Places{{4, 2}}));
    EXPECT_EQ(within(12, 19), Places());
    EXPECT_EQ(within(3'001, 9'000), (Places{{1, 3}}));
    EXPECT_EQ(within(-100'000'000, 100'000'000), (Places{{1, 3}, {4, 2}})) << "by the directory";
    EXPECT_EQ(within(20, 20), Places());
    EXPECT_EQ(faults(), std::vector<std::string>());
}

TEST_P(Calendar, ABlockOfAnOlderProgramIsFoundByItsFirstAndLastTime) {
    append({0, 3'000});
    append({5});
    forgetCalendar(1);
    EXPECT_EQ(within(100, 200), (Places{{1, 2}})) << "perhaps";
    EXPECT_EQ(within(5, 6), (Places{{1, 2}, {3, 1}}));
    EXPECT_EQ(within(3'001, 4'000), Places());
    EXPECT_EQ(faults(), std::vector<std::string>()) << "that is no fault";
}

TEST_P(Calendar, WhatItShowsWronglyIsAFault) {
    append({0, 1});
    write([&](Tx& tx) -> Result<void> {
        TRY(tx.execute("DELETE FROM block_days WHERE shard_key = $1 AND kind = $2",
                       {lane.shardKey, lane.kindNumber()}));
        return {};
    });
    EXPECT_EQ(faults(), (std::vector<std::string>{"the calendar does not show block 1 where its records are"}));
}

TEST_P(Calendar, ABlockOfManyDaysIsNotInIt) {
    std::vector<int> everyDay;
    for (int day = 0; day <= static_cast<int>(columns::mostCalendarDays); ++day)
        everyDay.push_back(day * columns::minutesPerDay);
    append(everyDay);
    EXPECT_EQ(within(1'000, 1'001), (Places{{1, static_cast<std::int64_t>(everyDay.size())}}));
    EXPECT_EQ(faults(), std::vector<std::string>());
}

TEST_P(Calendar, FiltersExcludeBlocksAndForgetWhatIsTooMuch) {
    for (int block = 0; block < 9; ++block)
        append({block, block + 1});
    const auto ask = [&](std::vector<std::uint64_t> hashes) {
        Places held;
        EXPECT_TRUE(db_->read([&](Tx& tx) -> Result<void> {
            TRY_ASSIGN(auto places, blocksWithin(tx, lane, testing::firstCallAt, testing::firstCallAt + hours(1)));
            places.insert(places.begin() + 3, BlockPlace{6, 1});  // where no block lies
            TRY_ASSIGN(held, lanes_->filters().thatMayHold(tx, lane, places, hashes));
            return {};
        }));
        return held;
    };
    for (int round = 0; round < 2; ++round)
        for (int call = 1; call <= 18; ++call)
            EXPECT_EQ(ask({hashOf(call)}), (Places{{(call - 1) / 2 * 2 + 1, 2}})) << call;
    EXPECT_EQ(ask({hashOf(3), hashOf(4)}), (Places{{3, 2}})) << "all of them";
    EXPECT_EQ(ask({hashOf(3), hashOf(5)}), Places());
    EXPECT_EQ(ask({hashOf(99)}), Places());
    EXPECT_EQ(ask({}).size(), 9u);
}

using Rows = std::map<std::int64_t, std::optional<std::vector<std::uint32_t>>>;

TEST_P(Calendar, SaysInWhichRowsAnOwnNumberIs) {
    append({0, 1, 2});
    append({3'000, 3'001, 3'002});
    EXPECT_EQ(rowsOf(2, 0, 9'000), (Rows{{1, {{1}}}}));
    EXPECT_EQ(rowsOf(6, 0, 9'000), (Rows{{4, {{2}}}}));
    EXPECT_EQ(rowsOf(6, 0, 2'000), Rows()) << "not within that time";
    EXPECT_EQ(rowsOf(99, 0, 9'000), Rows());
    EXPECT_EQ(faults(), std::vector<std::string>());
}

TEST_P(Calendar, BlocksThatDoNotTellOwnNumbersMayHoldThemAnywhere) {
    append({0, 1});
    append({2, 3});
    forgetOwnNumbers();
    EXPECT_EQ(rowsOf(3, 0, 10), (Rows{{1, std::nullopt}, {3, std::nullopt}})) << "any of them, in any row";
    EXPECT_EQ(faults(), std::vector<std::string>()) << "that is no fault";
}

TEST_P(Calendar, FiltersThatAreDamagedExcludeNothing) {
    append({0, 1});
    write([&](Tx& tx) -> Result<void> {
        TRY(tx.execute("UPDATE block_filters SET filter = $1, own_numbers = $1", {ByteView(Bytes{1, 2, 3})}));
        return {};
    });
    EXPECT_EQ(mayHold(99), (Places{{1, 2}}));
    EXPECT_EQ(rowsOf(99, 0, 10), (Rows{{1, std::nullopt}}));
}

TEST_P(Calendar, OwnNumbersInOtherRowsThanTheyAreAreAFault) {
    append({0, 1});
    append({2, 3});
    write([&](Tx& tx) -> Result<void> {
        TRY(
            tx.execute("UPDATE block_filters SET own_numbers = (SELECT other.own_numbers FROM block_filters AS other "
                       "WHERE other.first_sequence = 1) WHERE first_sequence = 3"));
        return {};
    });
    EXPECT_EQ(faults(),
              (std::vector<std::string>{"the filters of block 3 show own numbers in other rows than they are"}));
}

}  // namespace
}  // namespace meetpoint::store
