// Compression of whole pieces: gzip (RFC 1952) and zstd (RFC 8878). Pieces one behind the other are one stream that any
// reader of the format takes (formats/decompress too).
#pragma once

#include "formats/decompress.h"

namespace meetpoint::formats {

// A gzip member or a zstd frame with all of `raw`; `raw` itself for none. Only a lack of memory makes it fail.
Result<Bytes> compress(ByteView raw, Compression compression);

}  // namespace meetpoint::formats
