#include "columns/key_filter.h"

#include <cstring>

namespace meetpoint::columns {
namespace {

// Eight 32-bit lanes, which the compiler maps onto whatever vectors the processor has.
using Lanes = std::uint32_t __attribute__((vector_size(32)));
using SignedLanes = std::int32_t __attribute__((vector_size(32)));
using Floats = float __attribute__((vector_size(32)));

constexpr Lanes salts = {0x47b6137bU, 0x44974d91U, 0x8824ad5bU, 0xa2b7289dU,
                         0x705495c7U, 0x2df1424bU, 0x9efc4947U, 0x5c6bfb31U};
constexpr std::size_t bitsPerBlock = 256;

// One bit in each lane, at a position 0 to 31 that the salt draws from the hash. The baseline of x86-64 cannot shift
// lanes by different amounts: the lower four bits of the position become the exponent of a float, whose value is the
// power of two, and the fifth chooses the upper half.
[[gnu::always_inline]] inline void setBits(std::uint64_t hash, Lanes& bits) {
    const Lanes positions = ((Lanes{} + static_cast<std::uint32_t>(hash)) * salts) >> 27;
    const Lanes exponents = ((positions & 15) + 127) << 23;
    const Lanes powers = (Lanes) __builtin_convertvector((Floats)exponents, SignedLanes);
    const Lanes upper = -(positions >> 4);
    bits = (powers & ~upper) | ((powers << 16) & upper);
}

}  // namespace

KeyFilter::KeyFilter(std::size_t values, int bitsPerValue)
    : blocks_(std::max<std::size_t>(
          1, (values * static_cast<std::size_t>(bitsPerValue) + bitsPerBlock - 1) / bitsPerBlock)) {
    std::memset(blocks_.data(), 0, blocks_.size() * sizeof(Word8));
}

Result<KeyFilter> KeyFilter::fromBytes(ByteView bytes) {
    if (bytes.empty() || bytes.size() % sizeof(Word8) != 0) return fail(corrupt("a filter has an impossible length"));
    std::vector<Word8> blocks(bytes.size() / sizeof(Word8));
    std::memcpy(blocks.data(), bytes.data(), bytes.size());
    return KeyFilter(std::move(blocks));
}

KeyFilter KeyFilter::ofEverything() {
    KeyFilter filter(0, 1);
    std::memset(filter.blocks_.data(), 0xff, filter.blocks_.size() * sizeof(Word8));
    return filter;
}

std::size_t KeyFilter::blockOf(std::uint64_t hash) const {
    return ((hash >> 32) * blocks_.size()) >> 32;
}

void KeyFilter::add(std::uint64_t hash) {
    Word8& block = blocks_[blockOf(hash)];
    Lanes bits, words;
    setBits(hash, bits);
    std::memcpy(&words, block.words, sizeof words);
    words |= bits;
    std::memcpy(block.words, &words, sizeof words);
}

bool KeyFilter::mayContain(std::uint64_t hash) const {
    const Word8& block = blocks_[blockOf(hash)];
    // Two of the eight bits tell most of the values that were never added.
    const auto isSet = [&](std::size_t lane) {
        return block.words[lane] >> ((static_cast<std::uint32_t>(hash) * salts[lane]) >> 27) & 1;
    };
    if ((isSet(0) & isSet(1)) == 0) return false;
    Lanes bits, words;
    setBits(hash, bits);
    std::memcpy(&words, block.words, sizeof words);
    const Lanes missing = bits & ~words;
    std::uint64_t parts[4];
    std::memcpy(parts, &missing, sizeof parts);
    return (parts[0] | parts[1] | parts[2] | parts[3]) == 0;
}

ByteView KeyFilter::bytes() const {
    return {reinterpret_cast<const std::uint8_t*>(blocks_.data()), blocks_.size() * sizeof(Word8)};
}

}  // namespace meetpoint::columns
