#include "columns/number_rows.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace meetpoint::columns {
namespace {

using Rows = std::vector<std::uint32_t>;

constexpr Instant firstAt{1'770'000'000'000};

// Numbers that share no upper bits.
std::uint64_t hashOf(int number) {
    return static_cast<std::uint64_t>(number) << 48;
}

NumberRows stored(const std::vector<NumberRows::Row>& rows) {
    return *NumberRows::fromBytes(NumberRows::encode(rows), rows.size());
}

TEST(NumberRows, FindTheRowsOfANumberInOrder) {
    const NumberRows index = stored({{hashOf(2), 0, firstAt}, {hashOf(1), 1, firstAt}, {hashOf(2), 2, firstAt}});
    const Instant end = firstAt + milliseconds(1);
    EXPECT_EQ(index.find(hashOf(2), firstAt, end), (Rows{0, 2}));
    EXPECT_EQ(index.find(hashOf(1), firstAt, end), Rows{1});
    EXPECT_EQ(index.find(hashOf(3), firstAt, end), Rows());
}

TEST(NumberRows, LeaveOutRowsOfAnotherTime) {
    const NumberRows index = stored({{hashOf(1), 0, firstAt}, {hashOf(1), 1, firstAt + days(3)}});
    EXPECT_EQ(index.find(hashOf(1), firstAt, firstAt + days(1)), Rows{0});
    EXPECT_EQ(index.find(hashOf(1), firstAt + days(1), firstAt + days(4)), Rows{1});
    EXPECT_EQ(index.find(hashOf(1), firstAt + days(1), firstAt + days(2)), Rows());
    EXPECT_EQ(index.find(hashOf(1), {INT64_MIN}, {INT64_MAX}), (Rows{0, 1}));
}

TEST(NumberRows, OfABlockWithoutNumbersAreNone) {
    EXPECT_EQ(stored({}).find(hashOf(1), {INT64_MIN}, {INT64_MAX}), Rows());
}

TEST(NumberRows, OfABlockThatWasStoredWithoutMayBeAny) {
    EXPECT_EQ(NumberRows::ofAnyRow().find(hashOf(1), {INT64_MIN}, {INT64_MAX}), std::nullopt);
}

TEST(NumberRows, AreNotToldOfTimesThatLieTooFarAway) {
    EXPECT_TRUE(NumberRows::encode({{hashOf(1), 0, {INT64_MIN}}}).empty());
    EXPECT_TRUE(NumberRows::encode({{hashOf(1), 0, {INT64_MAX}}}).empty());
}

TEST(NumberRows, RefuseBytesThatCannotBe) {
    const Bytes good = NumberRows::encode({{hashOf(1), 0, firstAt}, {hashOf(2), 1, firstAt + days(1)}});
    EXPECT_TRUE(NumberRows::fromBytes(good, 2));
    EXPECT_FALSE(NumberRows::fromBytes(good, 1)) << "a row that the block does not have";
    EXPECT_FALSE(NumberRows::fromBytes({}, 2));
    EXPECT_FALSE(NumberRows::fromBytes(ByteView(good).first(good.size() - 1), 2));
    Bytes unsorted = good;
    std::swap(unsorted[17], unsorted[19]);  // the upper bytes of both hashes, behind 16 bytes of times
    std::swap(unsorted[16], unsorted[18]);
    EXPECT_FALSE(NumberRows::fromBytes(unsorted, 2));
    Bytes noStep = good;
    std::fill(noStep.begin() + 8, noStep.begin() + 16, std::uint8_t{0});
    EXPECT_FALSE(NumberRows::fromBytes(noStep, 2));
}

RC_GTEST_PROP(NumberRows, MissNoRowAndFindFewOthers, ()) {
    const auto numbers = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 20));
    const auto spanMs = *rc::gen::inRange<std::int64_t>(1, days(400).ms);
    std::vector<NumberRows::Row> rows;
    for (std::uint32_t row = 0; row < numbers.size(); ++row)
        rows.push_back({hashOf(numbers[row]), row, firstAt + milliseconds(*rc::gen::inRange<std::int64_t>(0, spanMs))});
    const NumberRows index = stored(rows);
    const Instant from = firstAt + milliseconds(*rc::gen::inRange<std::int64_t>(0, spanMs));
    const Instant to = from + milliseconds(*rc::gen::inRange<std::int64_t>(1, spanMs + 1));
    const Duration slack = milliseconds(spanMs / 256 + 1);
    for (int number = 0; number < 20; ++number) {
        Rows least, most;
        for (const NumberRows::Row& row : rows) {
            if (row.hash != hashOf(number)) continue;
            if (row.at >= from && row.at < to) least.push_back(row.row);
            if (row.at >= from - slack && row.at < to + slack) most.push_back(row.row);
        }
        const Rows found = *index.find(hashOf(number), from, to);
        RC_ASSERT(std::ranges::includes(found, least));
        RC_ASSERT(std::ranges::includes(most, found));
    }
}

}  // namespace
}  // namespace meetpoint::columns
