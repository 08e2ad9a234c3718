// Takes Content-Encoding off a body as it streams by. Holds a window, never the body.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace meetpoint::http {

struct DecoderLimits {
    std::uint64_t decodedBytes = 1 << 20;  // of the whole body
    std::size_t pieceBytes = 256 * 1024;   // of one piece given out
    std::uint64_t ratio = 250;             // decoded to encoded bytes; beyond `ratioSlackBytes` more is a bomb
    std::uint64_t ratioSlackBytes = 4 << 20;
};

class BodyDecoder {
public:
    // `contentEncoding` is the header's value: "", "identity", "gzip", "x-gzip" or "zstd", in any case. Code
    // "unsupported-encoding" (kind unsupportedMedia), naming what is read here, for others and for lists of several.
    static Result<BodyDecoder> make(std::string_view contentEncoding, const DecoderLimits& limits);
    BodyDecoder(BodyDecoder&&) noexcept;
    BodyDecoder& operator=(BodyDecoder&&) noexcept;
    ~BodyDecoder();

    // Hands over encoded bytes; only when wantsInput().
    void feed(std::string encoded);
    bool wantsInput() const;
    // Appends decoded bytes to `out` until it holds `pieceBytes` or the input is used up. Codes: "bad-encoding"
    // (corrupt), "body-too-large" and "compression-ratio" (kind tooLarge).
    Result<void> decode(std::string& out);
    // At the end of the input: code "truncated-body" if the encoded form has not ended.
    Result<void> finish();

    std::uint64_t encodedBytes() const;
    std::uint64_t decodedBytes() const;

private:
    struct Impl;
    explicit BodyDecoder(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace meetpoint::http
