#include "formats/compress.h"

#include <limits>

#include <zlib.h>
#include <zstd.h>

namespace meetpoint::formats {
namespace {

constexpr int gzipOnly = 16 + MAX_WBITS;
constexpr int gzipMemory = 8;  // zlib's default
constexpr int zstdLevel = 3;

Result<Bytes> gzipped(ByteView raw) {
    if (raw.size() > std::numeric_limits<uInt>::max() / 2) return fail(internalError("a piece is too long for gzip"));
    z_stream stream{};
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzipOnly, gzipMemory, Z_DEFAULT_STRATEGY) != Z_OK)
        return fail(internalError("gzip does not begin"));
    Bytes out(deflateBound(&stream, static_cast<uLong>(raw.size())));
    stream.next_in = const_cast<Bytef*>(raw.data());  // zlib does not write to it
    stream.avail_in = static_cast<uInt>(raw.size());
    stream.next_out = out.data();
    stream.avail_out = static_cast<uInt>(out.size());
    const int ended = deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    if (ended != Z_STREAM_END) return fail(internalError("gzip does not end"));
    return out;
}

Result<Bytes> zstandard(ByteView raw) {
    Bytes out(ZSTD_compressBound(raw.size()));
    const std::size_t size = ZSTD_compress(out.data(), out.size(), raw.data(), raw.size(), zstdLevel);
    if (ZSTD_isError(size)) return fail(internalError(std::string("zstd: ") + ZSTD_getErrorName(size)));
    out.resize(size);
    return out;
}

}  // namespace

Result<Bytes> compress(ByteView raw, Compression compression) {
    switch (compression) {
        case Compression::gzip:
            return gzipped(raw);
        case Compression::zstd:
            return zstandard(raw);
        case Compression::none:
            break;
    }
    return Bytes(raw.begin(), raw.end());
}

}  // namespace meetpoint::formats
