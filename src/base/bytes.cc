#include "base/bytes.h"

#include <algorithm>

#include <sodium.h>

namespace meetpoint {
namespace {

std::string encodeBase64(ByteView bytes, int variant) {
    std::string out(sodium_base64_encoded_len(bytes.size(), variant), '\0');
    sodium_bin2base64(out.data(), out.size(), bytes.data(), bytes.size(), variant);
    out.pop_back();
    return out;
}

Result<Bytes> decodeBase64(std::string_view text, int variant) {
    Bytes out(text.size() / 4 * 3 + 3);
    std::size_t length = 0;
    const char* end = nullptr;
    // libsodium 1.0.18 reads some bytes beyond ASCII as if they were of the alphabet.
    const bool ascii = std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (!ascii ||
        sodium_base642bin(out.data(), out.size(), text.data(), text.size(), nullptr, &length, &end, variant) != 0 ||
        end != text.data() + text.size())
        return fail(invalidInput("bad-base64", "not valid base64"));
    out.resize(length);
    return out;
}

}  // namespace

std::string toHex(ByteView bytes) {
    std::string out(bytes.size() * 2 + 1, '\0');
    sodium_bin2hex(out.data(), out.size(), bytes.data(), bytes.size());
    out.pop_back();
    return out;
}

Result<Bytes> fromHex(std::string_view text) {
    if (text.empty()) return Bytes();  // the library wants somewhere to write to
    Bytes out(text.size() / 2);
    std::size_t length = 0;
    const char* end = nullptr;
    if (sodium_hex2bin(out.data(), out.size(), text.data(), text.size(), nullptr, &length, &end) != 0 ||
        end != text.data() + text.size())
        return fail(invalidInput("bad-hex", "not valid hexadecimal"));
    return out;
}

std::string toBase64(ByteView bytes) {
    return encodeBase64(bytes, sodium_base64_VARIANT_ORIGINAL);
}

std::string toBase64Url(ByteView bytes) {
    return encodeBase64(bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

Result<Bytes> fromBase64Url(std::string_view text) {
    return decodeBase64(text, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

Result<Bytes> fromBase64(std::string_view text) {
    while (text.ends_with('='))
        text.remove_suffix(1);
    return decodeBase64(text, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
}

}  // namespace meetpoint
