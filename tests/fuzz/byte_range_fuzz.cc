// Any bytes as a Range header: the whole, a range that has bytes and lies within, or none; never anything else.
#include <variant>

#include "http/byte_range.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace meetpoint;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const std::uint64_t bytes : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1'000}, UINT64_MAX}) {
        const http::WantedRange wanted = http::parseRange(text, bytes);
        const auto* range = std::get_if<http::ByteRange>(&wanted);
        if (range && (range->first >= range->end || range->end > bytes)) __builtin_trap();
    }
    return 0;
}
