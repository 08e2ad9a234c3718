// Access tokens: JSON Web Tokens (RFC 7519, profile RFC 9068) signed with Ed25519 (RFC 8037). They say who calls;
// verifying one asks no store.
#pragma once

#include "base/hash.h"
#include "exchange/services.h"

namespace meetpoint::exchange {

class TokenKey {
public:
    static constexpr std::size_t seedBytes = 32;
    // From the 32 bytes that the store keeps.
    static Result<TokenKey> fromSeed(ByteView seed);

    // The same key under the name of its issuer (`iss`), a URL; "meetpoint" where that is empty. Tokens of another
    // issuer are refused.
    TokenKey named(std::string_view issuer) const;

    // A token for this caller, valid from `now` for `life`, for a store of this kind only.
    std::string issue(const domain::Caller& caller, StoreKind kind, const Id& tokenId, Instant now,
                      Duration life) const;
    // Codes "token-missing", "token-invalid" (no such token, forged, of another store), "token-expired"; all
    // unauthenticated.
    Result<domain::Caller> verify(std::string_view token, StoreKind kind, Instant now) const;
    // The public key as a JSON Web Key Set (RFC 7517).
    std::string publicKeySet() const;

private:
    std::array<std::uint8_t, 32> publicKey_{};
    std::array<std::uint8_t, 64> secretKey_{};
    std::string issuer_ = "meetpoint";
};

}  // namespace meetpoint::exchange
