// OAuth clients: making one, and the client credentials grant (RFC 6749 §4.4).
#pragma once

#include "exchange/tokens.h"
#include "store/ledger.h"

namespace meetpoint::exchange {

struct NewClient {
    std::string name;
    domain::Role role = domain::Role::carrier;
    std::vector<Id> carriers;         // of carrier clients: at least one
    std::optional<Id> tenantId;       // of tenant clients
    std::vector<std::string> scopes;  // empty: all that the role may have
    std::optional<Instant> expiresAt;
};

struct MadeClient {
    store::Client client;
    std::string secret;  // shown once; the store keeps its Argon2id hash
};

// Codes "unknown-scope", "client-incomplete" (a carrier client without carriers, a tenant client without tenant),
// not-found for a carrier or tenant that does not exist.
Result<MadeClient> makeClient(const Services& services, NewClient wanted);
Result<std::vector<store::Client>> listClients(const Services& services);

struct IssuedToken {
    std::string token;
    Duration life;
    std::vector<std::string> scopes;
};
// `scopes` narrows what the token may do; empty: all that the client has. Codes "invalid-client" (unknown, wrong secret
// or expired: told apart to nobody) and "invalid-scope".
Result<IssuedToken> issueToken(const Services& services, const TokenKey& key, const Limits& limits,
                               std::string_view clientId, std::string_view secret,
                               const std::vector<std::string>& scopes);

}  // namespace meetpoint::exchange
