#include "store/recent_keys.h"

#include <gtest/gtest.h>

#include "columns/content_hash.h"
#include "store/lanes.h"
#include "store/testing/call_records.h"
#include "store/testing/test_store.h"

namespace meetpoint::store {
namespace {

using columns::LaneKind;

constexpr LaneId lane{1, LaneKind::durations}, other{2, LaneKind::durations};

std::shared_ptr<const RecentKeys::Stretch> stretchOf(std::int64_t first, const std::vector<std::string>& keys) {
    static const columns::Field field{"key", columns::ColumnType::utf8};
    columns::Column column(field);
    for (const std::string& key : keys)
        column.appendText(key);
    return std::make_shared<const RecentKeys::Stretch>(RecentKeys::Stretch{first, std::move(column)});
}

TEST(RecentKeys, FindsTheStretchThatHasARecord) {
    RecentKeys recent(1 << 20);
    recent.keep(lane, stretchOf(1, {"a", "b"}));
    recent.keep(lane, stretchOf(5, {"e", "f"}));
    const auto found = recent.find(lane, 6);
    ASSERT_TRUE(found);
    EXPECT_EQ(textOf(found->at(6)), "f");
    EXPECT_EQ(textOf(recent.find(lane, 1)->at(1)), "a");
    EXPECT_FALSE(recent.find(lane, 3)) << "between two stretches";
    EXPECT_FALSE(recent.find(lane, 7));
    EXPECT_FALSE(recent.find(lane, 0));
    EXPECT_FALSE(recent.find(other, 6));
}

TEST(RecentKeys, ForgetsWhatCameFirst) {
    const std::vector<std::string> keys(100, "0123456789");
    RecentKeys recent(3 * 100 * 16);
    for (std::int64_t first = 1; first < 1'000; first += 100)
        recent.keep(lane, stretchOf(first, keys));
    EXPECT_FALSE(recent.find(lane, 1));
    EXPECT_TRUE(recent.find(lane, 999));
    RecentKeys nothing(0);
    nothing.keep(lane, stretchOf(1, keys));
    EXPECT_FALSE(nothing.find(lane, 1));
}

// Sequences of a transaction that failed are given out again: what it stored must not be remembered.
class RecentKeysOfAppends : public ::testing::TestWithParam<testing::StoreEngine> {};

TEST_P(RecentKeysOfAppends, AFailedTransactionLeavesNoKeys) {
    if (!testing::isAvailable(GetParam())) GTEST_SKIP() << "MEETPOINT_TEST_POSTGRES names no server";
    ManualClock clock(testing::firstCallAt + hours(1));
    testing::StorePlace place(GetParam());
    const auto db = *place.open(clock);
    Lanes lanes(KeyedHash({1, 2, 3}), clock);
    const auto append = [&](const std::vector<testing::Call>& calls, bool fails) {
        std::vector<Outcome> outcomes;
        columns::Records records = testing::recordsOf(calls);
        auto fingerprints = columns::fingerprints(records);
        const auto prepared = lanes.prepare({1, LaneKind::calls}, std::move(records), std::move(fingerprints));
        const auto written = db->write(recordsWrite(1, calls.size()), [&](Tx& tx) -> Result<void> {
            TRY_ASSIGN(auto appended, lanes.append(tx, prepared, "test"));
            outcomes = std::move(appended.outcomes);
            return fails ? Result<void>(fail(conflict("no", "The test fails it."))) : Result<void>();
        });
        EXPECT_EQ(written.has_value(), !fails);
        return outcomes;
    };
    append({{1, 1, 10}, {2, 1, 10}}, true);
    EXPECT_EQ(append({{3, 1, 10}, {4, 1, 10}}, false), (std::vector{Outcome::created, Outcome::created}));
    EXPECT_EQ(append({{1, 2, 10}, {3, 2, 10}, {4, 1, 10}}, false),
              (std::vector{Outcome::created, Outcome::updated, Outcome::unchanged}));
}

INSTANTIATE_TEST_SUITE_P(Stores, RecentKeysOfAppends, MEETPOINT_STORES,
                         testing::nameOfCase<::testing::TestParamInfo<testing::StoreEngine>>);

}  // namespace
}  // namespace meetpoint::store
