// Streaming decompression of gzip (RFC 1952, several members allowed) and zstd (RFC 8878, several frames allowed).
#pragma once

#include <functional>
#include <memory>

#include "base/bytes.h"

namespace meetpoint::formats {

enum class Compression : std::uint8_t { none, gzip, zstd };

// By the first bytes.
Compression detectCompression(ByteView head);
std::string_view name(Compression compression);

// Takes compressed pieces and gives decompressed ones to a sink, 64 KiB at most at a time, so that memory stays flat
// whatever the ratio. Codes: "bad-compression" (not such a stream, or damaged), "truncated-input" (ends in the middle).
class Decompressor {
public:
    using Sink = std::function<Result<void>(ByteView)>;

    explicit Decompressor(Compression compression);
    ~Decompressor();
    Decompressor(Decompressor&&) noexcept;
    Decompressor& operator=(Decompressor&&) noexcept;

    // An error of the sink stops the work and is handed on.
    Result<void> feed(ByteView piece, const Sink& sink);
    // Says that the input ends here.
    Result<void> finish();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace meetpoint::formats
