#include "exchange/export_writer.h"

#include "columns/arrow_ipc.h"
#include "exchange/page_writers.h"
#include "exchange/projection.h"

namespace meetpoint::exchange {
namespace {

Bytes bytesOf(std::string_view text) {
    const ByteView view = viewOf(text);
    return {view.begin(), view.end()};
}

// A page's records in their order, with what stands beside them.
struct Gathered {
    std::optional<columns::Records> records;
    std::vector<std::int64_t> sequences;
    std::vector<Instant> storedAt;
    std::vector<std::optional<Id>> carriers;

    // Records of one slice that stand one behind the other.
    void add(const store::LaneSlice& slice, const std::optional<Id>& carrier, std::span<const std::uint32_t> rows) {
        for (const std::uint32_t row : rows) {
            sequences.push_back(slice.sequences[row]);
            storedAt.push_back(slice.storedAt[row]);
            carriers.push_back(carrier);
        }
        columns::Records chosen = slice.records.gather(rows);
        if (records)
            records->append(chosen);
        else
            records = std::move(chosen);
    }
};

Gathered gather(const ScannedPage& page) {
    Gathered all;
    for (std::size_t i = 0; i < page.order.size();) {
        const std::size_t slice = page.order[i].slice;
        std::vector<std::uint32_t> rows;
        for (; i < page.order.size() && page.order[i].slice == slice; ++i)
            rows.push_back(static_cast<std::uint32_t>(page.order[i].row));
        all.add(page.slices[slice], page.carriers[slice], rows);
    }
    return all;
}

}  // namespace

Result<ExportWriter> ExportWriter::make(const ExportRequest& request, domain::Role role) {
    TRY_ASSIGN(TimeZone zone, TimeZone::load(request.timeZone));
    formats::RecordShape shape{request.columns, std::nullopt};
    if (request.timeZone != TimeZone::utc().name()) shape.zone = std::move(zone);
    return ExportWriter(request, std::move(shape), exportTable(request, partsShownTo(role)));
}

Bytes ExportWriter::head() const {
    if (format_ == ExportFormat::arrow) return formats::arrowHead(table_);
    if (format_ == ExportFormat::ndjson) return {};
    const columns::Records none(kind_);
    std::string line;
    formats::RecordWriter(none, {{}, {}, {}, {}, &shape_}).appendCsvHeader(line);
    return bytesOf(line);
}

Bytes ExportWriter::page(const ScannedPage& page) const {
    return format_ == ExportFormat::arrow ? arrowPage(page) : textPage(page);
}

Bytes ExportWriter::textPage(const ScannedPage& page) const {
    const PageWriters writers(page, &shape_);
    std::string text;
    for (const auto& [slice, row] : page.order) {
        if (format_ == ExportFormat::csv)
            writers.of(slice).appendCsv(row, text);
        else
            writers.of(slice).appendNdjson(row, text);
    }
    return bytesOf(text);
}

Bytes ExportWriter::arrowPage(const ScannedPage& page) const {
    if (page.order.empty()) return {};
    const Gathered all = gather(page);
    return formats::arrowBatch(table_, {&*all.records, all.sequences, all.storedAt, all.carriers});
}

Bytes ExportWriter::tail() const {
    return format_ == ExportFormat::arrow ? columns::endOfStream() : Bytes();
}

}  // namespace meetpoint::exchange
