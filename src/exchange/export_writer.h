// An export's records as bytes of its format, page by page.
#pragma once

#include "exchange/export_request.h"
#include "formats/arrow_writer.h"
#include "formats/writer.h"

namespace meetpoint::exchange {

class ExportWriter {
public:
    // `request` has all its columns named (exportColumns). Code "unknown-time-zone".
    static Result<ExportWriter> make(const ExportRequest& request, domain::Role role);

    // What stands before the first record: the header, the schema.
    Bytes head() const;
    // A page's records in their order.
    Bytes page(const ScannedPage& page) const;
    // What stands behind the last.
    Bytes tail() const;

private:
    ExportWriter(const ExportRequest& request, formats::RecordShape shape, formats::ArrowShape table)
        : kind_(request.kind), format_(request.format), shape_(std::move(shape)), table_(std::move(table)) {}
    Bytes textPage(const ScannedPage& page) const;
    Bytes arrowPage(const ScannedPage& page) const;

    columns::LaneKind kind_;
    ExportFormat format_;
    formats::RecordShape shape_;
    formats::ArrowShape table_;
};

}  // namespace meetpoint::exchange
