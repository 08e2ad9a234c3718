#include "columns/arrow_compress.h"

#include <memory>

#include <lz4frame.h>
#include <zstd.h>

namespace meetpoint::columns {
namespace {

constexpr std::size_t prefixBytes = 8;
constexpr std::int64_t storedRaw = -1;
constexpr int zstdLevel = 1;
// Below this a frame's own header outweighs what it saves.
constexpr std::size_t worthCompressing = 64;

void writePrefix(std::uint8_t* at, std::int64_t length) {
    for (std::size_t i = 0; i < prefixBytes; ++i)
        at[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(length) >> (8 * i));
}

std::int64_t readPrefix(const std::uint8_t* at) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < prefixBytes; ++i)
        value |= static_cast<std::uint64_t>(at[i]) << (8 * i);
    return static_cast<std::int64_t>(value);
}

// Contexts are made once a thread: making one costs more than compressing a small buffer.
struct ZstdContexts {
    std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> compress{ZSTD_createCCtx(), &ZSTD_freeCCtx};
    std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> decompress{ZSTD_createDCtx(), &ZSTD_freeDCtx};
};
ZstdContexts& zstdContexts() {
    thread_local ZstdContexts contexts;
    return contexts;
}

// Room for what a buffer becomes before its size is known; kept, as the contexts are.
std::span<std::uint8_t> compressionRoom(std::size_t size) {
    thread_local Buffer<std::uint8_t> room;
    if (room.size() < size) room.resize(size);
    return room;
}

struct Lz4Decoder {
    LZ4F_dctx* context = nullptr;
    Lz4Decoder() { LZ4F_createDecompressionContext(&context, LZ4F_VERSION); }
    ~Lz4Decoder() { LZ4F_freeDecompressionContext(context); }
    Lz4Decoder(const Lz4Decoder&) = delete;
    Lz4Decoder& operator=(const Lz4Decoder&) = delete;
};
LZ4F_dctx* lz4Decoder() {
    thread_local Lz4Decoder decoder;
    LZ4F_resetDecompressionContext(decoder.context);
    return decoder.context;
}

// Room that holds the whole in frames.
std::size_t bound(std::size_t size, Compression compression) {
    if (compression == Compression::lz4) return LZ4F_compressFrameBound(size, nullptr);
    const std::size_t frames = std::max<std::size_t>(1, size / frameBytes);
    return ZSTD_compressBound(size) + frames * ZSTD_compressBound(0);
}

// Bytes written; 0 if it failed. The last frame takes what is left, so that none is tiny.
std::size_t compressZstd(ByteView raw, std::span<std::uint8_t> out) {
    std::size_t written = 0;
    const std::size_t frames = std::max<std::size_t>(1, raw.size() / frameBytes);
    for (std::size_t frame = 0; frame < frames; ++frame) {
        const std::size_t begin = frame * frameBytes;
        const ByteView content = raw.subspan(begin, (frame + 1 < frames ? begin + frameBytes : raw.size()) - begin);
        const std::size_t more = ZSTD_compressCCtx(zstdContexts().compress.get(), out.data() + written,
                                                   out.size() - written, content.data(), content.size(), zstdLevel);
        if (ZSTD_isError(more)) return 0;
        written += more;
    }
    return written;
}

// Bytes written; 0 if it failed.
std::size_t compressInto(ByteView raw, Compression compression, std::span<std::uint8_t> out) {
    if (compression == Compression::zstd) return compressZstd(raw, out);
    const std::size_t written = LZ4F_compressFrame(out.data(), out.size(), raw.data(), raw.size(), nullptr);
    return LZ4F_isError(written) ? 0 : written;
}

Result<void> decompressLz4(ByteView frame, std::span<std::uint8_t> out) {
    LZ4F_dctx* context = lz4Decoder();
    std::size_t read = 0, written = 0, hint = 1;
    while (hint != 0) {
        std::size_t outSize = out.size() - written;
        std::size_t inSize = frame.size() - read;
        hint = LZ4F_decompress(context, out.data() + written, &outSize, frame.data() + read, &inSize, nullptr);
        if (LZ4F_isError(hint) || (outSize == 0 && inSize == 0))
            return fail(corrupt("an LZ4 buffer does not decompress"));
        written += outSize;
        read += inSize;
    }
    if (written != out.size() || read != frame.size())
        return fail(corrupt("an LZ4 buffer has another length than it says"));
    return {};
}

