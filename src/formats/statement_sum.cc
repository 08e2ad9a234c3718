#include "formats/statement_sum.h"

#include "base/hash.h"

namespace meetpoint::formats {

void StatementSum::add(std::string_view canonicalJson) {
    const Sha256 hash = sha256(viewOf(canonicalJson));
    Wide number = 0;
    for (std::size_t i = 0; i < 16; ++i)
        number = number << 8 | hash[i];
    sum_ += number;
}

std::array<std::uint8_t, 16> StatementSum::value() const {
    std::array<std::uint8_t, 16> bytes;
    for (std::size_t i = 0; i < 16; ++i)
        bytes[i] = static_cast<std::uint8_t>(sum_ >> (8 * (15 - i)));
    return bytes;
}

}  // namespace meetpoint::formats
