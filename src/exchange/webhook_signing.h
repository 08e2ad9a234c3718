// Secrets of webhook endpoints, and the signatures that are made with them, as Standard Webhooks has them
// (https://www.standardwebhooks.com): "v1" is HMAC-SHA-256 with a secret that both sides know, "v1a" Ed25519 with a key
// of which the receiver knows the public half.
#pragma once

#include "base/clock.h"
#include "base/hash.h"
#include "store/webhooks.h"

namespace meetpoint::exchange {

// The key under which secrets are kept. It is derived from what the store keeps, so that a copy of these tables alone
// gives nothing away; whoever has the whole store has the secrets.
class SecretSeal {
public:
    // `storeKey` is StoreIdentity::cursorKey.
    explicit SecretSeal(ByteView storeKey);
    // Encrypted and authenticated (XChaCha20-Poly1305), bound to `place`: it opens nowhere else.
    Bytes seal(ByteView secret, ByteView place, Random& random) const;
    // Code "corrupt-data".
    Result<Bytes> open(ByteView sealed, ByteView place) const;

private:
    Sha256 key_;
};

enum class SignatureKind { hmac, ed25519 };
// "v1", "v1a".
std::string_view name(SignatureKind kind);
std::optional<SignatureKind> readSignatureKind(std::string_view word);

struct MadeSecret {
    store::WebhookSecret secret;
    // Of HMAC: "whsec_…", shown once. Of Ed25519 nothing: its private half never leaves the exchange.
    std::optional<std::string> shown;
};
// A new secret for the endpoint: 32 bytes.
MadeSecret makeSecret(const SecretSeal& seal, SignatureKind kind, const store::WebhookKey& key, const Clock& clock,
                      Random& random);
// "whpk_…" of an Ed25519 secret; nothing of others.
std::optional<std::string> publicKeyText(const store::WebhookSecret& secret);

// What a signature covers, and the header with one for each secret that is live at `now`: "v1,… v1a,…". Code
// "corrupt-data" for a secret that does not open.
struct SignedMessage {
    std::string_view id;         // of the header webhook-id
    std::int64_t timestamp = 0;  // of webhook-timestamp: seconds since 1970
    std::string_view body;
};
Result<std::string> signaturesOf(const SecretSeal& seal, const std::vector<store::WebhookSecret>& secrets, Instant now,
                                 const SignedMessage& message);

}  // namespace meetpoint::exchange
