#include "exchange/clients.h"

#include <sodium.h>

namespace meetpoint::exchange {
namespace {

constexpr std::size_t secretBytes = 32;

Result<std::string> hashSecret(const std::string& secret) {
    std::array<char, crypto_pwhash_STRBYTES> out{};
    // Secrets are 256 random bits, which nobody guesses: the least cost that libsodium offers is enough.
    if (crypto_pwhash_str(out.data(), secret.data(), secret.size(), crypto_pwhash_OPSLIMIT_MIN,
                          crypto_pwhash_MEMLIMIT_MIN) != 0)
        return fail(internalError("no memory to hash a secret"));
    return std::string(out.data());
}

bool matches(const std::string& hash, std::string_view secret) {
    return crypto_pwhash_str_verify(hash.c_str(), secret.data(), secret.size()) == 0;
}

Result<std::vector<std::string>> scopesFor(const NewClient& wanted) {
    const auto& allowed = domain::scopesOf(wanted.role);
    if (wanted.scopes.empty()) return std::vector<std::string>(allowed.begin(), allowed.end());
    for (const std::string& scope : wanted.scopes)
        if (std::ranges::find(allowed, scope) == allowed.end())
            return fail(invalidInput("unknown-scope", "A " + std::string(domain::name(wanted.role)) +
                                                          " client cannot have the scope '" + scope + "'."));
    return wanted.scopes;
}

Result<void> checkParties(store::Tx& tx, const NewClient& wanted) {
    if (wanted.role == domain::Role::carrier && wanted.carriers.empty())
        return fail(invalidInput("client-incomplete", "A carrier client needs at least one carrier in 'carriers'."));
    if (wanted.role == domain::Role::tenant && !wanted.tenantId)
        return fail(invalidInput("client-incomplete", "A tenant client needs its tenant in 'tenantId'."));
    for (const Id& carrier : wanted.carriers) {
        TRY_ASSIGN(const auto found, store::findCarrier(tx, carrier));
        if (!found) return fail(notFound("There is no carrier " + formatId(carrier) + "."));
    }
    if (wanted.tenantId) {
        TRY_ASSIGN(const auto found, store::findTenant(tx, *wanted.tenantId));
        if (!found) return fail(notFound("There is no tenant " + formatId(*wanted.tenantId) + "."));
    }
    return {};
}

}  // namespace

Result<MadeClient> makeClient(const Services& services, NewClient wanted) {
    MadeClient made;
    Bytes secret(secretBytes);
    services.random.fill(secret);
    made.secret = "mp_" + std::string(name(services.kind)) + "_" + toBase64Url(secret);
    TRY_ASSIGN(auto scopes, scopesFor(wanted));
    TRY_ASSIGN(std::string hash, hashSecret(made.secret));
    made.client = {formatId(makeId(services.clock, services.random)),
                   wanted.name,
                   wanted.role,
                   wanted.carriers,
                   wanted.tenantId,
                   std::move(scopes),
                   {std::move(hash)},
                   services.clock.now(),
                   wanted.expiresAt,
                   1};
    TRY(services.db.write(store::WritePriority::ledger, 1, [&](store::Tx& tx) -> Result<void> {
        TRY(checkParties(tx, wanted));
        return store::insertClient(tx, made.client);
    }));
    return made;
}

Result<std::vector<store::Client>> listClients(const Services& services) {
    std::vector<store::Client> clients;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(clients, store::listClients(tx));
        return {};
    }));
    return clients;
}

Result<IssuedToken> issueToken(const Services& services, const TokenKey& key, const Limits& limits,
                               std::string_view clientId, std::string_view secret,
                               const std::vector<std::string>& scopes) {
    std::optional<store::Client> client;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(client, store::findClient(tx, clientId));
        return {};
    }));
    const Instant now = services.clock.now();
    const bool known =
        client && std::ranges::any_of(client->secretHashes, [&](const auto& hash) { return matches(hash, secret); });
    if (!known || (client->expiresAt && now >= *client->expiresAt))
        return fail(Error{ErrorKind::unauthenticated,
                          "invalid-client",
                          "The client id or its secret is wrong, or the client has expired. Check both, or ask the "
                          "platform for a new one.",
                          {},
                          {},
                          0});
    domain::Caller caller{client->id, client->role, client->carriers, client->tenantId,
                          scopes.empty() ? client->scopes : scopes};
    for (const std::string& scope : scopes)
        if (std::ranges::find(client->scopes, scope) == client->scopes.end())
            return fail(invalidInput("invalid-scope", "This client does not have the scope '" + scope + "'."));
    return IssuedToken{key.issue(caller, services.kind, makeId(services.clock, services.random), now, limits.tokenLife),
                       limits.tokenLife, caller.scopes};
}

}  // namespace meetpoint::exchange
