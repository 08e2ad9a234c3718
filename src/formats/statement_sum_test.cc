// The sum of a delivery statement: whatever the order, and nothing altered goes unnoticed.
#include "formats/statement_sum.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace meetpoint::formats {
namespace {

std::string sumOf(std::initializer_list<std::string_view> lines) {
    StatementSum sum;
    for (const std::string_view line : lines)
        sum.add(line);
    return toHex(sum.value());
}

TEST(StatementSum, IsTheSumOfHalfOfEachHash) {
    EXPECT_EQ(sumOf({}), "00000000000000000000000000000000");
    // SHA-256 of "abc" (FIPS 180-4) begins with ba7816bf…, that of the empty text with e3b0c442….
    EXPECT_EQ(sumOf({"abc"}), "ba7816bf8f01cfea414140de5dae2223");
    EXPECT_EQ(sumOf({""}), "e3b0c44298fc1c149afbf4c8996fb924");
    // Their sum passes 2^128, which is taken off.
    EXPECT_EQ(sumOf({"abc", ""}), "9e28db0227fdebfedc3d35a6f71ddb47");
}

TEST(StatementSum, DoesNotDependOnTheOrder) {
    EXPECT_EQ(sumOf({"a", "b", "c"}), sumOf({"c", "a", "b"}));
    EXPECT_NE(sumOf({"a", "b", "c"}), sumOf({"a", "b", "b"}));
    EXPECT_NE(sumOf({"a", "b"}), sumOf({"a", "b", "b"}));
}

}  // namespace
}  // namespace meetpoint::formats
