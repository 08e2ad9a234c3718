#include "base/bytes.h"

#include <gtest/gtest.h>

#include "base/hash.h"

namespace meetpoint {
namespace {

TEST(Bytes, SpellsHexAndBase64Url) {
    const Bytes bytes{0xff, 0xfe, 0x00, 0x10};
    EXPECT_EQ(toHex(bytes), "fffe0010");
    EXPECT_EQ(toBase64Url(bytes), "__4AEA");
    EXPECT_EQ(*fromBase64Url("__4AEA"), bytes);
    EXPECT_EQ(*fromHex("fffe0010"), bytes);
    EXPECT_EQ(toBase64(bytes), "//4AEA==");
    EXPECT_EQ(*fromBase64("//4AEA=="), bytes);
    EXPECT_FALSE(fromHex("abc"));
    EXPECT_FALSE(fromBase64Url("a!b"));
    EXPECT_FALSE(fromBase64Url("\xff\xff\xff\xff"))
        << "one text for one value, or a signature could be spelt in two ways";
}

TEST(Hash, AgreesWithThePublishedVectors) {
    // FIPS 180-4 example "abc"; RFC 4231 test case 2
    EXPECT_EQ(toHex(sha256(viewOf("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(toHex(hmacSha256(viewOf("Jefe"), viewOf("what do ya want for nothing?"))),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    Sha256Builder builder;
    builder.add(viewOf("a"));
    builder.add(viewOf("bc"));
    EXPECT_EQ(builder.finish(), sha256(viewOf("abc")));
}

}  // namespace
}  // namespace meetpoint
