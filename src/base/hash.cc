#include "base/hash.h"

#include <cstring>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

namespace meetpoint {

struct Sha256Builder::Impl {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    ~Impl() { EVP_MD_CTX_free(context); }
};

Sha256Builder::Sha256Builder() : impl_(std::make_unique<Impl>()) {
    EVP_DigestInit_ex(impl_->context, EVP_sha256(), nullptr);
}
void Sha256Builder::restart() {
    EVP_DigestInit_ex(impl_->context, nullptr, nullptr);
}
Sha256Builder::~Sha256Builder() = default;
Sha256Builder::Sha256Builder(Sha256Builder&&) noexcept = default;
Sha256Builder& Sha256Builder::operator=(Sha256Builder&&) noexcept = default;

void Sha256Builder::add(ByteView bytes) {
    EVP_DigestUpdate(impl_->context, bytes.data(), bytes.size());
}

void Sha256Builder::addU64(std::uint64_t value) {
    std::array<std::uint8_t, 8> bytes;
    for (int i = 0; i < 8; ++i)
        bytes[i] = static_cast<std::uint8_t>(value >> (8 * i));
    add(bytes);
}

Sha256 Sha256Builder::finish() {
    Sha256 digest{};
    unsigned length = 0;
    EVP_DigestFinal_ex(impl_->context, digest.data(), &length);
    return digest;
}

Sha256 sha256(ByteView bytes) {
    Sha256 digest{};
    unsigned length = 0;
    EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr);
    return digest;
}

Sha256 hmacSha256(ByteView key, ByteView bytes) {
    Sha256 digest{};
    unsigned length = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes.data(), bytes.size(), digest.data(), &length);
    return digest;
}

bool equalInConstantTime(ByteView a, ByteView b) {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::uint64_t KeyedHash::operator()(ByteView bytes) const {
    static_assert(crypto_shorthash_BYTES == 8 && crypto_shorthash_KEYBYTES == 16);
    std::uint64_t out = 0;
    crypto_shorthash(reinterpret_cast<unsigned char*>(&out), bytes.data(), bytes.size(), key_.data());
    return out;
}

std::uint64_t KeyedHash::operator()(std::uint64_t value) const {
    return (*this)(ByteView(reinterpret_cast<const std::uint8_t*>(&value), sizeof value));
}

}  // namespace meetpoint
