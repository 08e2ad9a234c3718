// Any bytes, cut anywhere, as csv records of both lanes: no crash, every record either read or faulted, and what was
// read can be written.
#include "formats/reader.h"
#include "formats/writer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace meetpoint;
    if (size == 0) return 0;
    const std::size_t piece = 1 + data[0] % 64;
    const formats::Format format = formats::Format::csv;
    for (const auto lane : {columns::LaneKind::calls, columns::LaneKind::durations}) {
        formats::ReadOptions options;
        options.now = Instant{1'772'000'000'000};
        options.lenient = data[0] & 64;
        options.limits.lineBytes = 4096;
        options.defaultRegion = "US";
        const auto reader = formats::makeReader(lane, format, options);
        bool open = true;
        for (std::size_t at = 1; open && at < size; at += piece)
            open = (*reader)->feed(ByteView(data + at, std::min(piece, size - at))).has_value();
        if (open) (void)(*reader)->finish();
        std::uint64_t seen = 0;
        while ((*reader)->ready() > 0) {
            const formats::ReadBatch batch = (*reader)->take(100);
            seen += batch.origins.size() + batch.faults.size();
            std::string out;
            formats::RecordWriter(batch.records).appendNdjson(out);
        }
        if (seen != (*reader)->counts().records) __builtin_trap();
    }
    return 0;
}
