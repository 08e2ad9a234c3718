// Many readings on every kind of store: they give the same, however many threads read and whatever is merged meanwhile.
#include "exchange/shared_reading.h"

#include <atomic>

#include <gtest/gtest.h>

#include "columns/content_hash.h"
#include "exchange/lane_sweep.h"
#include "exchange/ledger_cache.h"
#include "exchange/upkeep.h"
#include "store/testing/call_records.h"
#include "store/testing/test_store.h"

namespace meetpoint::exchange {
namespace {

using columns::LaneKind;
using store::LaneSlice;
using store::Tx;
using store::testing::Call;
using store::testing::StoreEngine;

constexpr store::LaneId lane{1, LaneKind::calls};
constexpr int callsPerBlock = 3, blockCount = 60;

class SharedReading : public ::testing::TestWithParam<StoreEngine> {
protected:
    void SetUp() override {
        if (!store::testing::isAvailable(GetParam())) GTEST_SKIP() << "MEETPOINT_TEST_POSTGRES names no server";
        place_ = std::make_unique<store::testing::StorePlace>(GetParam());
        auto opened = place_->open(clock_);
        ASSERT_TRUE(opened) << opened.error().message << opened.error().internal;
        db_ = std::move(*opened);
        for (int block = 0; block < blockCount; ++block)
            append(block);
    }

    void append(int block) {
        std::vector<Call> calls;
        for (int i = 0; i < callsPerBlock; ++i)
            calls.push_back({block * callsPerBlock + i, 1, 10});
        auto records = store::testing::recordsOf(calls);
        auto fingerprints = columns::fingerprints(records);
        const auto prepared = lanes_.prepare(lane, std::move(records), std::move(fingerprints));
        const auto written = db_->write(store::recordsWrite(lane.shardKey, calls.size()), [&](Tx& tx) -> Result<void> {
            TRY(lanes_.append(tx, prepared, "test"));
            return {};
        });
        ASSERT_TRUE(written) << written.error().message << written.error().internal;
    }
    void mergeEverything(const Services& services) {
        clock_.advance(hours(1));
        UpkeepLimits limits;
        limits.blocks = {minutes(10), 16, 2};
        Upkeep upkeep(services, limits);
        for (bool more = true; more;) {
            const auto passed = upkeep.pass([](const UpkeepDone&) {});
            ASSERT_TRUE(passed) << passed.error().message << passed.error().internal;
            more = *passed;
        }
    }
    // The first and the last record of each block, from its place on.
    static Result<std::vector<LaneSlice>> readEnds(const Services& services, Tx& tx) {
        const std::vector<std::uint32_t> rows{0, callsPerBlock - 1};
        std::vector<std::optional<LaneSlice>> slices(blockCount);
        TRY(readTogether(services, tx, blockCount, [&](Tx& own, std::size_t block) -> Result<void> {
            const auto first = static_cast<std::int64_t>(block) * callsPerBlock + 1;
            TRY_ASSIGN(slices[block], store::readRows(own, lane, first, rows, store::PartSet::all()));
            return {};
        }));
        std::vector<LaneSlice> out;
        for (auto& slice : slices)
            out.push_back(std::move(*slice));
        return out;
    }

    ManualClock clock_{store::testing::firstCallAt};
    SeededRandom random_{3};
    store::Lanes lanes_{KeyedHash({1, 2, 3}), clock_};
    LedgerCache ledger_;
    std::unique_ptr<store::testing::StorePlace> place_;
    std::unique_ptr<store::Db> db_;
};

TEST_P(SharedReading, GivesTheSameHoweverManyReadAndWhateverIsMergedMeanwhile) {
    for (const std::size_t most : {0u, 1u, 3u}) {
        SCOPED_TRACE(most);
        SweepHelpers helpers(most);
        const Services services{*db_, lanes_, ledger_, clock_, random_, StoreKind::sandbox, &helpers};
        std::vector<LaneSlice> slices;
        const auto read = db_->read([&](Tx& tx) -> Result<void> {
            TRY(lanes_.head(tx, lane));  // from here on this transaction sees nothing new
            if (most == 3) mergeEverything(services);
            TRY_ASSIGN(slices, readEnds(services, tx));
            return {};
        });
        ASSERT_TRUE(read) << read.error().message << read.error().internal;
        ASSERT_EQ(slices.size(), static_cast<std::size_t>(blockCount));
        for (int block = 0; block < blockCount; ++block) {
            const LaneSlice& slice = slices[static_cast<std::size_t>(block)];
            const std::int64_t first = block * callsPerBlock + 1;
            EXPECT_EQ(slice.sequences, (std::vector<std::int64_t>{first, first + callsPerBlock - 1}));
            const auto calls = store::testing::callsOf(slice.records);
            ASSERT_EQ(calls.size(), 2u);
            EXPECT_EQ(calls[0].id, block * callsPerBlock);
            EXPECT_EQ(calls[1].id, block * callsPerBlock + callsPerBlock - 1);
        }
        EXPECT_EQ(helpers.take(100), most) << "all were given back";
    }
}

TEST_P(SharedReading, WhatFailsEverywhereIsItsError) {
    SweepHelpers helpers(2);
    const Services services{*db_, lanes_, ledger_, clock_, random_, StoreKind::sandbox, &helpers};
    std::atomic<int> calls = 0;
    const auto read = db_->read([&](Tx& tx) {
        return readTogether(services, tx, 100, [&](Tx&, std::size_t at) -> Result<void> {
            ++calls;
            if (at == 40) return fail(invalidInput("bad-value", "enough"));
            return {};
        });
    });
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().message, "enough");
    EXPECT_LE(calls.load(), 101);
    EXPECT_EQ(helpers.take(100), 2u) << "all were given back";
}

INSTANTIATE_TEST_SUITE_P(Stores, SharedReading, MEETPOINT_STORES,
                         store::testing::nameOfCase<::testing::TestParamInfo<StoreEngine>>);

}  // namespace
}  // namespace meetpoint::exchange
