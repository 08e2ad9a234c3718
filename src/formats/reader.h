// Reading records from bytes that come in pieces: an HTTP body or a file of any size. Memory is flat as long as the
// caller takes what is ready. One bad record never spoils another; it becomes a RecordFault that names its line and
// field.
//
// Codes of faults: unknown-field duplicate-field missing-field wrong-type bad-number bad-id bad-time time-without-zone
// time-out-of-range ends-before-start answer-outside-call duration-too-long negative-duration duration-disagrees
// bad-value bad-quality-figure too-many-extensions text-too-long bad-json bad-csv line-too-long bad-utf8.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "columns/records.h"
#include "domain/declared_durations.h"
#include "formats/column_map.h"
#include "formats/limits.h"

namespace meetpoint::formats {

enum class Format : std::uint8_t {
    ndjson,       // one JSON object a line
    jsonArray,    // a JSON array of objects, or a single object; read element by element
    csv,          // RFC 4180 with a header of wire names; `endpoint.ipAddress` for nested names, lists as JSON text
    asteriskCsv,  // Asterisk's cdr_csv: 16 to 18 columns without a header
    mappedCsv,    // any CSV, by ReadOptions::columnMap
};
std::string_view name(Format format);  // "ndjson", "json", "csv", "asterisk", "mapped"
std::optional<Format> formatNamed(std::string_view name);

struct ReadOptions {
    Instant now;                          // times more than Limits::future after it are refused
    bool lenient = false;                 // unknown fields are ignored and counted instead of refused
    std::string defaultRegion;            // ISO 3166-1 alpha-2, for national numbers in asteriskCsv and mappedCsv
    TimeZone timeZone = TimeZone::utc();  // of local times in asteriskCsv, and in mappedCsv if its map names none
    // asteriskCsv does not say which way a call went.
    domain::Direction defaultDirection = domain::Direction::outbound;
    // Calls: the own number may be a text of up to Limits::ownNumberText. Durations and asteriskCsv always allow it.
    bool textOwnNumbers = false;
    std::string sourceName = "file";             // goes into ids that are derived, so that two sources never share one
    std::shared_ptr<const ColumnMap> columnMap;  // for mappedCsv
    // What the sender says of all durations. Its unit decides, not the name of the field that holds a figure.
    domain::DeclaredDurations declared;
    Limits limits;
    std::size_t batchRows = 4000;  // a batch is cut here
};

struct RowOrigin {
    std::uint64_t index = 0;  // 0-based position among all records of the input, good and bad
    std::uint64_t line = 0;   // 1-based line on which the record starts
};

struct RecordFault {
    std::uint64_t index = 0;
    std::uint64_t line = 0;
    std::string pointer;  // RFC 6901 into the record, e.g. "/calleeNumber", "/streams/0/mos"; empty: the record itself
    std::string code;
    std::string message;
    std::string key;          // the record's callId or recordId, as far as it could be read
    std::vector<Fault> more;  // further faults of the same record, at most 7
};

// Records in the order of the input. Row i of `records` has origin i; a faulted record has an entry in `faults` and no
// row.
struct ReadBatch {
    columns::Records records;
    std::vector<RowOrigin> origins;
    std::vector<RecordFault> faults;
    bool empty() const { return origins.empty() && faults.empty(); }
};

struct ReadCounts {
    std::uint64_t records = 0;  // good and bad
    std::uint64_t faulted = 0;
    std::uint64_t filtered = 0;       // rows that a column map's filter left out; not in `records`
    std::uint64_t ignoredFields = 0;  // unknown fields, when lenient
    std::uint64_t bytes = 0;
    std::uint64_t lines = 0;  // lines begun
};

class RecordReader {
public:
    virtual ~RecordReader() = default;
    // Takes the next bytes, of any length, cut anywhere. An error means that nothing after this point can be understood
    // (a header that lacks a required column: "bad-csv-header"); what is ready can still be taken.
    virtual Result<void> feed(ByteView piece) = 0;
    // Says that the input ends here; a last line without its newline is read now. Once.
    virtual Result<void> finish() = 0;
    // Records and faults that can be taken.
    virtual std::size_t ready() const = 0;
    // The next records, at most `maxRows` good ones with the faults between them; empty if none is ready.
    virtual ReadBatch take(std::size_t maxRows) = 0;
    virtual const ReadCounts& counts() const = 0;
};

// `lane` is calls or durations. Code "not-readable" for another lane, "missing-column-map" for mappedCsv without a map.
Result<std::unique_ptr<RecordReader>> makeReader(columns::LaneKind lane, Format format, ReadOptions options);

}  // namespace meetpoint::formats
