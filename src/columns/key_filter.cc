#include "columns/key_filter.h"

#include <cstring>

namespace meetpoint::columns {
namespace {

constexpr std::uint32_t salts[8] = {0x47b6137bU, 0x44974d91U, 0x8824ad5bU, 0xa2b7289dU,
                                    0x705495c7U, 0x2df1424bU, 0x9efc4947U, 0x5c6bfb31U};
constexpr std::size_t bitsPerBlock = 256;

std::uint32_t bitOf(std::uint64_t hash, int word) {
    return 1u << ((static_cast<std::uint32_t>(hash) * salts[word]) >> 27);
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

std::size_t KeyFilter::blockOf(std::uint64_t hash) const {
    return ((hash >> 32) * blocks_.size()) >> 32;
}

void KeyFilter::add(std::uint64_t hash) {
    Word8& block = blocks_[blockOf(hash)];
    for (int i = 0; i < 8; ++i)
        block.words[i] |= bitOf(hash, i);
}

bool KeyFilter::mayContain(std::uint64_t hash) const {
    const Word8& block = blocks_[blockOf(hash)];
    bool all = true;
    for (int i = 0; i < 8; ++i)
        all &= (block.words[i] & bitOf(hash, i)) != 0;
    return all;
}

ByteView KeyFilter::bytes() const {
    return {reinterpret_cast<const std::uint8_t*>(blocks_.data()), blocks_.size() * sizeof(Word8)};
}

}  // namespace meetpoint::columns
