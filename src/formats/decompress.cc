#include "formats/decompress.h"

#include <vector>

#include <zlib.h>
#include <zstd.h>

namespace meetpoint::formats {
namespace {

constexpr std::size_t outputBytes = 64 * 1024;
constexpr std::uint8_t gzipMagic[] = {0x1f, 0x8b};
constexpr std::uint8_t zstdMagic[] = {0x28, 0xb5, 0x2f, 0xfd};

template <std::size_t N>
bool startsWith(ByteView bytes, const std::uint8_t (&magic)[N]) {
    return bytes.size() >= N && std::equal(magic, magic + N, bytes.begin());
}

Error damaged(Compression compression) {
    return {ErrorKind::invalidInput,
            "bad-compression",
            "the " + std::string(name(compression)) + " data is damaged; send or fetch the file again",
            {},
            {},
            0};
}

}  // namespace

Compression detectCompression(ByteView head) {
    if (startsWith(head, gzipMagic)) return Compression::gzip;
    if (startsWith(head, zstdMagic)) return Compression::zstd;
    return Compression::none;
}

std::string_view name(Compression compression) {
    constexpr std::string_view names[] = {"none", "gzip", "zstd"};
    return names[static_cast<std::size_t>(compression)];
}

struct Decompressor::Impl {
    explicit Impl(Compression kind) : compression(kind), output(outputBytes) {
        constexpr int gzipOnly = 16 + MAX_WBITS;
        constexpr int largestWindowLog = 27;  // 128 MiB: bounds the memory that a frame may ask for
        if (kind == Compression::gzip) broken = inflateInit2(&gzip, gzipOnly) != Z_OK;
        if (kind == Compression::zstd) {
            zstd = ZSTD_createDStream();
            broken = !zstd || ZSTD_isError(ZSTD_DCtx_setParameter(zstd, ZSTD_d_windowLogMax, largestWindowLog));
        }
    }
    ~Impl() {
        if (compression == Compression::gzip) inflateEnd(&gzip);
        ZSTD_freeDStream(zstd);
    }

    Result<void> feedGzip(ByteView piece, const Sink& sink);
    Result<void> feedZstd(ByteView piece, const Sink& sink);

    Compression compression;
    Bytes output;
    z_stream gzip{};
    ZSTD_DStream* zstd = nullptr;
    bool broken = false;
    bool inside = true;  // a member or frame is open; at the start one is expected
    bool whole = false;  // at least one member or frame was whole
};

Decompressor::Decompressor(Compression compression) : impl_(std::make_unique<Impl>(compression)) {}
Decompressor::~Decompressor() = default;
Decompressor::Decompressor(Decompressor&&) noexcept = default;
Decompressor& Decompressor::operator=(Decompressor&&) noexcept = default;

Result<void> Decompressor::Impl::feedGzip(ByteView piece, const Sink& sink) {
    gzip.next_in = const_cast<Bytef*>(piece.data());
    gzip.avail_in = static_cast<uInt>(piece.size());
    while (true) {
        if (!inside) {
            if (gzip.avail_in == 0) return {};
            // Some writers pad the end of a file with zeros.
            if (*gzip.next_in == 0) {
                ++gzip.next_in;
                --gzip.avail_in;
                continue;
            }
            inflateReset(&gzip);
            inside = true;
        }
        gzip.next_out = output.data();
        gzip.avail_out = static_cast<uInt>(output.size());
        const int state = inflate(&gzip, Z_NO_FLUSH);
        if (state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR) return fail(damaged(compression));
        const std::size_t made = output.size() - gzip.avail_out;
        if (made > 0) TRY(sink(ByteView(output).first(made)));
        if (state == Z_STREAM_END) {
            inside = false;
            whole = true;
        } else if (gzip.avail_in == 0 && made < output.size()) {
            return {};
        }
    }
}

Result<void> Decompressor::Impl::feedZstd(ByteView piece, const Sink& sink) {
    ZSTD_inBuffer in{piece.data(), piece.size(), 0};
    bool outputFull = false;
    while (in.pos < in.size || outputFull) {
        ZSTD_outBuffer out{output.data(), output.size(), 0};
        const std::size_t left = ZSTD_decompressStream(zstd, &out, &in);
        if (ZSTD_isError(left)) return fail(damaged(compression));
        if (out.pos > 0) TRY(sink(ByteView(output).first(out.pos)));
        inside = left != 0;
        whole = whole || !inside;
        outputFull = inside && out.pos == out.size;
    }
    return {};
}

Result<void> Decompressor::feed(ByteView piece, const Sink& sink) {
    if (impl_->broken) return fail(internalError("a decompressor could not be made"));
    if (piece.empty()) return {};
    switch (impl_->compression) {
        case Compression::none:
            return sink(piece);
        case Compression::gzip: {
            constexpr std::size_t largest = 1u << 30;  // zlib counts in 32 bits
            for (; piece.size() > largest; piece = piece.subspan(largest))
                TRY(impl_->feedGzip(piece.first(largest), sink));
            return impl_->feedGzip(piece, sink);
        }
        case Compression::zstd:
            return impl_->feedZstd(piece, sink);
    }
    return {};
}

Result<void> Decompressor::finish() {
    if (impl_->compression == Compression::none || (impl_->whole && !impl_->inside)) return {};
    return fail(invalidInput("truncated-input", "the " + std::string(name(impl_->compression)) +
                                                    " data ends in the middle; send or fetch the whole file again"));
}

}  // namespace meetpoint::formats
