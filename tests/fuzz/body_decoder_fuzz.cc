// Any bytes are decoded or refused, in pieces and a total that keep to their limits. The first byte chooses the
// encoding, the second how the rest is cut.
#include <cstdint>
#include <cstdlib>

#include "http/body_decoder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace meetpoint::http;
    if (size < 2) return 0;
    constexpr const char* encodings[] = {"", "gzip", "zstd"};
    DecoderLimits limits;
    limits.decodedBytes = 1 << 20;
    limits.pieceBytes = 4096;
    auto decoder = BodyDecoder::make(encodings[data[0] % 3], limits);
    const std::size_t cut = 1 + data[1];
    std::string_view rest(reinterpret_cast<const char*>(data) + 2, size - 2);
    std::uint64_t total = 0;
    for (;;) {
        std::string piece;
        if (!decoder->decode(piece)) return 0;
        if (piece.size() > limits.pieceBytes) std::abort();
        total += piece.size();
        if (total > limits.decodedBytes || total != decoder->decodedBytes()) std::abort();
        if (!decoder->wantsInput()) continue;
        if (rest.empty()) break;
        decoder->feed(std::string(rest.substr(0, cut)));
        rest.remove_prefix(std::min(cut, rest.size()));
    }
    (void)decoder->finish();
    return 0;
}
