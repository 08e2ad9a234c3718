#include "http/negotiation.h"

#include <gtest/gtest.h>

#include "http/answer_writer.h"
#include "http/precondition.h"
#include "http/problem.h"

namespace meetpoint::http {
namespace {

TEST(Negotiation, TakesWhatTheCallerLikesBest) {
    const std::vector<std::string> offers{"application/json", "application/x-ndjson", "text/csv"};
    EXPECT_EQ(*negotiate("", offers), "application/json");
    EXPECT_EQ(*negotiate("*/*", offers), "application/json");
    EXPECT_EQ(*negotiate("text/*, application/json;q=0.5", offers), "text/csv");
    EXPECT_EQ(*negotiate("application/json;q=0.1, Application/X-NDJSON; q=0.9", offers), "application/x-ndjson");
    EXPECT_EQ(*negotiate("*/*;q=0.5, application/json;q=0", offers), "application/x-ndjson");
    EXPECT_EQ(negotiate("image/png", offers).error().code, "not-acceptable");
    EXPECT_EQ(negotiate("application/json;q=0", offers).error().kind, ErrorKind::notAcceptable);
    EXPECT_EQ(mediaTypeOf(" Application/JSON ; charset=utf-8"), "application/json");
}

TEST(Negotiation, TakesTheLanguageThatTheReaderLikesBest) {
    const std::vector<std::string> offers{"en", "zh-Hant", "ja"};
    const auto language = [&](std::string_view accept) { return negotiateLanguage(accept, offers); };
    EXPECT_EQ(language(""), "en");
    EXPECT_EQ(language("ja"), "ja");
    EXPECT_EQ(language("ja-JP,ja;q=0.9,en;q=0.8"), "ja");
    EXPECT_EQ(language("fr-CH, fr;q=0.9, en;q=0.8, ja;q=0.7"), "en");
    EXPECT_EQ(language("en;q=0.5, zh-TW;q=0.9"), "zh-Hant");
    EXPECT_EQ(language("zh-hant-hk"), "zh-Hant");
    EXPECT_EQ(language("zh"), "zh-Hant");
    EXPECT_EQ(language("jam"), "en") << "another language that begins alike";
    EXPECT_EQ(language("ja;q=0, *"), "en");
    EXPECT_EQ(language(",;q=,,"), "en");
}

Request withIfMatch(std::vector<std::string> values) {
    Request request;
    for (std::string& value : values)
        request.headers.add("If-Match", std::move(value));
    return request;
}

TEST(Precondition, ComparesVersions) {
    EXPECT_EQ(etagOf(7), "\"7\"");
    EXPECT_EQ(**expectedVersion(withIfMatch({"\"7\""}), IfMatch::required), 7u);
    EXPECT_EQ(*expectedVersion(withIfMatch({"*"}), IfMatch::required), std::nullopt);
    EXPECT_EQ(*expectedVersion(withIfMatch({}), IfMatch::optional), std::nullopt);
    EXPECT_EQ(expectedVersion(withIfMatch({}), IfMatch::required).error().code, "if-match-required");
    for (auto text : {"7", "W/\"7\"", "\"x\"", "\"1\", \"2\"", "\"", "\"\"", ""})
        EXPECT_EQ(expectedVersion(withIfMatch({text}), IfMatch::required).error().code, "bad-if-match") << text;
    EXPECT_TRUE(checkVersion(7, 7));
    EXPECT_TRUE(checkVersion({}, 7));
    EXPECT_EQ(checkVersion(6, 7).error().code, "version-mismatch");
}

TEST(Problem, SaysEverythingButWhatIsInternal) {
    Error error = conflict("name-taken", "The name \"x\" is taken.");
    error.internal = "secret";
    error.faults.push_back({"/name", "taken", "It is taken.", 3});
    error.retryAfterSeconds = 5;
    const Response response = problemResponse(error, "r-1");
    EXPECT_EQ(response.status, 409);
    EXPECT_EQ(response.mediaType, "application/problem+json");
    EXPECT_EQ(response.headers.value("retry-after"), "5");
    EXPECT_EQ(response.body, R"({"type":"urn:meetpoint:problem:name-taken","title":"Conflict","status":409,)"
                             R"("detail":"The name \"x\" is taken.","requestId":"r-1",)"
                             R"("errors":[{"pointer":"/name","code":"taken","detail":"It is taken.","line":3}]})");
}

TEST(AnswerWriter, HeadersCannotBeSplit) {
    Response response = plainText("x");
    response.headers.add("X-Note", "a\r\nSet-Cookie: b");
    const std::string head = responseHead(response, {Framing::length, false, {784111777000}, "r", nullptr});
    EXPECT_EQ(head,
              "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nX-Request-Id: r\r\n"
              "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 1\r\nX-Note: a  Set-Cookie: b\r\n\r\n");
}

}  // namespace
}  // namespace meetpoint::http
