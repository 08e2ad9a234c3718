#include "http/body_decoder.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "http/test_support.h"

namespace meetpoint::http {
namespace {

// Decodes what comes in pieces of `pieceSize`; every piece given out must be within the limit.
Result<std::string> decodeAll(std::string_view encoding, std::string_view encoded, const DecoderLimits& limits,
                              std::size_t pieceSize) {
    TRY_ASSIGN(BodyDecoder decoder, BodyDecoder::make(encoding, limits));
    std::string all;
    for (;;) {
        std::string piece;
        TRY(decoder.decode(piece));
        EXPECT_LE(piece.size(), limits.pieceBytes);
        all += piece;
        if (!decoder.wantsInput()) continue;
        if (encoded.empty()) break;
        decoder.feed(std::string(encoded.substr(0, pieceSize)));
        encoded.remove_prefix(std::min(pieceSize, encoded.size()));
    }
    TRY(decoder.finish());
    return all;
}

RC_GTEST_PROP(BodyDecoder, GivesBackWhatWasEncodedHoweverItIsCut,
              (std::string text, std::uint16_t cut, std::uint8_t repeat)) {
    std::string body;
    for (int i = 0; i < repeat; ++i)
        body += text;
    DecoderLimits limits;
    limits.pieceBytes = 5000;
    const std::size_t pieceSize = 1 + cut % 3000;
    RC_ASSERT(*decodeAll("", body, limits, pieceSize) == body);
    RC_ASSERT(*decodeAll("gzip", gzip(body), limits, pieceSize) == body);
    RC_ASSERT(*decodeAll("ZSTD", zstd(body), limits, pieceSize) == body);
    RC_ASSERT(*decodeAll("gzip", gzip(body) + gzip("more"), limits, pieceSize) == body + "more");
    RC_ASSERT(*decodeAll("zstd", zstd(body) + zstd("more"), limits, pieceSize) == body + "more");
}

RC_GTEST_PROP(BodyDecoder, ATruncatedBodyIsNeverTakenForWhole, (std::uint16_t at)) {
    std::string body;
    for (int i = 0; i < 3000; ++i)
        body += std::to_string(i * 7919);
    for (const auto& [encoding, encoded] : {std::pair{"gzip", gzip(body)}, std::pair{"zstd", zstd(body)}}) {
        const auto decoded = decodeAll(encoding, std::string_view(encoded).substr(0, at % encoded.size()), {}, 100);
        RC_ASSERT(!decoded.has_value());
        RC_ASSERT(decoded.error().code == "truncated-body");
    }
}

TEST(BodyDecoder, RefusesWhatIsCorruptOrUnknown) {
    for (auto encoding : {"gzip", "zstd"}) {
        EXPECT_EQ(decodeAll(encoding, "this is neither", {}, 4).error().code, "bad-encoding") << encoding;
        EXPECT_EQ(decodeAll(encoding, "", {}, 4).error().code, "truncated-body") << encoding;
    }
    std::string damaged = gzip(std::string(1000, 'a') + "b");
    damaged[damaged.size() - 6] ^= 1;  // in the checksum
    EXPECT_EQ(decodeAll("gzip", damaged, {}, 4).error().code, "bad-encoding");
    EXPECT_EQ(decodeAll("gzip", gzip("x") + "rest", {}, 400).error().code, "bad-encoding");
    for (auto encoding : {"br", "gzip, gzip", "deflate"})
        EXPECT_EQ(BodyDecoder::make(encoding, {}).error().code, "unsupported-encoding") << encoding;
}

TEST(BodyDecoder, StopsBombsAndWhatIsTooLarge) {
    DecoderLimits limits;
    limits.decodedBytes = 1 << 30;
    limits.ratioSlackBytes = 1 << 20;
    limits.ratio = 100;
    const std::string zeros(8 << 20, '\0');
    EXPECT_EQ(decodeAll("gzip", gzip(zeros), limits, 1 << 16).error().code, "compression-ratio");
    EXPECT_EQ(decodeAll("zstd", zstd(zeros), limits, 1 << 16).error().code, "compression-ratio");
    limits.ratio = 1'000'000;
    EXPECT_EQ(decodeAll("zstd", zstd(zeros), limits, 1 << 16)->size(), zeros.size());
    limits.decodedBytes = 1000;
    EXPECT_EQ(decodeAll("", zeros, limits, 1 << 16).error().code, "body-too-large");
    EXPECT_EQ(decodeAll("gzip", gzip(zeros), limits, 1 << 16).error().kind, ErrorKind::tooLarge);
}

}  // namespace
}  // namespace meetpoint::http
