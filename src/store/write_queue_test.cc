#include "store/write_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meetpoint::store {
namespace {

using testing::ElementsAre;

Result<void> nothing(Tx&) {
    return {};
}

std::vector<std::int64_t> shardsOf(const std::vector<Work>& group) {
    std::vector<std::int64_t> shards;
    for (const Work& work : group)
        shards.push_back(work.scope.shardKey.value_or(-1));
    return shards;
}

std::string codeOf(std::future<Result<void>> answer) {
    if (answer.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return "waits";
    const auto result = answer.get();
    return result ? "" : result.error().code;
}

TEST(WriteQueue, GivesEachShardKeyATurnInOneCommit) {
    WriteQueue queue(100, Sharing::everything);
    std::vector<std::future<Result<void>>> answers;
    for (int i = 0; i < 20; ++i)
        answers.push_back(queue.push(recordsWrite(1, 10), nothing));
    answers.push_back(queue.push(recordsWrite(2, 10), nothing));
    answers.push_back(queue.push(recordsWrite(3, 10), nothing));
    EXPECT_THAT(shardsOf(queue.take(50)), ElementsAre(1, 2, 3, 1, 1)) << "the small ones do not wait for the big one";
    EXPECT_THAT(shardsOf(queue.take(50)), ElementsAre(1, 1, 1, 1, 1));
}

TEST(WriteQueue, GivesEachShardKeyATurnBetweenCommits) {
    WriteQueue queue(100, Sharing::sameShardKey);
    std::vector<std::future<Result<void>>> answers;
    for (int i = 0; i < 5; ++i)
        answers.push_back(queue.push(recordsWrite(1, 10), nothing));
    for (int i = 0; i < 2; ++i)
        answers.push_back(queue.push(recordsWrite(2, 10), nothing));
    const auto first = queue.take(20);
    EXPECT_THAT(shardsOf(first), ElementsAre(1, 1));
    EXPECT_THAT(shardsOf(queue.take(20)), ElementsAre(2, 2)) << "1 is being committed";
    queue.done(first);
    EXPECT_THAT(shardsOf(queue.take(20)), ElementsAre(1, 1));
}

TEST(WriteQueue, KeepsTheOrderWithinAShardKeyAndPutsTheLedgerFirst) {
    WriteQueue queue(100, Sharing::everything);
    std::vector<std::future<Result<void>>> answers;
    for (std::size_t rows = 1; rows <= 4; ++rows)
        answers.push_back(queue.push(recordsWrite(7, rows), nothing));
    answers.push_back(queue.push(upkeepWrite(7, 9), nothing));
    answers.push_back(queue.push(ledgerWrite(5), nothing));
    std::vector<std::size_t> rows;
    for (const Work& work : queue.take(1'000))
        rows.push_back(work.scope.rows);
    EXPECT_THAT(rows, ElementsAre(5, 1, 2, 3, 4, 9));
}

TEST(WriteQueue, LetsNoShardKeyFillIt) {
    WriteQueue queue(10, Sharing::everything);
    std::vector<std::future<Result<void>>> answers;
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(codeOf(queue.push(recordsWrite(1, 1), nothing)), "waits");
    EXPECT_EQ(codeOf(queue.push(recordsWrite(1, 1), nothing)), "overloaded");
    for (std::int64_t shard = 2; shard <= 6; ++shard)
        EXPECT_EQ(codeOf(queue.push(recordsWrite(shard, 1), nothing)), "waits");
    EXPECT_EQ(codeOf(queue.push(recordsWrite(7, 1), nothing)), "overloaded") << "now the queue is full";
    queue.close();
    EXPECT_EQ(codeOf(queue.push(recordsWrite(8, 1), nothing)), "stopping");
    EXPECT_EQ(queue.take(100).size(), 10u) << "what waits is still handed out";
    EXPECT_TRUE(queue.take(100).empty());
}

// How many groups are taken until upkeep is among them, while records never end.
std::size_t groupsUntilUpkeep(Sharing sharing) {
    constexpr std::size_t rows = 100;
    WriteQueue queue(100, sharing);
    std::vector<std::future<Result<void>>> results;
    results.push_back(queue.push(upkeepWrite(1, rows), nothing));
    for (int i = 0; i < 50; ++i)
        results.push_back(queue.push(recordsWrite(i % 3, rows), nothing));
    for (std::size_t taken = 1;; ++taken) {
        const auto group = queue.take(rows);
        for (const Work& work : group)
            if (work.scope.priority == WritePriority::upkeep) return taken;
        queue.done(group);
    }
}

TEST(WriteQueue, UpkeepComesLastButDoesNotStarve) {
    EXPECT_EQ(groupsUntilUpkeep(Sharing::everything), 9u);
    EXPECT_EQ(groupsUntilUpkeep(Sharing::sameShardKey), 9u);
}

}  // namespace
}  // namespace meetpoint::store
