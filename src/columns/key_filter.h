// A split-block Bloom filter (Putze, Sanders, Singler 2007; the variant of Apache Parquet) over keyed 64-bit hashes:
// tells which blocks cannot hold a value. It is for look-ups only and never decides uniqueness.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"

namespace meetpoint::columns {

class KeyFilter {
public:
    // Room for `values` hashes at `bitsPerValue`; 10 bits give about 1 % false answers, 16 bits about 0.1 %.
    KeyFilter(std::size_t values, int bitsPerValue);
    // A filter as `bytes()` gave it. Code "corrupt-data".
    static Result<KeyFilter> fromBytes(ByteView bytes);
    // One that excludes nothing.
    static KeyFilter ofEverything();

    void add(std::uint64_t hash);
    // False: the value was never added.
    bool mayContain(std::uint64_t hash) const;
    ByteView bytes() const;

private:
    struct Word8 {
        std::uint32_t words[8];
    };
    explicit KeyFilter(std::vector<Word8> blocks) : blocks_(std::move(blocks)) {}
    std::size_t blockOf(std::uint64_t hash) const;
    std::vector<Word8> blocks_;
};

}  // namespace meetpoint::columns
