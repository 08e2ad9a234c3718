// What is wrong is refused with its line, its field and a code; what is right beside it is stored; nothing
// else changes.
#include <set>

#include <sys/resource.h>

#include "api/records.h"
#include "http/test_support.h"

namespace meetpoint::tests {
namespace {

using Words = std::vector<std::string>;

constexpr std::uint64_t smallBody = 256 << 10;

class BadInput : public WorldTest {
protected:
    explicit BadInput(const std::function<void(server::Configuration&)>& configure = [](server::Configuration&) {})
        : WorldTest(configure) {}

    Answer send(std::string body, http::Headers headers = {}) {
        return world.platform.upload("/v1/calls", std::move(body), "application/x-ndjson", std::move(headers));
    }
    Words storedCalls() { return column(at(world.alp.read("/v1/feeds/calls?limit=10000"), "/items"), "callId"); }

    // The bad line stands between two good ones, which are stored all the same.
    void expectRefused(const std::string& line, std::string_view code, std::string_view pointer) {
        const int before = number_ += 2;
        const json::object first = callRecord({.number = before - 1}), last = callRecord({.number = before});
        const Answer sent = send(ndjson({first}) + line + "\n" + ndjson({last}));
        EXPECT_EQ(countsOf(sent), "created 2, rejected 1") << line;
        const json::value result = at(sent.value(), "/results/1");
        EXPECT_EQ(textAt(result, "/status"), "rejected") << line;
        EXPECT_EQ(textAt(result, "/code"), code) << line << "\n" << json::serialize(result);
        EXPECT_EQ(pointer.empty() ? "" : textAt(result, "/pointer"), pointer) << line;
        EXPECT_EQ(textAt(result, "/line"), "2");
        EXPECT_GT(textAt(result, "/message").size(), 10u) << "it says what is wrong";
        EXPECT_EQ(storedCalls().size(), static_cast<std::size_t>(before)) << "the good ones and no other";
    }
    void expectRefused(const json::object& call, std::string_view code, std::string_view pointer) {
        expectRefused(json::serialize(call), code, pointer);
    }