Result<void> decompressZstd(ByteView frames, std::span<std::uint8_t> out) {
    const std::size_t written =
        ZSTD_decompressDCtx(zstdContexts().decompress.get(), out.data(), out.size(), frames.data(), frames.size());
    if (ZSTD_isError(written) || written != out.size()) return fail(corrupt("a zstd buffer does not decompress"));
    return {};
}

}  // namespace

void compressBuffer(ByteView raw, Compression compression, Bytes& out) {
    if (raw.empty()) return;
    ByteView stored = raw;
    std::array<std::uint8_t, prefixBytes> prefix;
    if (compression != Compression::none) {
        writePrefix(prefix.data(), storedRaw);
        if (raw.size() >= worthCompressing) {
            const auto room = compressionRoom(bound(raw.size(), compression));
            const std::size_t written = compressInto(raw, compression, room);
            if (written > 0 && written < raw.size()) {
                writePrefix(prefix.data(), static_cast<std::int64_t>(raw.size()));
                stored = room.first(written);
            }
        }
        out.insert(out.end(), prefix.begin(), prefix.end());
    }
    out.insert(out.end(), stored.begin(), stored.end());
}

Result<std::size_t> uncompressedSize(ByteView stored, Compression compression, std::size_t limit) {
    if (stored.empty()) return 0;
    std::size_t size = stored.size();
    if (compression != Compression::none) {
        if (stored.size() < prefixBytes) return fail(corrupt("a compressed buffer is shorter than its length prefix"));
        const std::int64_t length = readPrefix(stored.data());
        if (length < storedRaw) return fail(corrupt("a compressed buffer has a negative length"));
        size = length == storedRaw ? stored.size() - prefixBytes : static_cast<std::size_t>(length);
    }
    if (size > limit) return fail(corrupt("a buffer is larger than any that is written here"));
    return size;
}

Result<void> decompressBuffer(ByteView stored, Compression compression, std::span<std::uint8_t> out) {
    if (out.empty()) return {};
    if (compression == Compression::none || readPrefix(stored.data()) == storedRaw) {
        std::memcpy(out.data(), stored.data() + stored.size() - out.size(), out.size());
        return {};
    }
    const ByteView frames = stored.subspan(prefixBytes);
    return compression == Compression::lz4 ? decompressLz4(frames, out) : decompressZstd(frames, out);
}

Result<PartlyReadBuffer> PartlyReadBuffer::open(ByteView stored, Compression compression, std::size_t limit) {
    PartlyReadBuffer buffer;
    TRY_ASSIGN(buffer.size_, uncompressedSize(stored, compression, limit));
    if (buffer.size_ == 0) return buffer;
    buffer.compression_ = compression;
    if (compression == Compression::none || readPrefix(stored.data()) == storedRaw) {
        buffer.raw_ = stored.last(buffer.size_);
        return buffer;
    }
    TRY(buffer.findFrames(stored.subspan(prefixBytes)));
    buffer.content_.resize(buffer.size_);
    return buffer;
}

Result<void> PartlyReadBuffer::findFrames(ByteView stored) {
    if (compression_ == Compression::lz4) {
        frames_.push_back({stored, 0, size_});
        return {};
    }
    std::size_t end = 0;
    while (!stored.empty()) {
        const std::size_t length = ZSTD_findFrameCompressedSize(stored.data(), stored.size());
        if (ZSTD_isError(length)) return fail(corrupt("a zstd buffer has a damaged frame"));
        const unsigned long long content = ZSTD_getFrameContentSize(stored.data(), stored.size());
        // Its values for "unknown" and "error" are larger than any size.
        if (content > size_ - end) return fail(corrupt("a zstd buffer has a frame that does not say its length"));
        frames_.push_back({stored.first(length), end, end + static_cast<std::size_t>(content)});
        end = frames_.back().end;
        stored = stored.subspan(length);
    }
    if (end != size_) return fail(corrupt("a zstd buffer has another length than it says"));
    return {};
}

Result<ByteView> PartlyReadBuffer::bytes(std::size_t from, std::size_t to) {
    if (from > to || to > size_) return fail(corrupt("a buffer is shorter than its rows need"));
    if (from == to) return ByteView();
    if (!raw_.empty()) return raw_.subspan(from, to - from);
    auto frame = std::ranges::upper_bound(frames_, from, {}, &Frame::end);
    for (; frame != frames_.end() && frame->begin < to; ++frame) {
        if (frame->isOpen) continue;
        const std::span out(content_.data() + frame->begin, frame->end - frame->begin);
        TRY(compression_ == Compression::lz4 ? decompressLz4(frame->stored, out) : decompressZstd(frame->stored, out));
        frame->isOpen = true;
    }
    return ByteView(content_.data() + from, to - from);
}

}  // namespace meetpoint::columns
