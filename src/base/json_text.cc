#include "base/json_text.h"

#include <cstdint>
#include <cstring>

namespace meetpoint {
namespace {

void appendEscaped(unsigned char c, std::string& out) {
    static constexpr char digits[] = "0123456789abcdef";
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\b':
            out += "\\b";
            return;
        case '\t':
            out += "\\t";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\f':
            out += "\\f";
            return;
        case '\r':
            out += "\\r";
            return;
        default:
            out += "\\u00";
            out += digits[c >> 4];
            out += digits[c & 15];
    }
}

bool isPlain(unsigned char c) {
    return c >= 0x20 && c != '"' && c != '\\';
}

// So many bytes at the front, eight at a time, need no escape. Most texts need none at all.
std::size_t plainPrefix(std::string_view text) {
    constexpr std::uint64_t ones = 0x0101010101010101, tops = ones << 7;
    // The top bit of the first byte below `limit`, and perhaps of others behind it.
    const auto below = [](std::uint64_t word, std::uint64_t limit) { return (word - ones * limit) & ~word & tops; };
    std::size_t at = 0;
    for (; at + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) {
        std::uint64_t word;
        std::memcpy(&word, text.data() + at, sizeof word);
        if ((below(word, 0x20) | below(word ^ ones * '"', 1) | below(word ^ ones * '\\', 1)) != 0) break;
    }
    return at;
}

}  // namespace

bool isUtf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto lead = static_cast<unsigned char>(text[at]);
        const std::size_t length = lead < 0x80                   ? 1
                                   : lead >= 0xC2 && lead < 0xE0 ? 2
                                   : (lead & 0xF0) == 0xE0       ? 3
                                   : lead >= 0xF0 && lead < 0xF5 ? 4
                                                                 : 0;
        if (length == 0 || at + length > text.size()) return false;
        std::uint32_t point = length == 1 ? lead : lead & (0xFFu >> (length + 1));
        for (std::size_t i = 1; i < length; ++i) {
            const auto next = static_cast<unsigned char>(text[at + i]);
            if ((next & 0xC0) != 0x80) return false;
            point = point << 6 | (next & 0x3Fu);
        }
        // Overlong forms, surrogates and what lies beyond Unicode.
        if ((length == 3 && (point < 0x800 || (point >= 0xD800 && point < 0xE000))) ||
            (length == 4 && (point < 0x10000 || point > 0x10FFFF)))
            return false;
        at += length;
    }
    return true;
}

void appendJsonText(std::string_view text, std::string& out) {
    out += '"';
    std::size_t from = 0;
    for (std::size_t i = plainPrefix(text); i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (isPlain(c)) continue;
        out.append(text, from, i - from);
        appendEscaped(c, out);
        from = i + 1;
    }
    out.append(text, from);
    out += '"';
}

void appendRepairedJsonText(std::string_view text, std::string& out) {
    if (isUtf8(text)) return appendJsonText(text, out);
    std::string repaired;
    for (const char c : text)
        repaired += static_cast<unsigned char>(c) < 0x80 ? std::string(1, c) : "\xEF\xBF\xBD";
    appendJsonText(repaired, out);
}

std::string jsonString(std::string_view text) {
    std::string out;
    appendRepairedJsonText(text, out);
    return out;
}

}  // namespace meetpoint
