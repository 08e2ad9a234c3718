// OAuth 2.0: the client credentials grant (RFC 6749 §4.4) with client_secret_basic, and what clients discover (RFC
// 8414).
#include <boost/describe.hpp>
#include <boost/json.hpp>

#include "api/endpoints.h"
#include "api/links.h"
#include "exchange/clients.h"
#include "http/json.h"

namespace meetpoint::api {
namespace {

using http::endpoint;
using http::Request;
using http::Response;

struct TokenAnswer {
    std::string access_token;
    std::string token_type;
    std::int64_t expires_in;
    std::string scope;

    static constexpr http::FieldDoc docs[] = {
        {.field = "access_token", .what = "Send it as Authorization: Bearer …"},
        {.field = "token_type", .what = "Bearer"},
        {.field = "expires_in", .what = "Seconds until the token expires"},
        {.field = "scope", .what = "What the token allows, separated by blanks"},
    };
};
BOOST_DESCRIBE_STRUCT(TokenAnswer, (), (access_token, token_type, expires_in, scope))

// RFC 6749 §5.2: this endpoint answers OAuth's errors, which its clients know.
Response oauthError(int status, std::string_view code, std::string_view description) {
    Response response = http::jsonText(
        boost::json::serialize(boost::json::object{{"error", code}, {"error_description", description}}), status);
    if (status == 401) response.headers.set("WWW-Authenticate", "Basic realm=\"meetpoint\"");
    response.headers.set("Cache-Control", "no-store");
    return response;
}

struct Credentials {
    std::string id, secret;
};
// Authorization: Basic, both parts form-encoded (RFC 6749 §2.3.1).
std::optional<Credentials> credentialsOf(const Request& request) {
    const std::string_view header = request.headers.value("Authorization");
    constexpr std::string_view scheme = "basic ";
    if (header.size() <= scheme.size() || !http::equalIgnoringCase(header.substr(0, scheme.size()), scheme))
        return std::nullopt;
    const auto decoded = fromBase64(header.substr(scheme.size()));
    if (!decoded) return std::nullopt;
    const std::string_view text = textOf(*decoded);
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto id = http::percentDecode(text.substr(0, colon));
    const auto secret = http::percentDecode(text.substr(colon + 1));
    if (!id || !secret) return std::nullopt;
    return Credentials{*id, *secret};
}

std::vector<std::string> wordsOf(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const std::size_t blank = std::min(text.find(' '), text.size());
        if (blank > 0) words.emplace_back(text.substr(0, blank));
        text.remove_prefix(std::min(blank + 1, text.size()));
    }
    return words;
}

Result<Response> issueToken(const Context& context, const Request& request) {
    const auto form = http::parseForm(request.body);
    if (!form) return oauthError(400, "invalid_request", form.error().message);
    std::string grant, scope;
    for (const auto& [name, value] : *form) {
        if (name == "grant_type") grant = value;
        if (name == "scope") scope = value;
    }
    if (grant != "client_credentials")
        return oauthError(400, "unsupported_grant_type", "Send grant_type=client_credentials.");
    const auto credentials = credentialsOf(request);
    if (!credentials)
        return oauthError(401, "invalid_client",
                          "Send the client id and secret with HTTP Basic (client_secret_basic).");
    const auto issued = exchange::issueToken(context.exchange, context.tokens, context.limits, credentials->id,
                                             credentials->secret, wordsOf(scope));
    if (!issued && issued.error().code == "invalid-client")
        return oauthError(401, "invalid_client", issued.error().message);
    if (!issued && issued.error().code == "invalid-scope")
        return oauthError(400, "invalid_scope", issued.error().message);
    if (!issued) return fail(issued.error());
    TokenAnswer answer{issued->token, "Bearer", issued->life.ms / 1000, {}};
    for (const std::string& word : issued->scopes)
        answer.scope += (answer.scope.empty() ? "" : " ") + word;
    Response response = http::jsonResponse(answer);
    response.headers.set("Cache-Control", "no-store");
    return response;
}

Result<Response> metadata(const Context& context, const Request& request) {
    const std::string base = addressOf(context, request);
    return http::jsonText(boost::json::serialize(
        boost::json::object{{"issuer", base},
                            {"token_endpoint", base + "/oauth2/token"},
                            {"jwks_uri", base + "/.well-known/jwks.json"},
                            {"grant_types_supported", boost::json::array{"client_credentials"}},
                            {"token_endpoint_auth_methods_supported", boost::json::array{"client_secret_basic"}}}));
}

}  // namespace

std::vector<http::Endpoint> tokenEndpoints(const Context& context) {
    std::vector<http::Endpoint> list;
    list.push_back(endpoint(http::post("/oauth2/token"), "issueToken")
                       .tag("Access")
                       .summary("Get an access token")
                       .description("The client credentials grant: client id and secret by HTTP Basic, "
                                    "`grant_type=client_credentials` and, to narrow "
                                    "what the token allows, `scope`. Errors are OAuth's own (RFC 6749 §5.2).")
                       .open()
                       .wholeBody({"application/x-www-form-urlencoded"}, http::textSchema(), "grant_type and scope")
                       .answers<TokenAnswer>(200, "A token")
                       .answers(400, "application/json", {nullptr, R"({"type":"object"})"},
                                "invalid_request, unsupported_grant_type, invalid_scope")
                       .answers(401, "application/json", {nullptr, R"({"type":"object"})"}, "invalid_client")
                       .handle([&context](const Request& request) { return issueToken(context, request); }));
    list.push_back(endpoint(http::get("/.well-known/oauth-authorization-server"), "readAuthorizationServer")
                       .tag("Access")
                       .summary("What this authorization server offers (RFC 8414)")
                       .open()
                       .answers(200, "application/json", {nullptr, R"({"type":"object"})"}, "The metadata")
                       .handle([&context](const Request& request) { return metadata(context, request); }));
    list.push_back(endpoint(http::get("/.well-known/jwks.json"), "readKeys")
                       .tag("Access")
                       .summary("The keys that sign access tokens (RFC 7517)")
                       .open()
                       .answers(200, "application/json", {nullptr, R"({"type":"object"})"}, "The key set")
                       .handle([&context](const Request&) -> Result<Response> {
                           return http::jsonText(context.tokens.publicKeySet());
                       }));
    return list;
}

http::Authenticator makeAuthenticator(const Context& context) {
    return [&context](const Request& request, const http::Endpoint& endpoint) -> Result<http::Principal> {
        const std::string_view header = request.headers.value("Authorization");
        constexpr std::string_view scheme = "bearer ";
        const bool bearer =
            header.size() > scheme.size() && http::equalIgnoringCase(header.substr(0, scheme.size()), scheme);
        const std::string_view token = bearer ? header.substr(scheme.size()) : std::string_view();
        TRY_ASSIGN(auto caller, context.tokens.verify(token, context.exchange.kind, context.exchange.clock.now()));
        if (!endpoint.access.scope.empty() && !caller.hasScope(endpoint.access.scope))
            return fail(Error{ErrorKind::forbidden,
                              "scope-missing",
                              "This needs the scope '" + endpoint.access.scope + "', which the token does not grant.",
                              {},
                              {},
                              0});
        return http::Principal::of(std::make_shared<const domain::Caller>(std::move(caller)));
    };
}

}  // namespace meetpoint::api
