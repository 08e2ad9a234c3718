// Traffic totals on every kind of store.
#include "store/traffic_totals.h"

#include "store/testing/store_fixture.h"

namespace meetpoint::store {
namespace {

using domain::Side;

constexpr std::int64_t shardKey = 3, firstHour = 490'000;

class TrafficRows : public testing::StoreFixture {
protected:
    TrafficRows() : StoreFixture({1'700'000'000'000}) {}

    void post(std::int64_t shard, std::int64_t hour, Side side, std::int64_t version, std::int64_t calls) {
        const std::vector<TrafficHour> hours{{hour,
                                              side,
                                              version,
                                              clock_.now(),
                                              "client-" + std::to_string(version),
                                              {{false, true, calls, calls * 60}, {true, false, calls + 1, 0}}}};
        EXPECT_TRUE(db_->write(recordsWrite(shard, 2), [&](Tx& tx) { return insertTraffic(tx, shard, hours); }));
    }
    std::vector<std::tuple<std::int64_t, Side, std::int64_t, std::int64_t>> latest(std::int64_t from, std::int64_t to) {
        std::vector<std::tuple<std::int64_t, Side, std::int64_t, std::int64_t>> found;
        EXPECT_TRUE(db_->read([&](Tx& tx) -> Result<void> {
            TRY_ASSIGN(const auto hours, latestTraffic(tx, shardKey, from, to));
            for (const TrafficHour& one : hours)
                found.emplace_back(one.hour - firstHour, one.side, one.version, one.cells.front().calls);
            return {};
        }));
        return found;
    }
};
INSTANTIATE_TEST_SUITE_P(Stores, TrafficRows, MEETPOINT_STORES,
                         testing::nameOfCase<::testing::TestParamInfo<testing::StoreEngine>>);

TEST_P(TrafficRows, TheNewestVersionOfEachHourAndSideCounts) {
    post(shardKey, firstHour, Side::platform, 1, 10);
    post(shardKey, firstHour, Side::platform, 2, 11);
    post(shardKey, firstHour, Side::carrier, 1, 12);
    post(shardKey, firstHour + 1, Side::carrier, 1, 13);
    post(shardKey + 1, firstHour, Side::carrier, 9, 99);
    using Row = std::tuple<std::int64_t, Side, std::int64_t, std::int64_t>;
    EXPECT_THAT(latest(firstHour, firstHour + 2),
                ::testing::ElementsAre(Row{0, Side::platform, 2, 11}, Row{0, Side::carrier, 1, 12},
                                       Row{1, Side::carrier, 1, 13}));
    EXPECT_THAT(latest(firstHour + 1, firstHour + 2), ::testing::ElementsAre(Row{1, Side::carrier, 1, 13}));
    EXPECT_THAT(latest(firstHour + 2, firstHour + 9), ::testing::IsEmpty());
}

TEST_P(TrafficRows, EveryVersionStaysWithWhoPostedIt) {
    post(shardKey, firstHour, Side::platform, 1, 10);
    clock_.advance(hours(1));
    post(shardKey, firstHour, Side::platform, 2, 11);
    post(shardKey, firstHour, Side::carrier, 1, 12);
    EXPECT_TRUE(db_->read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto versions, trafficVersions(tx, shardKey, firstHour));
        EXPECT_EQ(versions.size(), 3u);
        if (versions.size() != 3) return {};
        EXPECT_EQ(versions[0].version, 1);
        EXPECT_EQ(versions[0].postedBy, "client-1");
        EXPECT_EQ(versions[0].cells, (std::vector<TrafficCell>{{false, true, 10, 600}, {true, false, 11, 0}}));
        EXPECT_EQ((versions[1].postedAt - versions[0].postedAt).ms, hours(1).ms);
        EXPECT_EQ(versions[2].side, Side::carrier);
        return {};
    }));
}

}  // namespace
}  // namespace meetpoint::store
