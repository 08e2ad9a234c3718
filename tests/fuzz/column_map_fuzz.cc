// Any text as a column map; if it is one, the rest of the input is read by it. The first NUL parts the two.
#include "formats/column_map.h"
#include "formats/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace meetpoint;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::size_t cut = std::min(input.find('\0'), size);
    for (const auto side : {formats::MapSide::either, formats::MapSide::theirs}) {
        auto map = formats::parseColumnMap(input.substr(0, cut), "map.toml", side);
        if (!map) continue;
        formats::ReadOptions options;
        options.now = Instant{1'772'000'000'000};
        options.columnMap = std::make_shared<formats::ColumnMap>(std::move(*map));
        for (const auto lane : {columns::LaneKind::calls, columns::LaneKind::durations}) {
            const auto reader = formats::makeReader(lane, formats::Format::mappedCsv, options);
            if ((*reader)->feed(viewOf(input.substr(std::min(size, cut + 1))))) (void)(*reader)->finish();
            while ((*reader)->ready() > 0)
                (void)(*reader)->take(100);
        }
    }
    return 0;
}
