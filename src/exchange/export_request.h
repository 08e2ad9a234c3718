// What somebody wants written out: which records, in what form, which columns.
#pragma once

#include <boost/json/object.hpp>

#include "exchange/call_search.h"
#include "formats/arrow_writer.h"
#include "formats/decompress.h"

namespace meetpoint::exchange {

enum class ExportFormat : std::uint8_t { csv, ndjson, arrow };
std::string_view name(ExportFormat format);

struct ExportRequest {
    columns::LaneKind kind = columns::LaneKind::calls;  // or durations
    CallSearch search;  // its limit and cursor are not used; of durations, all that it may say besides its range is the
                        // tenant
    ExportFormat format = ExportFormat::csv;
    formats::Compression compression = formats::Compression::none;
    std::vector<std::string> columns;  // by their public names; empty: all that the reader may be shown
    std::string timeZone = "UTC";      // of times in CSV and NDJSON: IANA, or an offset
};

// What is searched for, under the API's names.
boost::json::object filterOf(const CallSearch& search);
// As it is kept with the export, and back. Code "corrupt-data".
std::string textOf(const ExportRequest& request);
Result<ExportRequest> readExportRequest(const std::string& text);

// The search of a durations export. Code "invalid-body" with a fault for each condition that durations do not have.
Result<DurationList> durationsOf(const CallSearch& search);

// The columns that are to be written: those that were asked for, or all that the role is ever shown. What it is not
// shown is unknown to it. Code "invalid-body" with a fault, "unknown-column" or "duplicate-column", for each that is
// wrong.
Result<std::vector<std::string>> exportColumns(const ExportRequest& request, domain::Role role);

// The Arrow table of such a request for a reader who is shown these parts.
formats::ArrowShape exportTable(const ExportRequest& request, const store::PartSet& parts);

}  // namespace meetpoint::exchange
