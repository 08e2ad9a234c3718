// Every limit of the listener, with a caller that goes over it.
#include <gtest/gtest.h>

#include "http/async_endpoint.h"
#include "http/test_support.h"

namespace meetpoint::http {
namespace {

class ListenerLimitsTest : public testing::Test {
protected:
    void SetUp() override {
        add(endpoint(post("/v1/whole"), "whole")
                .open()
                .wholeBody({"text/plain"}, textSchema(), "")
                .answersNothing(200, "")
                .handle([](const Request& request) -> Result<Response> {
                    return plainText(std::to_string(request.body.size()));
                }));
        add(endpoint(http::get("/v1/quick"), "quick")
                .open()
                .answersNothing(200, "")
                .handle([](const Request&) -> Result<Response> { return plainText("quick"); }));
    }
    void add(Endpoint endpoint) { ASSERT_TRUE(server.endpoints.add(std::move(endpoint))); }
    ClientResponse post_(std::string body, Headers headers = {}) {
        headers.add("Content-Type", "text/plain");
        return server.send({"POST", "/v1/whole", headers, std::move(body)});
    }
    TestServer server;
};

TEST_F(ListenerLimitsTest, LargeBodiesAreRefusedAndTheConnectionClosed) {
    server.options.limits.wholeBodyBytes = 1000;
    server.start();
    EXPECT_EQ(post_(std::string(1000, 'x')).body, "1000");
    const auto told = post_(std::string(5'000'000, 'x'));  // refused by its length
    EXPECT_EQ(told.status, 413);
    EXPECT_EQ(told.headers.value("Connection"), "close");
    ClientRequest chunked{"POST", "/v1/whole", {{"Content-Type", "text/plain"}}};
    chunked.source = [left = 100]() mutable -> Result<std::optional<std::string>> {
        if (left-- == 0) return std::optional<std::string>();
        return std::optional(std::string(1000, 'x'));
    };
    const auto found = server.send(chunked);  // found out while reading
    EXPECT_EQ(found.status, 413);
    EXPECT_NE(found.body.find("body-too-large"), std::string::npos);
}

TEST_F(ListenerLimitsTest, BombsAreRefused) {
    server.options.limits.wholeBodyBytes = 64 << 20;
    server.options.limits.bodyRatioSlackBytes = 1 << 20;
    server.start();
    const auto bomb = post_(gzip(std::string(32 << 20, 'x')), {{"Content-Encoding", "gzip"}});
    EXPECT_EQ(bomb.status, 413);
    EXPECT_NE(bomb.body.find("compression-ratio"), std::string::npos) << bomb.body;
    EXPECT_EQ(post_(gzip("hello"), {{"Content-Encoding", "gzip"}}).body, "5");
}

TEST_F(ListenerLimitsTest, SlowHeadersAndSlowBodiesAreCutOff) {
    server.options.limits.headerTimeout = milliseconds(50);
    server.options.limits.bodyReadTimeout = milliseconds(50);
    server.start();
    RawConnection headers(server.listener->port());
    headers.send("GET /v1/quick HTTP/1.1\r\nHost");
    EXPECT_EQ(headers.untilClosed(), "");
    RawConnection body(server.listener->port());
    body.send("POST /v1/whole HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\nabc");
    EXPECT_EQ(body.untilClosed(), "");
    EXPECT_NE(server.metrics.text().find(R"(http_connections_refused_total{reason="timeout"} 1)"), std::string::npos);
}

TEST_F(ListenerLimitsTest, IdleConnectionsAreClosed) {
    server.options.limits.idleTimeout = milliseconds(50);
    server.start();
    RawConnection raw(server.listener->port());
    raw.send("GET /v1/quick HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(raw.answers(1).at(0).body, "quick");
    EXPECT_EQ(raw.untilClosed(), "");
}

TEST_F(ListenerLimitsTest, MalformedHttpIsAProblem) {
    server.options.limits.headerBytes = 2000;
    server.start();
    const auto statusOf = [&](std::string_view bytes) {
        RawConnection raw(server.listener->port());
        raw.send(bytes);
        const auto answers = raw.answers(1);
        return answers.empty() ? 0 : answers[0].status;
    };
    EXPECT_EQ(statusOf("nonsense\r\n\r\n"), 400);
    EXPECT_EQ(statusOf("GET /v1/quick HTTP/1.1\r\n\r\n"), 400);  // no Host
    EXPECT_EQ(statusOf("GET /v1/quick HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
    EXPECT_EQ(statusOf("GET /v1/quick HTTP/3.0\r\nHost: a\r\n\r\n"), 400);
    EXPECT_EQ(statusOf("POST /v1/whole HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"),
              400);
    EXPECT_EQ(statusOf("POST /v1/whole HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n"), 400);
    EXPECT_EQ(statusOf("POST /v1/whole HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n"), 400);
    EXPECT_EQ(statusOf("POST /v1/whole HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
              400);
    EXPECT_EQ(statusOf("GET /v1/quick HTTP/1.1\r\nHost: a\r\nExpect: a-miracle\r\n\r\n"), 400);
    EXPECT_EQ(statusOf("POST /v1/whole HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nTransfer-Encoding: "
                       "chunked\r\n\r\nzz\r\n"),
              400);
    EXPECT_EQ(statusOf("GET /v1/quick HTTP/1.1\r\nHost: a\r\nX: " + std::string(3000, 'x') + "\r\n\r\n"), 431);
    EXPECT_EQ(statusOf("GET /v1/quick HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
    EXPECT_EQ(statusOf("GET /v1/quick HTTP/1.0\r\n\r\n"), 200);
    EXPECT_EQ(statusOf("GET http://other/v1/quick HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
}

TEST_F(ListenerLimitsTest, AFullQueueAnswersTryAgain) {
    Gate entered, release;
    std::atomic<int> count = 0;
    add(endpoint(http::get("/v1/slow"), "slow")
            .open()
            .answersNothing(200, "")
            .handle([&](const Request&) -> Result<Response> {
                ++count;
                entered.open();
                EXPECT_TRUE(release.wait());
                return plainText("slow");
            }));
    server.options.limits.blockingThreads = 1;
    server.options.limits.blockingQueue = 1;
    server.options.limits.retryAfterSeconds = 3;
    server.start();
    const std::string slow = "GET /v1/slow HTTP/1.1\r\nHost: x\r\n\r\n";
    RawConnection first(server.listener->port());
    first.send(slow);
    ASSERT_TRUE(entered.wait());
    // One runs and one may wait: of two more, exactly one is refused, whichever comes second.
    RawConnection second(server.listener->port()), third(server.listener->port());
    second.send(slow);
    third.send(slow);
    const auto waitForRefusal = [&] {
        for (int i = 0; i < 10'000; ++i) {
            if (server.metrics.text().find("http_blocking_queue_refused_total 1") != std::string::npos) return true;
            std::this_thread::yield();
        }
        return false;
    };
    EXPECT_TRUE(waitForRefusal());
    release.open();
    const auto a = second.answers(1), b = third.answers(1);
    ASSERT_EQ(a.size() + b.size(), 2u);
    EXPECT_EQ(a[0].status + b[0].status, 200 + 503);
    EXPECT_EQ((a[0].status == 503 ? a : b)[0].headers.value("Retry-After"), "3");
    EXPECT_EQ(first.answers(1).at(0).status, 200);
    EXPECT_EQ(count, 2);
}

TEST_F(ListenerLimitsTest, TooManyConnectionsAreClosed) {
    server.options.limits.connections = 1;
    server.start();
    RawConnection first(server.listener->port());
    first.send("GET /v1/quick HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(first.answers(1).size(), 1u);
    RawConnection second(server.listener->port());
    EXPECT_EQ(second.untilClosed(), "");
}

TEST_F(ListenerLimitsTest, SaysWhatItCannotListenOn) {
    server.start();
    auto options = server.options;
    options.port = server.listener->port();
    const auto again =
        Listener::start(options, {server.endpoints, {}, server.metrics, server.clock, server.random, silentLog()});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, "cannot-listen");
    options.tls = TlsFiles{"/nonexistent.pem", "/nonexistent.key"};
    EXPECT_EQ(Listener::start(options, {server.endpoints, {}, server.metrics, server.clock, server.random, silentLog()})
                  .error()
                  .code,
              "bad-tls-files");
}

}  // namespace
}  // namespace meetpoint::http
