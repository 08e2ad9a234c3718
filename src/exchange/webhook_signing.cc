#include "exchange/webhook_signing.h"

#include <sodium.h>

namespace meetpoint::exchange {
namespace {

constexpr std::size_t secretBytes = 32;
constexpr std::size_t nonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::string_view secretPrefix = "whsec_", publicPrefix = "whpk_";
static_assert(secretBytes == crypto_sign_SEEDBYTES);

// Where a secret belongs: taken from one endpoint's row to another's, it does not open.
Bytes placeOf(const store::WebhookKey& key, const Id& secretId) {
    Bytes place(key.endpointId.view().begin(), key.endpointId.view().end());
    place.insert(place.end(), secretId.view().begin(), secretId.view().end());
    return place;
}

struct KeyPair {
    std::array<std::uint8_t, crypto_sign_PUBLICKEYBYTES> publicKey{};
    std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> secretKey{};
};
KeyPair keyPairOf(ByteView seed) {
    KeyPair pair;
    crypto_sign_seed_keypair(pair.publicKey.data(), pair.secretKey.data(), seed.data());
    return pair;
}

std::string signature(SignatureKind kind, ByteView secret, std::string_view text) {
    if (kind == SignatureKind::hmac) return toBase64(hmacSha256(secret, viewOf(text)));
    const KeyPair pair = keyPairOf(secret);
    std::array<std::uint8_t, crypto_sign_BYTES> made{};
    crypto_sign_detached(made.data(), nullptr, viewOf(text).data(), text.size(), pair.secretKey.data());
    return toBase64(made);
}

}  // namespace

SecretSeal::SecretSeal(ByteView storeKey) : key_(hmacSha256(storeKey, viewOf("secrets of webhooks"))) {}

Bytes SecretSeal::seal(ByteView secret, ByteView place, Random& random) const {
    Bytes out(nonceBytes + secret.size() + tagBytes);
    random.fill(std::span(out).first(nonceBytes));
    crypto_aead_xchacha20poly1305_ietf_encrypt(out.data() + nonceBytes, nullptr, secret.data(), secret.size(),
                                               place.data(), place.size(), nullptr, out.data(), key_.data());
    return out;
}

Result<Bytes> SecretSeal::open(ByteView sealed, ByteView place) const {
    const auto damaged = [] { return fail(corrupt("the secret of a webhook endpoint does not open")); };
    if (sealed.size() < nonceBytes + tagBytes) return damaged();
    const ByteView nonce = sealed.first(nonceBytes), rest = sealed.subspan(nonceBytes);
    Bytes out(rest.size() - tagBytes);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(out.data(), nullptr, nullptr, rest.data(), rest.size(), place.data(),
                                                   place.size(), nonce.data(), key_.data()) != 0)
        return damaged();
    return out;
}

std::string_view name(SignatureKind kind) {
    return kind == SignatureKind::hmac ? "v1" : "v1a";
}

std::optional<SignatureKind> readSignatureKind(std::string_view word) {
    for (const SignatureKind kind : {SignatureKind::hmac, SignatureKind::ed25519})
        if (name(kind) == word) return kind;
    return std::nullopt;
}

MadeSecret makeSecret(const SecretSeal& seal, SignatureKind kind, const store::WebhookKey& key, const Clock& clock,
                      Random& random) {
    MadeSecret made;
    Bytes secret(secretBytes);
    random.fill(secret);
    const Id id = makeId(clock, random);
    made.secret = {key, id, std::string(name(kind)), seal.seal(secret, placeOf(key, id), random), {}, clock.now(), {}};
    if (kind == SignatureKind::hmac) {
        made.shown = std::string(secretPrefix) + toBase64(secret);
    } else {
        const auto publicKey = keyPairOf(secret).publicKey;
        made.secret.publicKey = Bytes(publicKey.begin(), publicKey.end());
    }
    return made;
}

std::optional<std::string> publicKeyText(const store::WebhookSecret& secret) {
    if (!secret.publicKey) return std::nullopt;
    return std::string(publicPrefix) + toBase64(*secret.publicKey);
}

Result<std::string> signaturesOf(const SecretSeal& seal, const std::vector<store::WebhookSecret>& secrets, Instant now,
                                 const SignedMessage& message) {
    const std::string text =
        std::string(message.id) + "." + std::to_string(message.timestamp) + "." + std::string(message.body);
    std::string header;
    for (const store::WebhookSecret& secret : secrets) {
        const auto kind = readSignatureKind(secret.kind);
        if (!kind || !secret.isLive(now)) continue;
        TRY_ASSIGN(const Bytes opened, seal.open(secret.sealed, placeOf(secret.key, secret.id)));
        if (opened.size() != secretBytes) return fail(corrupt("the secret of a webhook endpoint has another length"));
        header += (header.empty() ? "" : " ") + secret.kind + "," + signature(*kind, opened, text);
    }
    return header;
}

}  // namespace meetpoint::exchange
