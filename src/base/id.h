// 16-byte identifiers (RFC 9562).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"

namespace meetpoint {

struct Id {
    std::array<std::uint8_t, 16> bytes{};
    auto operator<=>(const Id&) const = default;
    bool isNil() const { return *this == Id{}; }
    ByteView view() const { return bytes; }
};

// "018f3c2e-7d1a-7c55-9a51-0b7c6f2d8a10". Code "bad-id".
std::string formatId(const Id& id);
void formatIdTo(const Id& id, char* out);  // exactly 36 characters
Result<Id> parseId(std::string_view text);
// 16 bytes as stored; nil if the length is another.
Id idFromBytes(ByteView bytes);

// A version 7 UUID: 48 bits of time, the rest random, so that ids made later sort later.
Id makeId(const Clock& clock, Random& random);

}  // namespace meetpoint

template <>
struct std::hash<meetpoint::Id> {
    std::size_t operator()(const meetpoint::Id& id) const noexcept {
        std::uint64_t low = 0, high = 0;
        std::memcpy(&low, id.bytes.data(), 8);
        std::memcpy(&high, id.bytes.data() + 8, 8);
        return low * 0x9E3779B97F4A7C15ULL ^ high;
    }
};
