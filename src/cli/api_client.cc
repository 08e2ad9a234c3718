#include "cli/api_client.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/bytes.h"
#include "http/parameters.h"

namespace meetpoint::cli {
namespace {

namespace json = boost::json;

std::string textIn(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains({name.data(), name.size()});
    return value && value->is_string() ? std::string(value->get_string().c_str()) : std::string();
}

ErrorKind kindOf(int status) {
    switch (status) {
        case 400:
            return ErrorKind::invalidInput;
        case 401:
            return ErrorKind::unauthenticated;
        case 403:
            return ErrorKind::forbidden;
        case 404:
            return ErrorKind::notFound;
        case 409:
            return ErrorKind::conflict;
        case 410:
            return ErrorKind::gone;
        case 412:
            return ErrorKind::preconditionFailed;
        case 413:
            return ErrorKind::tooLarge;
        case 429:
            return ErrorKind::rateLimited;
        case 503:
            return ErrorKind::unavailable;
        default:
            return ErrorKind::internal;
    }
}

// application/problem+json (RFC 9457), or OAuth's error object (RFC 6749 §5.2).
Error problemOf(const http::ClientRequest& request, const http::ClientResponse& response) {
    constexpr std::string_view typePrefix = "urn:meetpoint:problem:";
    Error error{kindOf(response.status), "unexpected-answer", {}, {}, {}, 0};
    json::error_code unreadable;
    const json::value body = json::parse(response.body, unreadable);
    std::string detail = "no explanation";
    if (!unreadable && body.is_object()) {
        const json::object& problem = body.get_object();
        if (const std::string type = textIn(problem, "type"); type.starts_with(typePrefix))
            error.code = type.substr(typePrefix.size());
        if (const std::string code = textIn(problem, "error"); !code.empty()) error.code = code;
        for (const char* name : {"detail", "error_description"})
            if (const std::string text = textIn(problem, name); !text.empty()) detail = text;
        if (const json::value* faults = problem.if_contains("errors"); faults && faults->is_array())
            for (const json::value& fault : faults->get_array())
                if (fault.is_object())
                    error.faults.push_back({textIn(fault.get_object(), "pointer"), textIn(fault.get_object(), "code"),
                                            textIn(fault.get_object(), "detail"), 0});
    }
    error.message = fmt::format("{} {} answered {}: {}", request.method, request.url, response.status, detail);
    return error;
}

}  // namespace

ApiClient::ApiClient(std::string baseUrl, http::ClientOptions options)
    : baseUrl_(std::move(baseUrl)), client_(std::move(options)) {}

Result<void> ApiClient::logIn(const std::string& clientId, const std::string& secret) {
    const std::string pair = http::percentEncode(clientId) + ":" + http::percentEncode(secret);
    http::ClientRequest request{.method = "POST", .url = "/oauth2/token", .body = "grant_type=client_credentials"};
    request.headers.set("Authorization", "Basic " + toBase64(viewOf(pair)));
    request.headers.set("Content-Type", "application/x-www-form-urlencoded");
    TRY_ASSIGN(const json::value answer, sendForJson(std::move(request)));
    if (!answer.is_object() || textIn(answer.get_object(), "access_token").empty())
        return fail(internalError("the token endpoint answered without a token"));
    token_ = textIn(answer.get_object(), "access_token");
    return {};
}

Result<json::value> ApiClient::get(const std::string& path) {
    return sendForJson({.method = "GET", .url = path});
}

Result<json::value> ApiClient::post(const std::string& path, const json::value& body, http::Headers headers) {
    http::ClientRequest request{
        .method = "POST", .url = path, .headers = std::move(headers), .body = json::serialize(body)};
    request.headers.set("Content-Type", "application/json");
    return sendForJson(std::move(request));
}

Result<json::value> ApiClient::order(const std::string& path, const json::value& body) {
    return post(path, body, {{"Prefer", "wait=60"}});
}

Result<http::ClientResponse> ApiClient::send(http::ClientRequest request) {
    request.url = baseUrl_ + request.url;
    if (!token_.empty() && !request.headers.has("Authorization"))
        request.headers.set("Authorization", "Bearer " + token_);
    return client_.send(request);
}

Result<http::ClientResponse> ApiClient::sendForBody(http::ClientRequest request) {
    TRY_ASSIGN(http::ClientResponse response, send(request));
    if (response.status >= 300) return fail(problemOf(request, response));
    return response;
}

Result<json::value> ApiClient::sendForJson(http::ClientRequest request) {
    TRY_ASSIGN(const http::ClientResponse response, sendForBody(std::move(request)));
    if (response.body.empty()) return json::value();
    json::error_code unreadable;
    json::value body = json::parse(response.body, unreadable);
    if (unreadable) return fail(internalError("the exchange answered with what is no JSON"));
    return body;
}

}  // namespace meetpoint::cli
