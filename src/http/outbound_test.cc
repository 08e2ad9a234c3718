#include "http/outbound.h"

#include <gtest/gtest.h>

#include "http/retry_after.h"

namespace meetpoint::http {
namespace {

TEST(Outbound, OnlyOrdinaryAddressesArePublic) {
    for (const char* address : {"1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1",
                                "192.0.1.1", "198.17.255.255", "198.20.0.1", "223.255.255.255", "2606:4700::1111",
                                "2a00:1450::1", "2001:200::1", "2001:db9::1"})
        EXPECT_TRUE(isPublicAddress(address)) << address;
    for (const char* address : {"0.0.0.0",
                                "0.1.2.3",
                                "10.0.0.1",
                                "10.255.255.255",
                                "100.64.0.1",
                                "100.127.255.255",
                                "127.0.0.1",
                                "127.255.255.255",
                                "169.254.169.254",
                                "172.16.0.1",
                                "172.31.255.255",
                                "192.0.0.1",
                                "192.0.2.1",
                                "192.88.99.1",
                                "192.168.1.1",
                                "198.18.0.1",
                                "198.19.255.255",
                                "198.51.100.7",
                                "203.0.113.7",
                                "224.0.0.1",
                                "239.255.255.255",
                                "240.0.0.1",
                                "255.255.255.255",
                                "::",
                                "::1",
                                "::ffff:10.0.0.1",
                                "::ffff:8.8.8.8",
                                "::8.8.8.8",
                                "64:ff9b::808:808",
                                "100::1",
                                "2001::1",
                                "2001:db8::1",
                                "2002:a00:1::1",
                                "3fff::1",
                                "fc00::1",
                                "fd12:3456::1",
                                "fe80::1",
                                "fe80::1%lo",
                                "fec0::1",
                                "ff02::1",
                                "",
                                "localhost",
                                "1.1.1.1:443"})
        EXPECT_FALSE(isPublicAddress(address)) << address;
}

TEST(Outbound, UrlsKeepTheRules) {
    const OutboundRules strict;
    for (const char* url : {"https://hooks.example.com/a?b=c", "https://hooks.example.com:8443", "https://1.1.1.1/",
                            "https://[2606:4700::1111]:1024/x"})
        EXPECT_TRUE(checkUrl(strict, url)) << url;
    for (const char* url :
         {"http://hooks.example.com/", "https://hooks.example.com:80/", "https://hooks.example.com:1023/",
          "https://127.0.0.1/", "https://[::1]:8443/", "https://[::ffff:10.0.0.1]/", "https://169.254.169.254/x"}) {
        const auto refused = checkUrl(strict, url);
        ASSERT_FALSE(refused) << url;
        EXPECT_EQ(refused.error().code, "url-not-allowed") << url;
    }
    for (const char* url :
         {"", "hooks.example.com", "ftp://hooks.example.com/", "https://", "https:///x",
          "https://user@hooks.example.com/", "https://user:secret@hooks.example.com/", "https://hooks.example.com:0/",
          "https://hooks.example.com:65536/", "https://hooks.example.com:8x/", "https://hooks example.com/",
          "https://hooks.example.com/\n"}) {
        const auto refused = checkUrl(strict, url);
        ASSERT_FALSE(refused) << url;
        EXPECT_EQ(refused.error().code, "bad-url") << url;
        EXPECT_EQ(refused.error().message.find("secret"), std::string::npos);
    }
    EXPECT_TRUE(checkUrl({true, false}, "http://hooks.example.com:8080/"));
    EXPECT_FALSE(checkUrl({true, false}, "http://127.0.0.1:8080/"));
    EXPECT_TRUE(checkUrl({true, true}, "http://127.0.0.1:80/"));
    EXPECT_FALSE(checkUrl({false, true}, "http://127.0.0.1:8080/"));
}

TEST(Outbound, RetryAfterIsSecondsOrADate) {
    constexpr Instant now{784'111'777'000};  // 1994-11-06T08:49:37Z
    EXPECT_EQ(readRetryAfter("120", now), seconds(120));
    EXPECT_EQ(readRetryAfter("0", now), seconds(0));
    EXPECT_EQ(readRetryAfter("99999999999", now), days(366));
    EXPECT_EQ(readRetryAfter("Sun, 06 Nov 1994 08:50:37 GMT", now), seconds(60));
    EXPECT_EQ(readRetryAfter("Sun, 06 Nov 1994 08:49:36 GMT", now), seconds(0)) << "it is over";
    for (const char* text :
         {"", "-1", "1.5", "soon", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 32 Nov 1994 08:49:37 GMT",
          "Sun, 06 anF 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "999999999999999999999"})
        EXPECT_EQ(readRetryAfter(text, now), std::nullopt) << text;
}

}  // namespace
}  // namespace meetpoint::http