    static json::object changed(std::string_view field, const json::value& value) {
        json::object call = callRecord({.number = 999});
        call[field] = value;
        return call;
    }

private:
    int number_ = 0;
};

TEST_P(BadInput, AFieldThatIsWrongIsNamed) {
    expectRefused(changed("colour", "blue"), "unknown-field", "/colour");
    expectRefused(changed("calleeNumber", "+0446681800"), "bad-number", "/calleeNumber");
    expectRefused(changed("ownNumber", "044 668 18 00"), "bad-number", "/ownNumber");
    expectRefused(changed("endedAt", "2026-03-09T11:59:59Z"), "ends-before-start", "/endedAt");
    expectRefused(changed("durationMs", days(7).ms + 1), "duration-too-long", "/durationMs");
    expectRefused(changed("durationMs", -1), "negative-duration", "/durationMs");
    expectRefused(changed("invitedAt", "2026-03-09T12:00:00"), "time-without-zone", "/invitedAt");
    expectRefused(changed("invitedAt", "yesterday"), "bad-time", "/invitedAt");
    expectRefused(changed("invitedAt", "2026-03-12T12:00:00Z"), "time-out-of-range", "/invitedAt");
    expectRefused(changed("version", "1"), "wrong-type", "/version");
    expectRefused(changed("callId", "17"), "bad-id", "/callId");
    expectRefused(changed("direction", "sideways"), "bad-value", "/direction");
    expectRefused(changed("streams", json::array{json::object{{"mos", 9}}}), "bad-quality-figure", "/streams/0/mos");
    expectRefused(changed("streams", json::array{json::object{{"loudness", 9}}}), "unknown-field",
                  "/streams/0/loudness");
    expectRefused(changed("trunk", json::string(257, 'x')), "text-too-long", "/trunk");
    json::object missing = callRecord({.number = 999});
    missing.erase("version");
    expectRefused(missing, "missing-field", "/version");
}

TEST_P(BadInput, ALineThatIsNoRecordIsConfinedToItself) {
    expectRefused(std::string("{\"callId\":"), "bad-json", "");
    expectRefused(std::string("[1,2]"), "bad-json", "");
    expectRefused(std::string("\xff\xfe rubbish"), "bad-utf8", "");
    expectRefused(json::serialize(callRecord({.number = 999})).insert(1, "\"version\":1,"), "duplicate-field",
                  "/version");
}

TEST_P(BadInput, UnknownFieldsPassWhereTheSenderAsksForThat) {
    const Answer lenient =
        send(ndjson({changed("colour", "blue"), changed("version", 2)}), {{"Prefer", "handling=lenient"}});
    EXPECT_EQ(countsOf(lenient), "created 1, updated 1");
    EXPECT_EQ(textAt(lenient.value(), "/ignoredFields"), "1");
    expectNone(world.alp.get("/v1/feeds/calls").whole(), {"colour", "blue"}, "the feed");
}

TEST_P(BadInput, TheSameIdTwiceInOneBatchIsJudgedInItsOrder) {
    const json::object call = callRecord({.number = 1}), other = callRecord({.number = 1, .talk = seconds(61)}),
                       newer = callRecord({.number = 1, .talk = seconds(62), .version = 2});
    const Answer sent = send(ndjson({call, call, other, newer, call}));
    EXPECT_EQ(column(at(sent.value(), "/results"), "status"),
              (Words{"created", "unchanged", "conflict", "updated", "unchanged"}));
    EXPECT_EQ(column(at(world.alp.read("/v1/feeds/calls"), "/items"), "durationMs"), (Words{"60000", "62000"}));
}

TEST_P(BadInput, AnotherCarriersNumberIsNamedByItsLine) {
    const Answer sent = world.alp.upload(
        "/v1/durations", ndjson({durationRecord({}), durationRecord({.recordId = "r-2", .ownNumber = World::bayE164}),
                                 durationRecord({.recordId = "r-3"})}));
    EXPECT_EQ(countsOf(sent), "created 2, rejected 1");
    EXPECT_EQ(textAt(sent.value(), "/results/1/code"), "number-not-yours");
    EXPECT_EQ(textAt(sent.value(), "/results/1/line"), "2");
    expectNone(sent.whole(), secretsOfBay(world), "the refusal");
}

TEST_P(BadInput, ABadTokenStoresNothing) {
    const std::string token = world.platform.token();
    for (const std::string& bad : {token.substr(0, token.size() - 3), std::string("x.y.z")})
        EXPECT_EQ(send(ndjson({callRecord({.number = 1})}), {{"Authorization", "Bearer " + bad}}).status, 401);
    exchange.clock.advance(hours(1));
    EXPECT_EQ(send(ndjson({callRecord({.number = 1})})).code(), "token-expired");
    world.logInAll();
    EXPECT_EQ(world.alp.post("/v1/calls", callRecord({.number = 1})).code(), "scope-missing")
        << "calls come from the platform";
    EXPECT_TRUE(storedCalls().empty());
}

TEST_P(BadInput, WhatIsNotReadHereSaysWhatIs) {
    const Answer xml = world.platform.upload("/v1/calls", "<calls/>", "application/xml");
    EXPECT_EQ(xml.status, 415);
    EXPECT_EQ(xml.code(), "unsupported-media-type");
    EXPECT_NE(xml.body.find("application/x-ndjson"), std::string::npos);
    const Answer brotli = send(ndjson({callRecord({.number = 1})}), {{"Content-Encoding", "br"}});
    EXPECT_EQ(brotli.status, 415);
    EXPECT_EQ(brotli.code(), "unsupported-encoding");
    EXPECT_EQ(send("this is no gzip", {{"Content-Encoding", "gzip"}}).code(), "bad-encoding");
    EXPECT_EQ(send("this is no zstd", {{"Content-Encoding", "zstd"}}).code(), "bad-encoding");
    EXPECT_EQ(world.platform.upload("/v1/numbers", "{}", "application/json").status, 405);
    EXPECT_EQ(world.platform
                  .send({.method = "GET",
                         .url = "/v1/carriers",
                         .headers = {{"Content-Type", "application/json"}},
                         .body = "{}"})
                  .code(),
              "unexpected-body");
    EXPECT_TRUE(storedCalls().empty());
}

TEST_P(BadInput, ABadCursorIsRefusedEverywhere) {
    const std::string upload = textAt(world.platform.upload("/v1/calls", "").value(), "/uploadId");
    const std::string good = textAt(world.alp.read("/v1/feeds/assignments"), "/next");
    for (const std::string& cursor :
         {std::string("rubbish"), std::string("%20"), good, good.substr(1), "B" + good.substr(1)}) {
        for (const std::string path :
             {"/v1/feeds/calls?", "/v1/feeds/items?", "/v1/numbers?", "/v1/reconciliation/items?date=2026-03-09&"}) {
            const Answer answer = world.alp.get(path + "cursor=" + cursor);
            EXPECT_EQ(answer.status, 400) << path << cursor;
            EXPECT_EQ(answer.code(), "bad-cursor") << path << cursor;
        }
        EXPECT_EQ(world.platform.get("/v1/uploads/" + upload + "/results?cursor=" + cursor).code(), "bad-cursor")
            << cursor;
        EXPECT_EQ(world.acme.get("/v1/tenants/" + world.acmeId + "/targets?cursor=" + cursor).code(), "bad-cursor")
            << cursor;
    }
    EXPECT_EQ(world.bay.get("/v1/feeds/assignments?cursor=" + good).code(), "bad-cursor") << "another reader's";
    EXPECT_EQ(world.alp.get("/v1/feeds/assignments?cursor=" + std::string(513, 'A')).code(), "bad-parameters")
        << "longer than any cursor";
    EXPECT_EQ(world.alp.get("/v1/feeds/assignments?cursor=" + good).status, 200);
}

TEST_P(BadInput, ParametersAreCheckedAllAtOnce) {
    const Answer answer = world.alp.get("/v1/feeds/calls?colour=blue&limit=0&limit=5&wait=61&carrierId=7&table=cars");
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.code(), "bad-parameters");
    const json::value errors = at(answer.value(), "/errors");
    EXPECT_EQ(column(errors, "pointer"),
              (Words{"query/colour", "query/limit", "query/wait", "query/carrierId", "query/table"}));
    EXPECT_EQ(textAt(errors, "/0/code"), "unknown-parameter");
    EXPECT_EQ(world.alp.get("/v1/carriers?x=1").code(), "bad-parameters")
        << "unknown parameters are an error everywhere";
    EXPECT_EQ(world.alp.get("/v1/carriers?x=%zz").code(), "bad-escape");
    EXPECT_EQ(world.alp.get("/v1/numbers/not-an-id").code(), "not-found");
    EXPECT_EQ(world.alp.get("/v1/nothing").code(), "not-found");
}

TEST_P(BadInput, ABodyReadWholeNamesEveryFault) {
    const Answer answer =
        world.platform.post("/v1/tenants", json::object{{"name", ""}, {"country", "CHE"}, {"colour", "blue"}});
    EXPECT_EQ(answer.code(), "invalid-body");
    const json::value errors = at(answer.value(), "/errors");
    Words pointers = column(errors, "pointer");
    std::ranges::sort(pointers);
    EXPECT_EQ(pointers, (Words{"/colour", "/country", "/name", "/sipDomain"}));
    const Answer broken = world.platform.upload("/v1/tenants", "{\n\"name\": \"x\",\n}", "application/json");
    EXPECT_EQ(broken.code(), "bad-json");
    EXPECT_EQ(textAt(broken.value(), "/errors/0/line"), "3");
    EXPECT_EQ(
        world.platform.upload("/v1/tenants", std::string(100, '[') + std::string(100, ']'), "application/json").code(),
        "bad-json");
    EXPECT_EQ(world.platform.upload("/v1/tenants", "", "application/json").code(), "bad-json");
    const Answer large =
        world.platform.upload("/v1/tenants", "{\"name\":\"" + std::string(2 << 20, 'x') + "\"}", "application/json");
    EXPECT_EQ(large.status, 413);
    EXPECT_EQ(large.code(), "body-too-large");
    EXPECT_EQ(column(at(world.platform.read("/v1/tenants"), "/items"), "name"), (Words{"Acme", "Zeta"}));
    const Answer targets = world.acme.post(
        "/v1/tenants/" + world.acmeId + "/targets",
        json::object{
            {"targets",
             json::array{
                 json::object{{"id", world.acmeId}, {"type", "user"}, {"displayName", "Good"}},
                 json::object{{"id", world.alpId}, {"type", "robot"}, {"displayName", "Bad"}, {"sipUri", "tel:1"}}}}});
    EXPECT_EQ(targets.code(), "invalid-targets");
    EXPECT_EQ(column(at(targets.value(), "/errors"), "pointer"), (Words{"/targets/1/type", "/targets/1/sipUri"}));
    EXPECT_EQ(column(at(world.acme.read("/v1/tenants/" + world.acmeId + "/targets"), "/items"), "displayName"),
              (Words{"Anna Aare", "Acme Bridge"}))
        << "all or nothing";
}

TEST_P(BadInput, ALineWithoutAnEndIsOneFaultAndTakesNoMemory) {
    constexpr std::size_t pieceBytes = 256 << 10, pieces = 400;  // 100 MiB
    const auto highWater = [] {
        rusage usage{};
        ::getrusage(RUSAGE_SELF, &usage);
        return usage.ru_maxrss;  // KiB
    };
    EXPECT_EQ(countsOf(send(ndjson({callRecord({.number = 1})}))),
              "created 1");  // what the first upload sets up is not measured
    const auto before = highWater();
    std::size_t sent = 0;
    http::ClientRequest request{
        .method = "POST", .url = "/v1/calls", .headers = {{"Content-Type", "application/x-ndjson"}}};
    request.source = [&]() -> Result<std::optional<std::string>> {
        const std::size_t piece = sent++;
        if (piece == 0) return ndjson({callRecord({.number = 2})}) + "{\"callId\":\"";
        if (piece <= pieces) return std::string(pieceBytes, 'x');
        if (piece == pieces + 1) return "\"}\n" + ndjson({callRecord({.number = 3})});
        return std::optional<std::string>();
    };
    const Answer answer = world.platform.send(std::move(request));
#ifdef __SANITIZE_ADDRESS__
    constexpr long keptAside = 256 << 10;  // freed memory that AddressSanitizer does not give out again
#else
    constexpr long keptAside = 0;
#endif
    EXPECT_LT(highWater() - before, (32 << 10) + keptAside) << "KiB more, for a line of 100 MiB";
    EXPECT_EQ(countsOf(answer), "created 2, rejected 1");
    EXPECT_EQ(textAt(answer.value(), "/results/1/code"), "line-too-long");
    EXPECT_EQ(textAt(answer.value(), "/results/1/line"), "2");
    EXPECT_EQ(textAt(answer.value(), "/results/2/line"), "3");
    EXPECT_EQ(storedCalls(), (Words{callId(1), callId(2), callId(3)}));
}

TEST_P(BadInput, WhatIsNoHttpIsRefused) {
    for (const auto& [bytes, status] : std::initializer_list<std::pair<std::string, int>>{
             {"RUBBISH\r\n\r\n", 400},
             {"GET /v1/carriers HTTP/1.1\r\nHost: a\r\nX: " + std::string(40'000, 'x') + "\r\n\r\n", 431},
             {"POST /v1/calls HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400}}) {
        http::RawConnection connection(exchange.port());
        connection.send(bytes);
        const auto answers = connection.answers(1);
        ASSERT_EQ(answers.size(), 1u) << bytes.substr(0, 40);
        EXPECT_EQ(answers[0].status, status) << bytes.substr(0, 40);
        EXPECT_EQ(answers[0].headers.value("Meetpoint-Store"), "sandbox");
        EXPECT_EQ(answers[0].headers.value("Content-Type"), "application/problem+json");
    }
}

ON_EVERY_STORE(BadInput);

// With limits so small that an upload of a few hundred records meets them.
class BrokenUploads : public BadInput {
protected:
    BrokenUploads()
        : BadInput([](server::Configuration& configuration) {
              configuration.http.streamBodyBytes = smallBody;
              configuration.http.bodyPieceBytes = 8 << 10;
              configuration.limits.uploadChunkRecords = 10;
          }) {}
    static std::string body(int records) {
        json::array calls;
        for (int number = 1; number <= records; ++number)
            calls.push_back(callRecord({.number = number, .invitedAt = World::noon + seconds(number)}));
        return ndjson(calls);
    }
    // What is stored is whole chunks from the front, the problem names the upload, and sending it again
    // completes it.
    void expectPrefixAndComplete(const Answer& broken, const http::Headers& key) {
        const Words stored = storedCalls();
        EXPECT_EQ(stored.size() % 10, 0u) << stored.size();
        EXPECT_LT(stored.size(), 200u);
        for (std::size_t i = 0; i < stored.size(); ++i)
            EXPECT_EQ(stored[i], callId(static_cast<int>(i) + 1));
        const std::string detail = textAt(broken.value(), "/detail");
        const std::size_t path = detail.find("/v1/uploads/");
        ASSERT_NE(path, std::string::npos) << detail;
        const json::value state = world.platform.read(detail.substr(path, 12 + 36));
        EXPECT_EQ(textAt(state, "/counts/created"), std::to_string(stored.size()));
        EXPECT_FALSE(state.as_object().contains("finishedAt")) << json::serialize(state);
        const Answer whole = send(body(200), key);
        EXPECT_EQ(countsOf(whole), "created 200") << "with the same key it goes on after what is stored";
        EXPECT_EQ(textAt(whole.value(), "/uploadId"), textAt(state, "/uploadId"));
        EXPECT_EQ(storedCalls().size(), 200u);
    }
};

TEST_P(BrokenUploads, ATruncatedGzipKeepsWholeChunks) {
    const http::Headers key{{"Idempotency-Key", "cut"}};
    http::Headers zipped = key;
    zipped.set("Content-Encoding", "gzip");
    const std::string whole = http::gzip(body(200));
    const Answer answer = send(whole.substr(0, whole.size() * 3 / 4), zipped);
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.code(), "truncated-body");
    expectPrefixAndComplete(answer, key);
}

TEST_P(BrokenUploads, ABodyOverTheLimitKeepsWholeChunks) {
    const std::string tooLong = body(600);
    ASSERT_GT(tooLong.size(), smallBody);
    const Answer refused = send(tooLong);
    EXPECT_EQ(refused.status, 413) << "its length tells already";
    EXPECT_EQ(refused.code(), "body-too-large");
    EXPECT_TRUE(storedCalls().empty());
    http::ClientRequest request{.method = "POST",
                                .url = "/v1/calls",
                                .headers = {{"Content-Type", "application/x-ndjson"}, {"Idempotency-Key", "long"}}};
    std::size_t given = 0;
    request.source = [&]() -> Result<std::optional<std::string>> {
        if (given >= tooLong.size()) return std::optional<std::string>();
        const std::string piece = tooLong.substr(given, 4 << 10);
        given += piece.size();
        return piece;
    };
    const Answer streamed = world.platform.send(std::move(request));
    EXPECT_EQ(streamed.status, 413);
    EXPECT_EQ(streamed.code(), "body-too-large");
    const Words stored = storedCalls();
    EXPECT_EQ(stored.size() % 10, 0u);
    EXPECT_GT(stored.size(), 0u) << "what came before the limit is stored";
    for (std::size_t i = 0; i < stored.size(); ++i)
        EXPECT_EQ(stored[i], callId(static_cast<int>(i) + 1));
}

TEST_P(BrokenUploads, ABodyThatGrowsWithoutEndIsStopped) {
    const Answer bomb = send(http::gzip(std::string(16 << 20, '\n')), {{"Content-Encoding", "gzip"}});
    EXPECT_EQ(bomb.status, 413);
    EXPECT_EQ(bomb.code(), "body-too-large");
    EXPECT_TRUE(storedCalls().empty());
}

TEST_P(BrokenUploads, AConnectionThatBreaksKeepsWholeChunks) {
    const std::string text = body(200);
    {
        http::RawConnection connection(exchange.port());
        connection.send("POST /v1/calls HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + world.platform.token() +
                        "\r\nContent-Type: application/x-ndjson\r\nIdempotency-Key: broken\r\nContent-Length: " +
                        std::to_string(text.size()) + "\r\n\r\n" + text.substr(0, text.size() / 2));
    }
    const Answer whole = send(text, {{"Idempotency-Key", "broken"}});
    EXPECT_EQ(countsOf(whole), "created 200");
    const Words stored = storedCalls();
    EXPECT_EQ(stored.size(), 200u) << "no record twice";
    EXPECT_EQ(std::set<std::string>(stored.begin(), stored.end()).size(), 200u);
}

ON_EVERY_STORE(BrokenUploads);

}  // namespace
}  // namespace meetpoint::tests
