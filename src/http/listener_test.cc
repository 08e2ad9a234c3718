// The server over real HTTP on loopback: routing, validation, answers, long polls, streams, stopping.
#include "http/listener.h"

#include <gtest/gtest.h>

#include "http/answer_writer.h"
#include "http/async_endpoint.h"
#include "http/test_support.h"

namespace meetpoint::http {
namespace {

struct Greeting {
    std::string name;
    std::optional<std::int64_t> times;
};
BOOST_DESCRIBE_STRUCT(Greeting, (), (name, times))

struct Caller {
    std::string name;
};

Endpoint echo() {
    return endpoint(post("/v1/greetings"), "greet")
        .open()
        .answers<Greeting>(200, "The same")
        .handle<Greeting>([](const Request&, Greeting body) -> Result<Response> { return jsonResponse(body); });
}

Endpoint reader(std::string path, SyncHandler handler) {
    return endpoint(http::get(path), "read" + std::to_string(std::hash<std::string>()(path)))
        .open()
        .answers(200, "text/plain", textSchema(), "Text")
        .handle(std::move(handler));
}

class ListenerTest : public testing::Test {
protected:
    void add(Endpoint endpoint) {
        const auto added = server.endpoints.add(std::move(endpoint));
        ASSERT_TRUE(added) << added.error().message;
    }
    TestServer server;
};

TEST_F(ListenerTest, RoutesAnswersAndCounts) {
    add(echo());
    add(reader("/v1/things/{id}", [](const Request& request) -> Result<Response> {
        return plainText(*request.path.text("id") + "|" + request.route + "|" + request.peerAddress);
    }));
    server.options.constantHeaders = {{"Store-Kind", "sandbox"}};
    server.start();

    const auto thing = server.get("/v1/things/a%20b", {{"X-Request-Id", "mine-1"}});
    EXPECT_EQ(thing.status, 200);
    EXPECT_EQ(thing.body, "a b|/v1/things/{id}|127.0.0.1");
    EXPECT_EQ(thing.headers.value("x-request-id"), "mine-1");
    EXPECT_EQ(thing.headers.value("Store-Kind"), "sandbox");
    EXPECT_EQ(server.get("/v1/things/1", {{"X-Request-Id", "not/ours"}}).headers.value("X-Request-Id").size(), 32u);

    const auto greeted =
        server.send({"POST", "/v1/greetings", {{"Content-Type", "application/json"}}, R"({"name":"a"})"});
    EXPECT_EQ(greeted.body, R"({"name":"a"})");

    const auto missing = server.get("/v1/nothing");
    EXPECT_EQ(missing.status, 404);
    EXPECT_EQ(missing.headers.value("Content-Type"), "application/problem+json");
    EXPECT_NE(missing.body.find("urn:meetpoint:problem:not-found"), std::string::npos);

    const auto wrong = server.send({"DELETE", "/v1/greetings"});
    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(wrong.headers.value("Allow"), "OPTIONS, POST");
    EXPECT_EQ(server.send({"BREW", "/v1/greetings"}).status, 405);
    const auto options = server.send({"OPTIONS", "/v1/things/1"});
    EXPECT_EQ(options.status, 204);
    EXPECT_EQ(options.headers.value("Allow"), "GET, HEAD, OPTIONS");

    const auto head = server.send({"HEAD", "/v1/things/1"});
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(head.headers.value("Content-Length"), "27");

    server.listener->stop(seconds(10));
    const std::string metrics = server.metrics.text();
    EXPECT_NE(metrics.find(R"(http_requests_total{method="GET",route="/v1/things/{id}",status="2xx"} 2)"),
              std::string::npos)
        << metrics;
    EXPECT_NE(metrics.find("http_requests_in_flight 0"), std::string::npos);
    EXPECT_EQ(metrics.find("a%20b"), std::string::npos);
}

TEST_F(ListenerTest, ValidatesBodiesParametersAndTypes) {
    add(echo());
    add(endpoint(http::get("/v1/list"), "list")
            .open()
            .query(integerParameter("limit", "", 1, 10, 5))
            .answers(200, "application/json", textSchema(), "")
            .answers(200, "text/csv", textSchema(), "")
            .handle([](const Request& request) -> Result<Response> {
                return plainText(std::to_string(*request.query.integer("limit")) + " " + request.negotiated);
            }));
    server.start();
    EXPECT_EQ(server.get("/v1/list").body, "5 application/json");
    EXPECT_EQ(server.get("/v1/list?limit=7", {{"Accept", "text/*"}}).body, "7 text/csv");
    EXPECT_EQ(server.get("/v1/list", {{"Accept", "image/png"}}).status, 406);
    const auto unknown = server.get("/v1/list?limt=7");
    EXPECT_EQ(unknown.status, 400);
    EXPECT_NE(unknown.body.find(R"("pointer":"query/limt","code":"unknown-parameter")"), std::string::npos)
        << unknown.body;

    const auto post = [&](std::string type, std::string body) {
        return server.send({"POST", "/v1/greetings", {{"Content-Type", std::move(type)}}, std::move(body)});
    };
    EXPECT_EQ(post("application/json; charset=utf-8", R"({"name":"a"})").status, 200);
    EXPECT_EQ(post("text/plain", "x").status, 415);
    const auto faulty = post("application/json", R"({"nane":"a","times":"x"})");
    EXPECT_EQ(faulty.status, 400);
    EXPECT_NE(faulty.body.find(R"("pointer":"/nane","code":"unknown-field")"), std::string::npos);
    EXPECT_NE(faulty.body.find(R"("pointer":"/times","code":"wrong-type")"), std::string::npos);
    EXPECT_NE(faulty.body.find(R"("pointer":"/name","code":"missing-field")"), std::string::npos);
    EXPECT_EQ(server.send({"GET", "/v1/list", {}, "body"}).status, 400);
}

TEST_F(ListenerTest, AsksWhoCallsBeforeAnythingElse) {
    server.authenticator = [](const Request& request, const Endpoint& endpoint) -> Result<Principal> {
        const auto token = request.headers.value("Authorization");
        if (token.empty() || token == "Bearer old")
            return fail({ErrorKind::unauthenticated, "token-missing", "Send a token.", {}, {}, 0});
        if (endpoint.access.scope == "admin")
            return fail({ErrorKind::forbidden, "scope-missing", "Not yours.", {}, {}, 0});
        return Principal::of(std::make_shared<const Caller>(Caller{std::string(token.substr(7))}));
    };
    const SyncHandler who = [](const Request& request) -> Result<Response> {
        return plainText(request.principal.as<Caller>()->name);
    };
    add(endpoint(http::get("/v1/me"), "me").answersNothing(200, "").handle(who));
    add(endpoint(http::get("/v1/admin"), "admin").scope("admin").answersNothing(200, "").handle(who));
    server.start();
    EXPECT_EQ(server.get("/v1/me", {{"Authorization", "Bearer ann"}}).body, "ann");
    const auto nobody = server.get("/v1/me?unknown=1");
    EXPECT_EQ(nobody.status, 401);
    EXPECT_EQ(nobody.headers.value("WWW-Authenticate"), R"(Bearer realm="meetpoint")");
    EXPECT_EQ(server.get("/v1/me", {{"Authorization", "Bearer old"}}).headers.value("WWW-Authenticate"),
              R"(Bearer realm="meetpoint", error="invalid_token")");
    const auto forbidden = server.get("/v1/admin", {{"Authorization", "Bearer ann"}});
    EXPECT_EQ(forbidden.status, 403);
    EXPECT_EQ(forbidden.headers.value("WWW-Authenticate"),
              R"(Bearer realm="meetpoint", error="insufficient_scope", scope="admin")");
}

TEST_F(ListenerTest, AnEndpointsOwnFormOfErrorsIsThatOfEveryRefusal) {
    const auto form = std::make_shared<const ErrorForm>(ErrorForm{
        "OwnError", "application/x-own", textSchema(), "", [](const Error& error, const ErrorOccasion& occasion) {
            return std::to_string(occasion.status) + " " + error.code + " " + std::string(occasion.requestId);
        }});
    add(endpoint(post("/v1/things/{id}"), "changeThing")
            .path(idParameter("id", ""))
            .errorForm(form)
            .answers<Greeting>(200, "")
            .handle<Greeting>(
                [](const Request&, Greeting) -> Result<Response> { return fail(conflict("taken", "It is taken.")); }));
    server.authenticator = [](const Request& request, const Endpoint&) -> Result<Principal> {
        if (request.headers.value("Authorization") != "Bearer right")
            return fail(Error{ErrorKind::unauthenticated, "token-missing", "", "for the log", {}, 0});
        return Principal::of(std::make_shared<const Caller>(Caller{"right"}));
    };
    server.start();
    const std::string thing = "/v1/things/0197c000-0000-7000-8000-0000000000aa";
    const auto ask = [&](const std::string& method, const std::string& path, const std::string& body,
                         const std::string& token = "Bearer right") {
        return server.send({method,
                            path,
                            {{"X-Request-Id", "me"}, {"Authorization", token}, {"Content-Type", "application/json"}},
                            body});
    };
    const auto stranger = ask("POST", thing, "{}", "Bearer wrong");
    EXPECT_EQ(stranger.status, 401);
    EXPECT_EQ(stranger.body, "401 token-missing me");
    EXPECT_EQ(stranger.headers.value("Content-Type"), "application/x-own");
    EXPECT_NE(stranger.headers.value("WWW-Authenticate"), "");
    EXPECT_EQ(ask("POST", thing, "{").body, "400 bad-json me");
    EXPECT_EQ(ask("POST", thing + "?a=1", "{}").body, "400 bad-parameters me");
    EXPECT_EQ(ask("POST", thing, R"({"name":"a"})").body, "409 taken me");
    EXPECT_EQ(ask("POST", "/v1/things/17", "{}").body, "404 not-found me") << "a malformed id";
    const auto method = ask("DELETE", thing, "");
    EXPECT_EQ(method.body, "405 method-not-allowed me");
    EXPECT_EQ(method.headers.value("Allow"), "OPTIONS, POST");
    EXPECT_EQ(ask("GET", "/v1/elsewhere", "").headers.value("Content-Type"), "application/problem+json");
}

TEST_F(ListenerTest, AHandlerThatThrowsAnswersAProblemWithoutItsText) {
    add(reader("/v1/throw", [](const Request&) -> Result<Response> { throw std::runtime_error("secret detail"); }));
    add(endpoint(http::get("/v1/throwAsync"), "throwAsync")
            .open()
            .answersNothing(200, "")
            .handle(asynchronous([](AsyncRequest&) -> Answer {
                throw std::runtime_error("secret detail");
                co_return noContent();
            })));
    add(endpoint(http::get("/v1/throwInPool"), "throwInPool")
            .open()
            .answersNothing(200, "")
            .handle(asynchronous([](AsyncRequest& request) -> Answer {
                co_await request.runBlocking([]() -> int { throw std::runtime_error("secret detail"); });
                co_return noContent();
            })));
    server.start();
    for (auto path : {"/v1/throw", "/v1/throwAsync", "/v1/throwInPool"}) {
        const auto answer = server.get(path);
        EXPECT_EQ(answer.status, 500);
        EXPECT_EQ(answer.body.find("secret"), std::string::npos);
    }
}

TEST_F(ListenerTest, AnswersPipelinedRequestsInOrder) {
    add(echo());
    add(reader("/v1/things/{id}",
               [](const Request& request) -> Result<Response> { return plainText(*request.path.text("id")); }));
    server.start();
    RawConnection raw(server.listener->port());
    std::string all;
    for (int i = 0; i < 20; ++i) {
        all += "GET /v1/things/" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
        const std::string body = R"({"name":")" + std::to_string(i) + R"("})";
        all +=
            "POST /v1/greetings HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            "Transfer-Encoding: chunked\r\n\r\n";
        all += chunkOf(body.substr(0, 1)) + chunkOf(body.substr(1)) + std::string(lastChunk);
    }
    raw.send(all);
    const auto answers = raw.answers(40);
    ASSERT_EQ(answers.size(), 40u);
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(answers[2 * i].body, std::to_string(i));
        EXPECT_EQ(answers[2 * i + 1].body, R"({"name":")" + std::to_string(i) + R"("})");
    }
}

TEST_F(ListenerTest, TellsAClientThatWaitsToGoOn) {
    add(echo());
    server.start();
    RawConnection raw(server.listener->port());
    raw.send(
        "POST /v1/greetings HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 12\r\n"
        "Expect: 100-continue\r\n\r\n");
    EXPECT_EQ(raw.answers(1).at(0).status, 100);
    raw.send(R"({"name":"a"})");
    EXPECT_EQ(raw.answers(1).at(0).body, R"({"name":"a"})");
}

TEST_F(ListenerTest, ALongPollWakesWhenTheBellRings) {
    Doorbell bell;
    Gate looked;
    std::atomic<int> stored = 0;
    add(endpoint(http::get("/v1/feed"), "feed")
            .open()
            .answersNothing(200, "")
            .handle(asynchronous([&](AsyncRequest& request) -> Answer {
                for (;;) {
                    const auto seen = bell.rings();
                    CO_TRY_ASSIGN(const int count,
                                  co_await request.runBlocking([&]() -> Result<int> { return stored.load(); }));
                    if (count > 0) co_return plainText(std::to_string(count));
                    looked.open();
                    const bool rang = co_await request.waitForRing(bell, seen, request->receivedAt + seconds(30));
                    if (!rang) co_return noContent();
                }
            })));
    server.start();
    std::thread writer([&] {
        EXPECT_TRUE(looked.wait());
        stored = 7;
        bell.ring();
    });
    EXPECT_EQ(server.get("/v1/feed").body, "7");
    writer.join();
}

TEST_F(ListenerTest, StreamsUploadsInPiecesAndAnswersInChunks) {
    add(endpoint(post("/v1/upload"), "upload")
            .open()
            .streamBody({"application/x-ndjson"}, textSchema(), "Lines")
            .answersNothing(200, "")
            .handle(asynchronous([](AsyncRequest& request) -> Answer {
                std::size_t total = 0, largest = 0;
                for (;;) {
                    CO_TRY_ASSIGN(auto piece, co_await request.body().next());
                    if (!piece) break;
                    total += piece->size();
                    largest = std::max(largest, piece->size());
                }
                co_return plainText(std::to_string(total) + (largest <= 4096 ? " small" : " large"));
            })));
    add(endpoint(http::get("/v1/numbers"), "numbers")
            .open()
            .answersNothing(200, "")
            .handle([](const Request&) -> Result<Response> {
                return streamed("text/plain", [next = 0]() mutable -> Result<std::optional<std::string>> {
                    if (next == 1000) return std::optional<std::string>();
                    return std::optional(std::to_string(next++) + "\n");
                });
            }));
    add(endpoint(http::get("/v1/broken"), "broken")
            .open()
            .answersNothing(200, "")
            .handle([](const Request&) -> Result<Response> {
                return streamed("text/plain", [next = 0]() mutable -> Result<std::optional<std::string>> {
                    if (next++ == 3) return fail(internalError("no more"));
                    return std::optional(std::string("x"));
                });
            }));
    add(endpoint(http::get("/v1/events"), "events")
            .open()
            .answersNothing(200, "")
            .handle(asynchronous([](AsyncRequest&) -> Answer {
                auto left = std::make_shared<int>(3);
                co_return streamedAsynchronously(
                    "text/event-stream",
                    [left](AsyncRequest& request) -> boost::asio::awaitable<Result<std::optional<std::string>>> {
                        if ((*left)-- == 0) co_return std::optional<std::string>();
                        co_await request.pause(milliseconds(1));
                        co_return std::optional(std::string("data: x\n\n"));
                    });
            })));
    server.options.limits.bodyPieceBytes = 4096;
    server.start();

    std::string text;
    for (int i = 0; i < 100'000; ++i)
        text += std::to_string(i) + "\n";
    const std::string expected = std::to_string(text.size()) + " small";
    const auto upload = [&](std::string body, Headers headers) {
        headers.add("Content-Type", "application/x-ndjson");
        ClientRequest request{"POST", "/v1/upload", headers};
        // In parts that no boundary of ours agrees with.
        request.source = [body = std::move(body), at = std::size_t(0)]() mutable -> Result<std::optional<std::string>> {
            if (at == body.size()) return std::optional<std::string>();
            const std::string piece = body.substr(at, 10'007);
            at += piece.size();
            return std::optional(piece);
        };
        return server.send(std::move(request));
    };
    EXPECT_EQ(upload(text, {}).body, expected);
    EXPECT_EQ(upload(gzip(text), {{"Content-Encoding", "gzip"}}).body, expected);
    EXPECT_EQ(upload(zstd(text), {{"Content-Encoding", "zstd"}}).body, expected);
    const std::string packed = zstd(text);
    const auto truncated = upload(packed.substr(0, packed.size() / 2), {{"Content-Encoding", "zstd"}});
    EXPECT_EQ(truncated.status, 400);
    EXPECT_NE(truncated.body.find("truncated-body"), std::string::npos);
    EXPECT_NE(upload(text, {{"Content-Encoding", "gzip"}}).body.find("bad-encoding"), std::string::npos);
    EXPECT_EQ(upload(text, {{"Content-Encoding", "br"}}).status, 415);

    const auto numbers = server.get("/v1/numbers");
    EXPECT_EQ(numbers.headers.value("Transfer-Encoding"), "chunked");
    EXPECT_EQ(numbers.body.size(), 10u * 2 + 90 * 3 + 900 * 4);
    EXPECT_EQ(server.get("/v1/events").body, "data: x\n\ndata: x\n\ndata: x\n\n");

    Client client;
    const auto broken = client.send({"GET", server.url("/v1/broken")});
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().code, "connection-lost");
}

TEST_F(ListenerTest, StoppingLetsARunningHandlerFinishAndTellsItsCaller) {
    Gate entered, release;
    std::atomic<bool> committed = false;
    add(reader("/v1/slow", [&](const Request&) -> Result<Response> {
        entered.open();
        EXPECT_TRUE(release.wait());
        committed = true;
        return plainText("done");
    }));
    server.start();
    RawConnection idle(server.listener->port());
    RawConnection busy(server.listener->port());
    busy.send("GET /v1/slow HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_TRUE(entered.wait());
    std::thread stopper([&] { server.listener->stop(seconds(30)); });
    EXPECT_EQ(idle.untilClosed(), "");  // closed at once: nothing was asked
    release.open();
    const auto answers = busy.answers(1);
    stopper.join();
    EXPECT_EQ(answers.at(0).body, "done");
    EXPECT_EQ(answers.at(0).headers.value("Connection"), "close");
    EXPECT_TRUE(committed);
}

// The system has taken the connection and the request; whether the server has looked at either is a matter of luck.
TEST_F(ListenerTest, StoppingServesWhatHadArrivedBefore) {
    add(reader("/v1/quick", [](const Request&) -> Result<Response> { return plainText("done"); }));
    for (int round = 0; round < 100; ++round) {
        server.start();
        std::vector<std::unique_ptr<RawConnection>> connections;
        for (int i = 0; i < 8; ++i) {
            connections.push_back(std::make_unique<RawConnection>(server.listener->port()));
            connections.back()->send("GET /v1/quick HTTP/1.1\r\nHost: x\r\n\r\n");
        }
        server.listener->stop(seconds(30));
        for (const auto& connection : connections) {
            const auto answers = connection->answers(1);
            ASSERT_EQ(answers.size(), 1u) << "round " << round;
            EXPECT_EQ(answers[0].body, "done");
        }
    }
}

TEST_F(ListenerTest, StoppingWithoutGraceStillWaitsForTheCommit) {
    Gate entered, release;
    std::atomic<bool> committed = false;
    add(reader("/v1/slow", [&](const Request&) -> Result<Response> {
        entered.open();
        EXPECT_TRUE(release.wait());
        committed = true;
        return plainText("done");
    }));
    server.start();
    RawConnection busy(server.listener->port());
    busy.send("GET /v1/slow HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_TRUE(entered.wait());
    std::thread stopper([&] { server.listener->stop(seconds(0)); });
    EXPECT_EQ(busy.untilClosed(), "");  // the caller is cut off
    EXPECT_FALSE(committed);
    release.open();
    stopper.join();
    EXPECT_TRUE(committed);  // but what it asked for is done
}

TEST_F(ListenerTest, StoppingEndsLongPolls) {
    Doorbell bell;
    Gate waiting;
    add(endpoint(http::get("/v1/feed"), "feed")
            .open()
            .answersNothing(200, "")
            .handle(asynchronous([&](AsyncRequest& request) -> Answer {
                waiting.open();
                const bool rang = co_await request.waitForRing(bell, bell.rings(), request->deadline);
                co_return plainText(rang ? "rang" : "stopped");
            })));
    server.start();
    std::thread stopper([&] {
        EXPECT_TRUE(waiting.wait());
        server.listener->stop(seconds(30));
    });
    EXPECT_EQ(server.get("/v1/feed").body, "stopped");
    stopper.join();
}

TEST_F(ListenerTest, ServesManyAtOnceOnKeptConnections) {
    add(echo());
    server.start();
    std::atomic<int> right = 0;
    std::vector<std::thread> clients;
    for (int t = 0; t < 8; ++t)
        clients.emplace_back([&, t] {
            Client client;
            for (int i = 0; i < 100; ++i) {
                const std::string body = R"({"name":")" + std::to_string(t * 1000 + i) + R"("})";
                const auto answer =
                    client.send({"POST", server.url("/v1/greetings"), {{"Content-Type", "application/json"}}, body});
                right += answer && answer->body == body;
            }
        });
    for (std::thread& client : clients)
        client.join();
    EXPECT_EQ(right, 800);
    EXPECT_NE(server.metrics.text().find("http_connections_total 8"), std::string::npos);
}

}  // namespace
}  // namespace meetpoint::http
