#include "store/rows_by_hash.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace meetpoint::store {
namespace {

TEST(RowsByHash, SortsByHashAndThenByRow) {
    std::mt19937_64 random(5);
    for (const std::size_t size : {0u, 1u, 2u, 31u, 32u, 1'000u, 50'000u}) {
        // All different, many equal, and all with the same first bits.
        for (const std::uint64_t mask : {~std::uint64_t{0}, std::uint64_t{0xFF} << 56, std::uint64_t{0xFFFF}}) {
            std::vector<std::uint64_t> hashes(size);
            for (std::uint64_t& hash : hashes)
                hash = random() & mask;
            std::vector<std::uint32_t> expected(size);
            for (std::uint32_t row = 0; row < size; ++row)
                expected[row] = row;
            std::ranges::stable_sort(expected, {}, [&](std::uint32_t row) { return hashes[row]; });
            EXPECT_EQ(rowsByHash(hashes), expected);
        }
    }
}

}  // namespace
}  // namespace meetpoint::store
