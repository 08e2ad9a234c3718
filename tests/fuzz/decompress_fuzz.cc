// Any bytes as gzip and as zstd, and to detection: no crash, and no more than 64 KiB to the sink at a time.
#include "formats/decompress.h"
#include "formats/detect.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace meetpoint;
    constexpr std::size_t most = 64 << 20;  // a bomb is stopped by its sink
    (void)formats::detectFormat(ByteView(data, size), size % 2 == 1);
    for (const auto compression : {formats::Compression::gzip, formats::Compression::zstd}) {
        formats::Decompressor decompressor(compression);
        std::size_t total = 0;
        const auto sink = [&total](ByteView piece) -> Result<void> {
            if (piece.size() > 64 * 1024) __builtin_trap();
            total += piece.size();
            if (total > most) return fail(invalidInput("enough", ""));
            return {};
        };
        const std::size_t half = size / 2;
        if (decompressor.feed(ByteView(data, half), sink) &&
            decompressor.feed(ByteView(data + half, size - half), sink))
            (void)decompressor.finish();
    }
    return 0;
}
