#include "base/parallel.h"

#include <atomic>
#include <numeric>
#include <stdexcept>

#include <gtest/gtest.h>

namespace meetpoint {
namespace {

TEST(InParallel, DoesEachPieceOnceWhateverTheThreads) {
    for (const std::size_t threads : {0u, 1u, 2u, 3u, 7u}) {
        for (const std::size_t count : {0u, 1u, 2u, 100u}) {
            std::vector<std::atomic<int>> done(count);
            inParallel(threads, count, [&](std::size_t piece) { ++done[piece]; });
            for (const auto& times : done)
                EXPECT_EQ(times, 1) << threads << " threads, " << count << " pieces";
        }
    }
}

TEST(InParallel, ThrowsOnWhatAPieceThrows) {
    std::atomic<int> done = 0;
    const auto work = [&](std::size_t piece) {
        ++done;
        if (piece == 5) throw std::runtime_error("five");
    };
    EXPECT_THROW(inParallel(3, 100, work), std::runtime_error);
    EXPECT_LE(done, 100);
}

TEST(PiecesInOrder, UsesThemInTheirOrder) {
    for (const std::size_t threads : {0u, 1u, 2u, 3u, 7u}) {
        std::vector<std::size_t> used;
        PiecesInOrder<std::size_t> pieces(
            threads, 50, [](std::size_t number) { return number * number; },
            [&](std::size_t piece) -> Result<void> {
                used.push_back(piece);
                return {};
            });
        EXPECT_TRUE(pieces.run().has_value());
        ASSERT_EQ(used.size(), 50u);
        for (std::size_t i = 0; i < used.size(); ++i)
            EXPECT_EQ(used[i], i * i);
    }
}

TEST(PiecesInOrder, MakesOnlyAFewAhead) {
    std::atomic<std::size_t> made = 0;
    std::size_t used = 0, most = 0;
    PiecesInOrder<int> pieces(
        3, 200, [&](std::size_t) { return ++made, 0; },
        [&](int) -> Result<void> {
            most = std::max(most, made - ++used);
            return {};
        });
    EXPECT_TRUE(pieces.run().has_value());
    EXPECT_EQ(made, 200u);
    EXPECT_LE(most, 8u);
}

TEST(PiecesInOrder, EndsWithTheFirstError) {
    std::size_t used = 0;
    PiecesInOrder<int> pieces(
        2, 100, [](std::size_t number) { return static_cast<int>(number); },
        [&](int piece) -> Result<void> {
            ++used;
            if (piece == 3) return fail(internalError("three"));
            return {};
        });
    const auto done = pieces.run();
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(used, 4u);
}

TEST(PiecesInOrder, ThrowsOnWhatMakingThrows) {
    PiecesInOrder<int> pieces(
        2, 100,
        [](std::size_t number) -> int {
            if (number == 3) throw std::runtime_error("three");
            return 0;
        },
        [](int) -> Result<void> { return {}; });
    EXPECT_THROW((void)pieces.run(), std::runtime_error);
}

}  // namespace
}  // namespace meetpoint
