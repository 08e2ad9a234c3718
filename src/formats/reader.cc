#include "formats/reader.h"

#include "formats/readers.h"

namespace meetpoint::formats {
namespace {

constexpr std::string_view formatNames = "ndjson,json,csv,asterisk,mapped";

}  // namespace

std::string_view name(Format format) {
    return domain::nameAt(formatNames, static_cast<std::size_t>(format));
}

std::optional<Format> formatNamed(std::string_view name) {
    const auto index = domain::indexIn(formatNames, name);
    if (!index) return std::nullopt;
    return static_cast<Format>(*index);
}

Result<std::unique_ptr<RecordReader>> makeReader(columns::LaneKind lane, Format format, ReadOptions options) {
    if (lane != columns::LaneKind::calls && lane != columns::LaneKind::durations)
        return fail(invalidInput(
            "not-readable",
            std::string(columns::name(lane)) + " are written by the exchange only; calls and durations are read"));
    switch (format) {
        case Format::ndjson:
            return makeLineReader(lane, std::move(options));
        case Format::jsonArray:
            return makeArrayReader(lane, std::move(options));
        case Format::csv:
            return makeCsvReader(lane, std::move(options));
        case Format::asteriskCsv:
            return makeAsteriskReader(lane, std::move(options));
        case Format::mappedCsv:
            if (!options.columnMap)
                return fail(
                    invalidInput("missing-column-map", "this format needs a column map; see docs/guide/column-map.md"));
            return makeMappedReader(lane, std::move(options));
    }
    return fail(internalError("unknown format"));
}

}  // namespace meetpoint::formats
