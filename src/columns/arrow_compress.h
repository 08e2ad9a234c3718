// Compression of one Arrow buffer: LZ4 frame or zstd, behind an 8-byte little-endian length of the uncompressed bytes
// (-1: the bytes follow as they are). Arrow columnar format, "Compression".
#pragma once

#include "columns/arrow_ipc.h"

namespace meetpoint::columns {

// Appends the compressed form of `raw` to `out`; an empty buffer stays empty, and one that does not shrink is kept raw.
void compressBuffer(ByteView raw, Compression compression, Bytes& out);

// Length of the buffer once decompressed. Code "corrupt-data".
Result<std::size_t> uncompressedSize(ByteView stored, Compression compression, std::size_t limit);
// Fills `out`, whose size is uncompressedSize(). Code "corrupt-data".
Result<void> decompressBuffer(ByteView stored, Compression compression, std::span<std::uint8_t> out);

}  // namespace meetpoint::columns
