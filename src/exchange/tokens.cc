#include "exchange/tokens.h"

#include <boost/json.hpp>
#include <sodium.h>

namespace meetpoint::exchange {
namespace {

namespace json = boost::json;

constexpr std::size_t maxTokenBytes = 8192;

std::string audienceOf(StoreKind kind) {
    return "meetpoint:" + std::string(name(kind));
}

Error invalidToken(std::string why) {
    return {ErrorKind::unauthenticated,
            "token-invalid",
            "The access token is not one of this exchange. Ask /oauth2/token for a new one.",
            std::move(why),
            {},
            0};
}

std::string scopeText(const std::vector<std::string>& scopes) {
    std::string text;
    for (const std::string& scope : scopes)
        text += (text.empty() ? "" : " ") + scope;
    return text;
}

std::vector<std::string> scopesFrom(std::string_view text) {
    std::vector<std::string> scopes;
    while (!text.empty()) {
        const std::size_t blank = std::min(text.find(' '), text.size());
        if (blank > 0) scopes.emplace_back(text.substr(0, blank));
        text.remove_prefix(std::min(blank + 1, text.size()));
    }
    return scopes;
}

std::string_view textMember(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains({name.data(), name.size()});
    return value && value->is_string() ? std::string_view(value->get_string().data(), value->get_string().size())
                                       : std::string_view();
}

// 16 bytes each, so that a token of domain::carriersPerClient carriers passes through proxies that take headers of 8
// KiB.
std::string carriersText(const std::vector<Id>& carriers) {
    Bytes bytes;
    for (const Id& carrier : carriers)
        bytes.insert(bytes.end(), carrier.bytes.begin(), carrier.bytes.end());
    return toBase64Url(bytes);
}

Result<std::vector<Id>> carriersFrom(std::string_view text) {
    const auto bytes = fromBase64Url(text);
    if (!bytes || bytes->size() % sizeof(Id) != 0) return fail(invalidToken("carriers are no ids"));
    std::vector<Id> carriers(bytes->size() / sizeof(Id));
    for (std::size_t i = 0; i < carriers.size(); ++i)
        std::copy_n(bytes->begin() + static_cast<std::ptrdiff_t>(i * sizeof(Id)), sizeof(Id),
                    carriers[i].bytes.begin());
    return carriers;
}

// What a token that was signed here says.
Result<domain::Caller> callerFrom(const json::object& claims) {
    domain::Caller caller;
    caller.clientId = textMember(claims, "sub");
    const auto role = domain::readRole(textMember(claims, "role"));
    if (caller.clientId.empty() || !role) return fail(invalidToken("claims lack sub or role"));
    caller.role = *role;
    caller.scopes = scopesFrom(textMember(claims, "scope"));
    TRY_ASSIGN(caller.carriers, carriersFrom(textMember(claims, "carriers")));
    if (const auto tenant = textMember(claims, "tenant"); !tenant.empty()) {
        const auto id = parseId(tenant);
        if (!id) return fail(invalidToken("tenant is no id"));
        caller.tenant = *id;
    }
    return caller;
}

}  // namespace

Result<TokenKey> TokenKey::fromSeed(ByteView seed) {
    if (seed.size() != seedBytes) return fail(corrupt("the store's token key has another length"));
    TokenKey key;
    crypto_sign_seed_keypair(key.publicKey_.data(), key.secretKey_.data(), seed.data());
    return key;
}

TokenKey TokenKey::named(std::string_view issuer) const {
    TokenKey key = *this;
    if (!issuer.empty()) key.issuer_ = issuer;
    return key;
}

std::string TokenKey::issue(const domain::Caller& caller, StoreKind kind, const Id& tokenId, Instant now,
                            Duration life) const {
    json::object claims{{"iss", issuer_},
                        {"aud", audienceOf(kind)},
                        {"sub", caller.clientId},
                        {"client_id", caller.clientId},
                        {"role", domain::name(caller.role)},
                        {"scope", scopeText(caller.scopes)},
                        {"iat", now.ms / 1000},
                        {"exp", (now + life).ms / 1000},
                        {"jti", formatId(tokenId)}};
    if (!caller.carriers.empty()) claims["carriers"] = carriersText(caller.carriers);
    if (caller.tenant) claims["tenant"] = formatId(*caller.tenant);
    std::string token =
        toBase64Url(viewOf(R"({"alg":"EdDSA","typ":"at+jwt"})")) + "." + toBase64Url(viewOf(json::serialize(claims)));
    std::array<std::uint8_t, crypto_sign_BYTES> signature;
    crypto_sign_detached(signature.data(), nullptr, reinterpret_cast<const unsigned char*>(token.data()), token.size(),
                         secretKey_.data());
    return token + "." + toBase64Url(signature);
}

Result<domain::Caller> TokenKey::verify(std::string_view token, StoreKind kind, Instant now) const {
    if (token.empty())
        return fail(Error{ErrorKind::unauthenticated,
                          "token-missing",
                          "Send an access token: Authorization: Bearer … (from POST /oauth2/token).",
                          {},
                          {},
                          0});
    const std::size_t lastDot = token.rfind('.');
    const std::size_t firstDot = token.find('.');
    if (token.size() > maxTokenBytes || firstDot == std::string_view::npos || firstDot == lastDot)
        return fail(invalidToken("not three parts"));
    const auto signature = fromBase64Url(token.substr(lastDot + 1));
    const std::string_view signedPart = token.substr(0, lastDot);
    // The algorithm is fixed: what the header says is never asked.
    if (!signature || signature->size() != crypto_sign_BYTES ||
        crypto_sign_verify_detached(signature->data(), reinterpret_cast<const unsigned char*>(signedPart.data()),
                                    signedPart.size(), publicKey_.data()) != 0)
        return fail(invalidToken("signature"));
    const auto payload = fromBase64Url(signedPart.substr(firstDot + 1));
    json::error_code error;
    const json::value parsed =
        payload ? json::parse({reinterpret_cast<const char*>(payload->data()), payload->size()}, error) : json::value();
    if (error || !parsed.is_object()) return fail(invalidToken("payload"));
    const json::object& claims = parsed.get_object();
    const std::string audience = audienceOf(kind);
    if (textMember(claims, "iss") != issuer_ || textMember(claims, "aud") != audience)
        return fail(invalidToken("issuer or audience"));
    const json::value* expires = claims.if_contains("exp");
    if (!expires || !expires->is_int64()) return fail(invalidToken("no exp"));
    if (now.ms >= expires->get_int64() * 1000)
        return fail(Error{ErrorKind::unauthenticated,
                          "token-expired",
                          "The access token has expired. Ask /oauth2/token for a new one.",
                          {},
                          {},
                          0});
    return callerFrom(claims);
}

std::string TokenKey::publicKeySet() const {
    const std::string x = toBase64Url(publicKey_);
    const std::string thumbprint =
        toBase64Url(sha256(viewOf(R"({"crv":"Ed25519","kty":"OKP","x":")" + x + "\"}")));  // RFC 7638
    return json::serialize(json::object{
        {"keys",
         json::array{json::object{
             {"kty", "OKP"}, {"crv", "Ed25519"}, {"alg", "EdDSA"}, {"use", "sig"}, {"kid", thumbprint}, {"x", x}}}}});
}

}  // namespace meetpoint::exchange
