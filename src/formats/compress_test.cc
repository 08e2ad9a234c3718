#include "formats/compress.h"

#include <gtest/gtest.h>

namespace meetpoint::formats {
namespace {

std::string unpacked(ByteView stored, Compression compression) {
    std::string out;
    Decompressor decompressor(compression);
    EXPECT_TRUE(decompressor.feed(stored, [&](ByteView piece) -> Result<void> {
        out += textOf(piece);
        return {};
    }));
    EXPECT_TRUE(decompressor.finish());
    return out;
}

TEST(Compress, PiecesOneBehindTheOtherAreOneStream) {
    std::string first;
    for (int i = 0; i < 20'000; ++i)
        first += "call " + std::to_string(i) + "\n";
    for (const Compression compression : {Compression::none, Compression::gzip, Compression::zstd}) {
        Bytes all;
        for (const std::string& piece : {first, std::string(), std::string("the last")}) {
            const auto stored = compress(viewOf(piece), compression);
            ASSERT_TRUE(stored) << stored.error().internal;
            all.insert(all.end(), stored->begin(), stored->end());
        }
        EXPECT_EQ(unpacked(all, compression), first + "the last") << name(compression);
        if (compression == Compression::none) continue;
        EXPECT_EQ(detectCompression(all), compression);
        EXPECT_LT(all.size(), first.size() / 3);
    }
}

}  // namespace
}  // namespace meetpoint::formats
