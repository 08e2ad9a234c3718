// Which blocks are merged, and how often a record is rewritten for it.
#include "store/block_merger.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace meetpoint::store {
namespace {

constexpr BlockMergeLimits limits{minutes(10), 16, 4};
constexpr std::int64_t allOld = INT64_MAX;
constexpr Day today{100};

std::vector<ListedBlock> blocksOf(const std::vector<std::int64_t>& rows, std::int32_t day = today.number) {
    std::vector<ListedBlock> out;
    std::int64_t at = 1;
    for (const std::int64_t count : rows) {
        out.push_back({at, count, day});
        at += count;
    }
    return out;
}

// "first+rows, final or open", or "none"
std::string chosen(const std::vector<ListedBlock>& blocks, std::int64_t oldEnd = allOld) {
    const auto group = chooseBlocks(blocks, oldEnd, today, limits);
    if (!group) return "none";
    return std::to_string(group->first()) + "+" + std::to_string(group->rows()) + (group->isFinal ? " final" : " open");
}

TEST(BlockMerging, AGroupIsFinalOnceNothingMoreFits) {
    EXPECT_EQ(chosen(blocksOf({1000, 1000, 1000})), "1+2000 final");
    EXPECT_EQ(chosen(blocksOf({2048})), "1+2048 final");
    EXPECT_EQ(chosen(blocksOf({1500, 1500})), "1+1500 final");
    EXPECT_EQ(chosen(blocksOf({1500})), "none") << "more may come";
    EXPECT_EQ(chosen(blocksOf({4096, 10})), "1+4096 final") << "of a program that made larger ones";
    EXPECT_EQ(chosen({}), "none");
}

TEST(BlockMerging, AGroupNeverSpansTwoDaysOfArrivalAndIsFinalWhenItsDayIsOver) {
    std::vector<ListedBlock> blocks = blocksOf({10, 20, 30}, today.number - 1);
    EXPECT_EQ(chosen(blocks), "1+60 final");
    blocks.back().day = today.number;
    EXPECT_EQ(chosen(blocks), "1+30 final");
}

TEST(BlockMerging, WhatIsTooYoungIsLeftAlone) {
    EXPECT_EQ(chosen(blocksOf({1000, 1000, 1000}), 1001), "none") << "the second, which fits, is still young";
    EXPECT_EQ(chosen(blocksOf({1000, 1000, 1000}), 2001), "1+2000 final") << "the young third does not fit anyway";
    EXPECT_EQ(chosen(blocksOf({1000, 1000, 1000}), 1000), "none");
}

TEST(BlockMerging, AGroupThatMayGrowIsMergedWhereThatDoublesItsLargest) {
    EXPECT_EQ(chosen(blocksOf({1, 1, 1})), "none") << "too few to be worth it";
    EXPECT_EQ(chosen(blocksOf({1, 1, 1, 1})), "1+4 open");
    EXPECT_EQ(chosen(blocksOf({1000, 1, 1, 1, 1})), "1001+4 open");
    EXPECT_EQ(chosen(blocksOf({4, 1, 1, 1, 1})), "1+8 open");
    EXPECT_EQ(chosen(blocksOf({1, 1, 1, 1, 1000})), "1+4 open") << "also before a larger one";
    EXPECT_EQ(chosen(blocksOf(std::vector<std::int64_t>(40, 1))), "1+16 open") << "one step takes no more";
}

// Blocks of any sizes come one by one, and every merge that is due is done at once.
RC_GTEST_PROP(BlockMerging, EveryRecordIsRewrittenAFewTimesAtMost, ()) {
    const auto sizes = *rc::gen::container<std::vector<int>>(
        400, rc::gen::oneOf(rc::gen::just(1), rc::gen::inRange(1, 30),
                            rc::gen::inRange(1, static_cast<int>(columns::maxBlockRows) + 1)));
    std::vector<ListedBlock> blocks;
    std::int64_t next = 1, rewritten = 0;
    std::size_t done = 0;  // blocks that are final
    for (const int rows : sizes) {
        blocks.push_back({next, rows, today.number});
        next += rows;
        while (const auto group = chooseBlocks(std::span(blocks).subspan(done), allOld, today, limits)) {
            RC_ASSERT(group->rows() <= columns::maxBlockRows);
            RC_ASSERT(group->blocks.size() <= limits.blocksPerStep);
            const auto first = std::ranges::find(blocks, group->blocks.front());
            RC_ASSERT(std::equal(group->blocks.begin(), group->blocks.end(), first));
            *first = {group->first(), static_cast<std::int64_t>(group->rows()), today.number};
            blocks.erase(first + 1, first + static_cast<std::ptrdiff_t>(group->blocks.size()));
            rewritten += static_cast<std::int64_t>(group->rows());
            if (group->isFinal) ++done;
        }
    }
    // Once when it is final, at each doubling up to the most, and now and then because too many lie there.
    RC_ASSERT(rewritten <= 16 * (next - 1));
    RC_ASSERT(blocks.size() - done <= limits.blocksPerStep);  // what may still grow at the end
    for (std::size_t i = 0; i + 1 < done; ++i)
        RC_ASSERT(blocks[i].rows + blocks[i + 1].rows > static_cast<std::int64_t>(columns::maxBlockRows));
}

}  // namespace
}  // namespace meetpoint::store
