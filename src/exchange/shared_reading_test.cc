// Many readings on every kind of store: they give the same, however many threads read and whatever is merged meanwhile.
#include "exchange/shared_reading.h"

#include <atomic>

#include <gtest/gtest.h>

#include "exchange/lane_sweep.h"
#include "exchange/testing/test_node.h"
#include "exchange/upkeep.h"
#include "store/testing/store_fixture.h"

namespace meetpoint::exchange {
namespace {

using columns::LaneKind;
using store::LaneSlice;
using store::Tx;
using store::testing::Call;
using store::testing::StoreEngine;

constexpr store::LaneId lane{1, LaneKind::calls};
constexpr int callsPerBlock = 3, blockCount = 60;

class SharedReading : public store::testing::StoreFixture {
protected:
    SharedReading() : StoreFixture(store::testing::firstCallAt) {}
    void SetUp() override {
        StoreFixture::SetUp();
        if (!isOpen()) return;
        node_.emplace(*db_, clock_.now(), 3);
        for (int block = 0; block < blockCount; ++block) {
            std::vector<Call> calls;
            for (int i = 0; i < callsPerBlock; ++i)
                calls.push_back({block * callsPerBlock + i, 1, 10});
            node_->append(lane, calls);
        }
    }

    // The node's services, with threads that help.
    Services servicesWith(SweepHelpers& helpers) {
        return {*db_, node_->lanes, node_->ledger, node_->clock, node_->random, StoreKind::sandbox, &helpers};
    }
    void mergeEverything() {
        node_->clock.advance(hours(1));
        UpkeepLimits limits;
        limits.blocks = {minutes(10), 16, 2};
        Upkeep upkeep(node_->services, limits);
        testing::workOff(upkeep, [](const UpkeepDone&) {});
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

    std::optional<testing::TestNode> node_;
};

TEST_P(SharedReading, GivesTheSameHoweverManyReadAndWhateverIsMergedMeanwhile) {
    for (const std::size_t most : {0u, 1u, 3u}) {
        SCOPED_TRACE(most);
        SweepHelpers helpers(most);
        const Services services = servicesWith(helpers);
        std::vector<LaneSlice> slices;
        const auto read = db_->read([&](Tx& tx) -> Result<void> {
            TRY(node_->lanes.head(tx, lane));  // from here on this transaction sees nothing new
            if (most == 3) mergeEverything();
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
    const Services services = servicesWith(helpers);
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
