#include <gtest/gtest.h>

#include "store/leases.h"
#include "store/testing/test_store.h"

namespace meetpoint::store {
namespace {

constexpr LeaseName work{LaneWork::upkeep, {7, columns::LaneKind::calls}};
constexpr Duration length = seconds(30);
const Id one{{1}}, other{{2}};

class LeaseStore : public ::testing::TestWithParam<testing::StoreEngine> {
protected:
    void SetUp() override {
        if (!testing::isAvailable(GetParam())) GTEST_SKIP() << "MEETPOINT_TEST_POSTGRES names no server";
        place_ = std::make_unique<testing::StorePlace>(GetParam());
        db_ = std::move(*place_->open(clock_));
    }

    template <class T>
    T write(const WriteScope& scope, const std::function<Result<T>(Tx&)>& what) {
        T out{};
        const auto done = db_->write(scope, [&](Tx& tx) -> Result<void> {
            TRY_ASSIGN(out, what(tx));
            return {};
        });
        EXPECT_TRUE(done) << done.error().message << done.error().internal;
        return out;
    }
    std::optional<StoredLease> seen() {
        return write<std::optional<StoredLease>>(ledgerWrite(), [](Tx& tx) { return findLease(tx, work); });
    }
    std::optional<Lease> take(const std::optional<StoredLease>& saw, const Id& holder) {
        return write<std::optional<Lease>>(ledgerWrite(),
                                           [&](Tx& tx) { return takeLease(tx, work, saw, holder, length); });
    }
    bool renew(const Lease& lease) {
        return write<bool>(ledgerWrite(), [&](Tx& tx) { return renewLease(tx, lease); });
    }
    // Whether work under the lease is let in; leaves `progress` where it is.
    bool mayWork(const Lease& lease, std::int64_t progress) {
        const auto done = db_->write(upkeepWrite(work.lane.shardKey, 1), [&](Tx& tx) -> Result<void> {
            TRY(checkFence(tx, lease));
            return setProgress(tx, work, progress);
        });
        EXPECT_TRUE(done || done.error().code == "lease-lost") << done.error().internal;
        return done.has_value();
    }

    ManualClock clock_{{0}};
    std::unique_ptr<testing::StorePlace> place_;
    std::unique_ptr<Db> db_;
};
INSTANTIATE_TEST_SUITE_P(Stores, LeaseStore, MEETPOINT_STORES,
                         testing::nameOfCase<::testing::TestParamInfo<testing::StoreEngine>>);

TEST_P(LeaseStore, IsTakenByWhoeverSawItLast) {
    EXPECT_EQ(seen(), std::nullopt);
    const auto first = take(std::nullopt, one);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->token, 1);
    EXPECT_EQ(take(std::nullopt, other), std::nullopt) << "it is there by now";
    const auto saw = seen();
    EXPECT_EQ(saw, (StoredLease{one, 1, 0, length}));
    EXPECT_TRUE(renew(*first));
    EXPECT_EQ(take(saw, other), std::nullopt) << "it was renewed since";
    const auto second = take(seen(), other);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->token, 2);
    EXPECT_FALSE(renew(*first)) << "it has passed on";
    EXPECT_TRUE(renew(*second));
    // What the first gives back is no longer its own.
    ASSERT_TRUE(db_->write(ledgerWrite(), [&](Tx& tx) { return releaseLease(tx, *first); }));
    EXPECT_EQ(seen()->holder, other);
    ASSERT_TRUE(db_->write(ledgerWrite(), [&](Tx& tx) { return releaseLease(tx, *second); }));
    EXPECT_EQ(seen(), (StoredLease{std::nullopt, 2, 1, length}));
    EXPECT_EQ(take(seen(), one)->token, 3) << "a token only ever rises";
}

TEST_P(LeaseStore, AnOlderTokenIsRefusedOnceANewerOneHasWorked) {
    const auto first = take(std::nullopt, one);
    EXPECT_TRUE(mayWork(*first, 10));
    EXPECT_TRUE(mayWork(*first, 11));
    const auto second = take(seen(), other);
    EXPECT_TRUE(mayWork(*second, 20));
    EXPECT_FALSE(mayWork(*first, 12));
    EXPECT_TRUE(mayWork(*second, 21));
    EXPECT_EQ(write<std::int64_t>(upkeepWrite(work.lane.shardKey, 1), [](Tx& tx) { return progressOf(tx, work); }), 21);
    EXPECT_EQ(write<std::int64_t>(upkeepWrite(8, 1),
                                  [](Tx& tx) {
                                      return progressOf(tx, {LaneWork::upkeep, {8, columns::LaneKind::items}});
                                  }),
              0);
}

TEST_P(LeaseStore, WhoeverHoldsTheWorkUpTakesNothingFromItsHolder) {
    const auto hold = [&] {
        return db_->write(recordsWrite(work.lane.shardKey, 1), [](Tx& tx) { return holdWork(tx, work); });
    };
    ASSERT_TRUE(hold()) << "also before anybody has worked";
    const auto lease = take(std::nullopt, one);
    EXPECT_TRUE(mayWork(*lease, 10));
    ASSERT_TRUE(hold());
    EXPECT_TRUE(mayWork(*lease, 11));
    EXPECT_EQ(write<std::int64_t>(upkeepWrite(work.lane.shardKey, 1), [](Tx& tx) { return fenceOf(tx, work); }), 1);
    EXPECT_EQ(write<std::int64_t>(upkeepWrite(work.lane.shardKey, 1), [](Tx& tx) { return progressOf(tx, work); }), 11);
}

}  // namespace
}  // namespace meetpoint::store
