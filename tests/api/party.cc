#include "api/party.h"

#include <gtest/gtest.h>

#include "api/problems.h"
#include "base/bytes.h"

namespace meetpoint::tests {
namespace {

constexpr std::string_view problemPrefix = "urn:meetpoint:problem:";

// SCIM's errors and OData's carry the code in places of their own.
std::string codeInOwnForm(const std::string& body) {
    json::error_code unreadable;
    const json::value error = json::parse(body, unreadable);
    if (unreadable) return {};
    for (const char* place : {"/urn:meetpoint:params:scim:api:messages:Error/code", "/error/innerError/code"}) {
        json::error_code missing;
        if (const json::value* code = error.find_pointer(place, missing); code && code->is_string())
            return std::string(code->get_string());
    }
    return {};
}

}  // namespace

Answer plainGet(const std::string& url, http::Headers headers) {
    http::Client client;
    auto answer = client.send({.method = "GET", .url = url, .headers = std::move(headers)});
    EXPECT_TRUE(answer) << url << ": " << answer.error().message;
    return answer ? Answer{answer->status, answer->headers, answer->body} : Answer{};
}

json::value Answer::value() const {
    json::error_code unreadable;
    json::value parsed = json::parse(body, unreadable);
    EXPECT_FALSE(unreadable) << "not JSON: " << body.substr(0, 500);
    return unreadable ? json::value() : parsed;
}

std::string Answer::code() const {
    if (status < 400 || !headers.value("Content-Type").starts_with("application/")) return {};
    if (!headers.value("Content-Type").starts_with("application/problem+json")) return codeInOwnForm(body);
    const std::string type = textAt(value(), "/type");
    EXPECT_TRUE(type.starts_with(problemPrefix)) << type;
    return type.substr(std::min(problemPrefix.size(), type.size()));
}

std::string Answer::whole() const {
    std::string text = std::to_string(status) + "\n";
    for (const auto& [name, content] : headers)
        if (!http::equalIgnoringCase(name, "Date")) text += name + ": " + content + "\n";
    return text + "\n" + body;
}

json::value at(const json::value& value, std::string_view pointer) {
    json::error_code missing;
    const json::value* found = value.find_pointer({pointer.data(), pointer.size()}, missing);
    EXPECT_TRUE(found) << "nothing at " << pointer << " of " << json::serialize(value).substr(0, 1'000);
    return found ? *found : json::value();
}

std::string textAt(const json::value& value, std::string_view pointer) {
    const json::value found = at(value, pointer);
    return found.is_string() ? std::string(found.get_string().c_str()) : json::serialize(found);
}

std::vector<std::string> column(const json::value& array, std::string_view name) {
    std::vector<std::string> out;
    EXPECT_TRUE(array.is_array()) << json::serialize(array);
    if (array.is_array())
        for (const json::value& item : array.get_array())
            out.push_back(textAt(item, "/" + std::string(name)));
    return out;
}

void AnswerLog::add(std::string operationId, const Answer& answer) {
    const std::lock_guard lock(mutex_);
    entries_.push_back({std::move(operationId), answer});
}

std::vector<AnswerLog::Entry> AnswerLog::entries() const {
    const std::lock_guard lock(mutex_);
    return entries_;
}

Party::Party(std::string url, const api::DeclaredEndpoints& declared, AnswerLog& answers, std::string clientId,
             std::string secret)
    : declared_(&declared),
      answers_(&answers),
      clientId_(std::move(clientId)),
      secret_(std::move(secret)),
      client_(std::move(url)) {
    logIn();
}

void Party::logIn() {
    const auto loggedIn = client_.logIn(clientId_, secret_);
    EXPECT_TRUE(loggedIn) << loggedIn.error().message;
}

void Party::connectTo(std::string url) {
    client_ = cli::ApiClient(std::move(url));
    logIn();
}

std::string Party::token(const std::string& scopes) {
    http::ClientRequest request{.method = "POST", .url = "/oauth2/token", .body = "grant_type=client_credentials"};
    if (!scopes.empty()) request.body += "&scope=" + http::percentEncode(scopes);
    request.headers.set("Authorization", "Basic " + toBase64(viewOf(http::percentEncode(clientId_) + ":" +
                                                                    http::percentEncode(secret_))));
    request.headers.set("Content-Type", "application/x-www-form-urlencoded");
    const Answer answer = send(std::move(request));
    EXPECT_EQ(answer.status, 200) << answer.body;
    return textAt(answer.value(), "/access_token");
}

Answer Party::get(const std::string& path, http::Headers headers) {
    return send({.method = "GET", .url = path, .headers = std::move(headers)});
}

Answer Party::post(const std::string& path, const json::value& body, http::Headers headers) {
    return upload(path, json::serialize(body), "application/json", std::move(headers));
}

Answer Party::upload(const std::string& path, std::string body, const std::string& mediaType, http::Headers headers) {
    if (!headers.has("Content-Type")) headers.set("Content-Type", mediaType);
    return send({.method = "POST", .url = path, .headers = std::move(headers), .body = std::move(body)});
}

Answer Party::send(http::ClientRequest request) {
    auto sent = client_.send(request);
    EXPECT_TRUE(sent) << request.method << " " << request.url << ": " << sent.error().code << " "
                      << sent.error().message;
    if (!sent) return {};
    Answer answer{sent->status, std::move(sent->headers), std::move(sent->body)};
    expectDeclared(request, answer);
    const http::Endpoint* endpoint = endpointOf(request);
    answers_->add(endpoint ? endpoint->operationId : "", answer);
    return answer;
}

const http::Endpoint* Party::endpointOf(const http::ClientRequest& request) const {
    const auto method = http::parseMethod(request.method);
    const auto match =
        declared_->registry().match(method.value_or(http::Method::get), request.url.substr(0, request.url.find('?')));
    return match ? match->endpoint : nullptr;
}

void Party::expectDeclared(const http::ClientRequest& request, const Answer& answer) const {
    const std::string code = answer.code();
    if (code.empty()) return;
    for (const auto& [common, meaning] : api::commonProblems())
        if (code == common) return;
    const http::Endpoint* endpoint = endpointOf(request);
    ASSERT_TRUE(endpoint) << request.method << " " << request.url << " answers '" << code
                          << "', and no endpoint declares that";
    const auto& codes = endpoint->problemCodes;
    EXPECT_NE(std::ranges::find(codes, code), codes.end())
        << endpoint->operationId << " answers the problem '" << code
        << "', which it does not declare. Add it to the endpoint's problems({…}) in src/api, "
        << "or to commonProblems() if any endpoint may answer it.";
}

json::value Party::read(const std::string& path) {
    const Answer answer = get(path);
    EXPECT_LT(answer.status, 300) << "GET " << path << ": " << answer.body;
    return answer.status < 300 ? answer.value() : json::value();
}

json::value Party::done(const std::string& path, const json::value& body) {
    const Answer answer = post(path, body);
    EXPECT_LT(answer.status, 300) << "POST " << path << ": " << answer.body;
    return answer.status < 300 && !answer.body.empty() ? answer.value() : json::value();
}

json::value Party::ordered(const json::value& order, const std::string& path) {
    const Answer answer = post(path, order, {{"Prefer", "wait=60"}});
    EXPECT_EQ(answer.status, 202) << "POST " << path << ": " << answer.body;
    return answer.status == 202 ? answer.value() : json::value();
}

}  // namespace meetpoint::tests
