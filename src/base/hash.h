// SHA-256 (FIPS 180-4), HMAC-SHA-256 (RFC 2104) and the keyed 64-bit SipHash-2-4.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/bytes.h"

namespace meetpoint {

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(ByteView bytes);
Sha256 hmacSha256(ByteView key, ByteView bytes);
// Equal in time that does not depend on where the bytes differ.
bool equalInConstantTime(ByteView a, ByteView b);

// SHA-256 over bytes that come in pieces.
class Sha256Builder {
public:
    Sha256Builder();
    ~Sha256Builder();
    Sha256Builder(Sha256Builder&&) noexcept;
    Sha256Builder& operator=(Sha256Builder&&) noexcept;
    void add(ByteView bytes);
    void addU64(std::uint64_t value);  // little endian
    Sha256 finish();                   // once, unless restarted
    void restart();                    // as if new; quicker than a new one

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// SipHash-2-4. Without its key nobody can choose inputs that collide, or test a stored hash against a guess.
class KeyedHash {
public:
    using Key = std::array<std::uint8_t, 16>;
    explicit KeyedHash(const Key& key) : key_(key) {}
    std::uint64_t operator()(ByteView bytes) const;
    std::uint64_t operator()(std::uint64_t value) const;

private:
    Key key_;
};

}  // namespace meetpoint
