#include "http/byte_range.h"

#include <gtest/gtest.h>

namespace meetpoint::http {
namespace {

TEST(ByteRange, IsReadAsTheRfcHasIt) {
    const WantedRange whole{}, none = UnsatisfiableRange{};
    struct Case {
        const char* text;
        std::uint64_t size;
        WantedRange wanted;
    };
    const Case cases[] = {
        {"bytes=0-499", 1'000, ByteRange{0, 500}},
        {"bytes=500-", 1'000, ByteRange{500, 1'000}},
        {"bytes=-300", 1'000, ByteRange{700, 1'000}},
        {"bytes=-3000", 1'000, ByteRange{0, 1'000}},
        {"bytes=999-999", 1'000, ByteRange{999, 1'000}},
        {"BYTES=0-0", 1'000, ByteRange{0, 1}},
        {"bytes=0-99999999999999999999999", 1'000, ByteRange{0, 1'000}},
        {"bytes=1000-", 1'000, none},
        {"bytes=-0", 1'000, none},
        {"bytes=99999999999999999999999-", 1'000, none},
        {"bytes=0-", 0, none},
        {"bytes=-1", 0, none},
        {"bytes=5-4", 1'000, whole},
        {"bytes=0-1,5-6", 1'000, whole},
        {"bytes=", 1'000, whole},
        {"bytes=-", 1'000, whole},
        {"bytes=1", 1'000, whole},
        {"bytes=a-b", 1'000, whole},
        {"bytes=+1-2", 1'000, whole},
        {"bytes= 1-2", 1'000, whole},
        {"items=0-1", 1'000, whole},
        {"", 1'000, whole},
    };
    for (const Case& one : cases)
        EXPECT_EQ(parseRange(one.text, one.size), one.wanted) << one.text;
}

Content letters() {
    return {5, "text/plain", "\"e\"", {{"Repr-Digest", "d"}}, [](std::uint64_t first, std::uint64_t end) {
                return std::string("abcde").substr(first, std::min<std::uint64_t>(2, end - first));
            }};
}

std::string bodyOf(const Response& response) {
    std::string body;
    while (true) {
        const auto piece = response.source();
        EXPECT_TRUE(piece);
        if (!piece || !*piece) return body;
        body += **piece;
    }
}

Response asked(Headers headers) {
    Request request;
    request.headers = std::move(headers);
    return contentResponse(request, letters());
}

TEST(Content, IsGivenAsAWholeOrInPart) {
    const Response whole = asked({});
    EXPECT_EQ(whole.status, 200);
    EXPECT_EQ(whole.headers.value("Content-Length"), "5");
    EXPECT_EQ(whole.headers.value("Accept-Ranges"), "bytes");
    EXPECT_EQ(whole.headers.value("Repr-Digest"), "d");
    EXPECT_FALSE(whole.headers.has("Content-Range"));
    EXPECT_EQ(bodyOf(whole), "abcde");
    const Response part = asked({{"Range", "bytes=1-3"}, {"If-Range", "\"e\""}});
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.headers.value("Content-Length"), "3");
    EXPECT_EQ(part.headers.value("Content-Range"), "bytes 1-3/5");
    EXPECT_EQ(part.headers.value("ETag"), "\"e\"");
    EXPECT_EQ(bodyOf(part), "bcd");
    const Response other = asked({{"Range", "bytes=1-3"}, {"If-Range", "\"old\""}});
    EXPECT_EQ(other.status, 200) << "parts of different things are never put together";
    EXPECT_EQ(bodyOf(other), "abcde");
    const Response behind = asked({{"Range", "bytes=5-"}});
    EXPECT_EQ(behind.status, 416);
    EXPECT_EQ(behind.headers.value("Content-Range"), "bytes */5");
    EXPECT_NE(behind.body.find("range-not-satisfiable"), std::string::npos);
}

}  // namespace
}  // namespace meetpoint::http
