// Sweeps on every kind of store: one state is read, whoever reads it and whatever happens meanwhile.
#include "exchange/lane_sweep.h"

#include <mutex>

#include <gtest/gtest.h>

#include "exchange/testing/test_node.h"
#include "exchange/upkeep.h"
#include "store/testing/store_fixture.h"

namespace meetpoint::exchange {
namespace {

using columns::CallCore;
using columns::LaneKind;
using store::Tx;
using store::testing::Call;
using store::testing::StoreEngine;

constexpr store::LaneId lane{1, LaneKind::calls};

columns::ColumnSet only(std::initializer_list<CallCore> columns) {
    columns::ColumnSet set;
    for (const CallCore column : columns) {
        set.wanted.resize(std::max(set.wanted.size(), static_cast<std::size_t>(column) + 1));
        set.wanted[static_cast<std::size_t>(column)] = true;
    }
    return set;
}

class LaneSweep : public store::testing::StoreFixture {
protected:
    LaneSweep() : StoreFixture(store::testing::firstCallAt) {}
    void SetUp() override {
        StoreFixture::SetUp();
        if (!isOpen()) return;
        node_.emplace(*db_, clock_.now(), 3);
        UpkeepLimits limits;
        limits.blocks = {minutes(10), 16, 2};
        upkeep_.emplace(node_->services, limits);
    }

    // Calls [from, to) of that version, a few in each append.
    void appendMany(int from, int to, int version) {
        for (int at = from; at < to; at += 7) {
            std::vector<Call> calls;
            for (int id = at; id < std::min(at + 7, to); ++id)
                calls.push_back({id, version, version * 10});
            node_->append(lane, calls);
        }
    }
    void mergeEverything() {
        node_->clock.advance(hours(1));
        testing::workOff(*upkeep_, [](const UpkeepDone&) {});
    }
    std::int64_t blocks() {
        std::int64_t count = 0;
        EXPECT_TRUE(db_->read([&](Tx& tx) {
            return tx.query("SELECT COUNT(*) FROM blocks", {}, [&](const store::Row& row) { count = row.integer(0); });
        }));
        return count;
    }
    Result<void> sweepWith(SweepHelpers& helpers, const SweepFunction& use, Instant deadline = {INT64_MAX}) {
        const Sweep wanted{{lane, {2, LaneKind::calls}},
                           {INT64_MIN},
                           {INT64_MAX},
                           only({CallCore::version, CallCore::durationMs}),
                           {{false}},
                           deadline};
        return db_->read([&](Tx& tx) { return sweep(node_->services, helpers, tx, wanted, use); });
    }

    std::optional<testing::TestNode> node_;
    std::optional<Upkeep> upkeep_;
};

// Rows and versions that count, added up by several threads.
struct Tally {
    std::mutex mutex;
    std::size_t rows = 0, stretches = 0;
    std::int64_t versions = 0;

    void add(const store::LaneStretch& stretch, const store::StretchColumns& columns) {
        const auto versionAt = columns.core[CallCore::version].as<std::int32_t>();
        EXPECT_TRUE(columns.core[CallCore::callId].size() == 0) << "it was not asked for";
        const std::lock_guard lock(mutex);
        ++stretches;
        for (std::int64_t i = 0; i < stretch.rows; ++i) {
            const auto at = static_cast<std::size_t>(i);
            if (!stretch.superseded.empty() && (stretch.superseded[at >> 3] >> (at & 7) & 1) != 0) continue;
            ++rows;
            versions += versionAt[columns.firstRow + at];
        }
    }
};

TEST_P(LaneSweep, ReadsOneStateWhateverIsStoredAndMergedMeanwhile) {
    appendMany(0, 350, 1);
    const std::int64_t before = blocks();
    for (const std::size_t most : {0u, 1u, 3u}) {
        SCOPED_TRACE(most);
        SweepHelpers helpers(most);
        Tally tally;
        const int version = 2 + static_cast<int>(most);
        std::once_flag disturbed;
        const auto done = sweepWith(helpers,
                                    [&](std::size_t thread, const store::LaneStretch& stretch,
                                        const store::StretchColumns& columns) -> Result<void> {
                                        EXPECT_LE(thread, most);
                                        std::call_once(disturbed, [&] {
                                            appendMany(0, 100, version);
                                            appendMany(1'000 + version * 100, 1'050 + version * 100, 1);
                                            mergeEverything();
                                        });
                                        tally.add(stretch, columns);
                                        return {};
                                    });
        ASSERT_TRUE(done) << done.error().message << done.error().internal;
        const std::int64_t known = most == 0 ? 0 : most == 1 ? 50 : 100;  // of earlier rounds
        EXPECT_EQ(tally.rows, static_cast<std::size_t>(350 + known));
        const int earlier = most == 0 ? 1 : most == 1 ? 2 : 3;
        EXPECT_EQ(tally.versions, 250 + 100 * earlier + known) << "what was stored meanwhile does not show";
        EXPECT_EQ(helpers.take(100), most) << "all were given back";
    }
    EXPECT_LT(blocks(), before) << "they were merged";
}

TEST_P(LaneSweep, TheFirstErrorEndsIt) {
    appendMany(0, 350, 1);
    for (const std::size_t most : {0u, 2u}) {
        SweepHelpers helpers(most);
        std::atomic<int> calls = 0;
        const auto done = sweepWith(
            helpers, [&](std::size_t, const store::LaneStretch&, const store::StretchColumns&) -> Result<void> {
                if (++calls >= 5) return fail(invalidInput("bad-value", "enough"));
                return {};
            });
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().message, "enough");
        EXPECT_LE(calls.load(), 5 + static_cast<int>(most));
        EXPECT_EQ(helpers.take(100), most);
    }
}

TEST_P(LaneSweep, EndsWithItsTime) {
    appendMany(0, 70, 1);
    SweepHelpers helpers(1);
    const auto late = [](std::size_t, const store::LaneStretch&, const store::StretchColumns&) -> Result<void> {
        return {};
    };
    EXPECT_TRUE(sweepWith(helpers, late, node_->clock.now()));
    EXPECT_EQ(sweepWith(helpers, late, node_->clock.now() - milliseconds(1)).error().code, "deadline-passed");
}

INSTANTIATE_TEST_SUITE_P(Stores, LaneSweep, MEETPOINT_STORES,
                         store::testing::nameOfCase<::testing::TestParamInfo<StoreEngine>>);

}  // namespace
}  // namespace meetpoint::exchange
