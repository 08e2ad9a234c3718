// Any bytes as kept figures of calls: refused or read, never followed out of bounds; what was read is kept and read again
// as it was.
#include "quality/kept_figures.h"

namespace {

using namespace meetpoint;

// The next part of the input: its length in two bytes, and the bytes.
ByteView takePart(ByteView& bytes) {
    if (bytes.size() < 2) return {};
    const std::size_t size = std::min<std::size_t>(bytes[0] | bytes[1] << 8, bytes.size() - 2);
    const ByteView part = bytes.subspan(2, size);
    bytes = bytes.subspan(2 + size);
    return part;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ByteView bytes(data, size);
    const ByteView hours = takePart(bytes), figures = takePart(bytes);
    const auto read = quality::readKept({hours, figures, bytes});
    if (!read) return 0;
    quality::Figures sum;
    for (const quality::HourFigures& hour : *read)
        sum.merge(hour.figures);
    const quality::KeptFigures kept = quality::keep(*read);
    const auto again = quality::readKept({kept.hours, kept.figures, kept.points});
    if (!again || again->size() != read->size()) __builtin_trap();
    for (std::size_t i = 0; i < read->size(); ++i)
        for (std::size_t figure = 0; figure < quality::figureCount; ++figure)
            if ((*again)[i].figures.distributions[figure].parts() != (*read)[i].figures.distributions[figure].parts())
                __builtin_trap();
    return 0;
}
