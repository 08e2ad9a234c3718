// Compression of one Arrow buffer: LZ4 frame or zstd, behind an 8-byte little-endian length of the uncompressed bytes
// (-1: the bytes follow as they are). Arrow columnar format, "Compression".
#pragma once

#include "columns/arrow_ipc.h"

namespace meetpoint::columns {

// zstd buffers are stored in frames of about so many bytes, one behind the other: to whoever decompresses them all they
// are one (RFC 8878, 3.1), and a reader of a few rows opens only those it needs.
inline constexpr std::size_t frameBytes = 4096;

// Appends the compressed form of `raw` to `out`; an empty buffer stays empty, and one that does not shrink is kept raw.
void compressBuffer(ByteView raw, Compression compression, Bytes& out);

// Length of the buffer once decompressed. Code "corrupt-data".
Result<std::size_t> uncompressedSize(ByteView stored, Compression compression, std::size_t limit);
// Fills `out`, whose size is uncompressedSize(). Code "corrupt-data".
Result<void> decompressBuffer(ByteView stored, Compression compression, std::span<std::uint8_t> out);

// A buffer of which only what is asked for is decompressed. The stored bytes must outlive it.
class PartlyReadBuffer {
public:
    // Code "corrupt-data".
    static Result<PartlyReadBuffer> open(ByteView stored, Compression compression, std::size_t limit);

    // Bytes of the whole once decompressed.
    std::size_t size() const { return size_; }
    // The bytes [from, to), valid as long as this. Code "corrupt-data", also where there are fewer.
    Result<ByteView> bytes(std::size_t from, std::size_t to);

private:
    struct Frame {
        ByteView stored;
        std::size_t begin, end;  // where its content lies in the whole
        bool isOpen = false;
    };

    Result<void> findFrames(ByteView stored);

    Compression compression_ = Compression::none;
    std::size_t size_ = 0;
    ByteView raw_;               // the whole, where nothing is compressed
    std::vector<Frame> frames_;  // else these, in order
    Buffer<std::uint8_t> content_;
};

}  // namespace meetpoint::columns
