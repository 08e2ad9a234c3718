#include "store/write_queue.h"

#include <gtest/gtest.h>

namespace meetpoint::store {
namespace {

Result<void> nothing(Tx&) {
    return {};
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
