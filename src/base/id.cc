#include "base/id.h"

#include <cstring>

namespace meetpoint {
namespace {

constexpr std::array<std::uint8_t, 16> positions{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};

int hexValue(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

void formatIdTo(const Id& id, char* out) {
    static constexpr char digits[] = "0123456789abcdef";
    out[8] = out[13] = out[18] = out[23] = '-';
    for (int i = 0; i < 16; ++i) {
        out[positions[i]] = digits[id.bytes[i] >> 4];
        out[positions[i] + 1] = digits[id.bytes[i] & 15];
    }
}

std::string formatId(const Id& id) {
    std::string text(36, '\0');
    formatIdTo(id, text.data());
    return text;
}

Result<Id> parseId(std::string_view text) {
    Id id;
    bool good = text.size() == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-';
    for (int i = 0; good && i < 16; ++i) {
        const int high = hexValue(text[positions[i]]);
        const int low = hexValue(text[positions[i] + 1]);
        good = high >= 0 && low >= 0;
        id.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    if (!good)
        return fail(invalidInput("bad-id", "'" + std::string(text.substr(0, 40)) +
                                               "' is not a UUID such as 018f3c2e-7d1a-7c55-9a51-0b7c6f2d8a10"));
    return id;
}

Id idFromBytes(ByteView bytes) {
    Id id;
    if (bytes.size() == id.bytes.size()) std::memcpy(id.bytes.data(), bytes.data(), bytes.size());
    return id;
}

Id makeId(const Clock& clock, Random& random) {
    Id id;
    random.fill(id.bytes);
    const auto ms = static_cast<std::uint64_t>(clock.now().ms);
    for (int i = 0; i < 6; ++i)
        id.bytes[i] = static_cast<std::uint8_t>(ms >> (8 * (5 - i)));
    id.bytes[6] = static_cast<std::uint8_t>(0x70 | (id.bytes[6] & 0x0f));
    id.bytes[8] = static_cast<std::uint8_t>(0x80 | (id.bytes[8] & 0x3f));
    return id;
}

}  // namespace meetpoint
