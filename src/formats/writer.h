// Writing records of all four lanes as JSON, NDJSON and CSV under their public names (formats/wire.h).
//
// JSON is canonical (RFC 8785): sorted names, no blanks, shortest numbers. So one line of NDJSON, without its newline,
// is also the text that a delivery statement hashes, and a receiver checks a statement by hashing the lines it got.
// Absent values are left out; only the far-end number of a call or duration is written as null.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "columns/records.h"
#include "formats/wire.h"

namespace meetpoint::formats {

// How records are written, where it is not as ever.
struct RecordShape {
    std::vector<std::string> columns;  // only these, in CSV in this order: names as in its header; empty: all
    std::optional<TimeZone> zone;      // of times, which then carry its offset; none: UTC
};

// What a record is given beside its columns. Parts and columns that a caller may not see are left out of the Records
// before.
struct WriteContext {
    std::string_view carrierId;                  // empty: not written
    std::optional<std::uint64_t> firstSequence;  // row i gets firstSequence + i
    std::span<const std::uint64_t> sequences;    // instead of firstSequence: one a row
    std::span<const Instant> storedAt;           // one a row, or one for all rows; empty: not written
    const RecordShape* shape = nullptr;          // none: every column, times in UTC
};

// Writes rows of one Records, which must outlive it and not change meanwhile; so must what the context points to.
class RecordWriter {
public:
    explicit RecordWriter(const columns::Records& records, WriteContext context = {});

    // The record as one JSON object, appended to `out`.
    void appendJson(std::size_t row, std::string& out) const;
    // The same followed by a newline.
    void appendNdjson(std::size_t row, std::string& out) const;
    // All rows as NDJSON.
    void appendNdjson(std::string& out) const;

    // CSV (RFC 4180, CRLF): a column for every wire name in the table's order, `endpoint.ipAddress` for nested names,
    // `streams` and `extensions` as JSON text. Nothing is altered: a number starts with "+" and spreadsheets must
    // import it as text.
    void appendCsvHeader(std::string& out) const;
    void appendCsv(std::size_t row, std::string& out) const;

private:
    // Which of the numbers that are made of several columns.
    enum class Number : std::uint8_t { own, caller, callee };
    struct Entry {
        const WireField* field;
        const columns::Column* column;  // null if made of several
        std::string key;                // ,"name": as JSON has it
        std::string header;             // as CSV has it
        bool isNested = false;
        Number number = Number::own;            // of phone numbers
        std::vector<std::string_view> words{};  // of a closed set
    };
    std::vector<Entry> entriesOf(std::span<const WireField> fields, std::string_view within = {}) const;
    void choose(const std::vector<std::string>& columns);
    const TimeZone* zone() const { return context_.shape && context_.shape->zone ? &*context_.shape->zone : nullptr; }
    // One value of a column; the row is present.
    void appendScalar(const Entry& entry, std::size_t row, bool json, std::string& out) const;
    bool appendValue(const Entry& entry, std::size_t row, bool json, std::string& out) const;
    bool appendComposed(const Entry& entry, std::size_t row, bool json, std::string& out) const;
    bool appendNumbers(const Entry& entry, std::size_t row, bool json, std::string& out) const;
    bool appendStreams(std::size_t row, std::string& out) const;
    bool appendEndpoint(std::size_t row, std::string& out) const;
    void appendCsvCell(const Entry& entry, std::size_t row, std::string& scratch, std::string& out) const;
    std::size_t endpointRow(const Entry& entry, std::size_t row) const;
    bool appendOwnSide(std::size_t row, bool stated, bool json, std::string& out) const;
    bool appendFarEnd(std::size_t row, bool json, std::string& out) const;

    // The columns that numbers are made of; null where the part is absent or the lane has none.
    struct NumberColumns {
        const columns::Column *direction = nullptr, *own = nullptr, *ownText = nullptr, *prefix = nullptr,
                              *masked = nullptr, *farEnd = nullptr, *farEndText = nullptr, *stated = nullptr,
                              *extensions = nullptr;
    };

    const columns::Records* records_;
    WriteContext context_;
    NumberColumns numbers_;
    std::vector<Entry> json_;                 // in the order of canonical JSON
    std::vector<Entry> csv_;                  // in the table's order, nested names flattened
    std::vector<Entry> stream_, endpoint_;    // what is nested, in the order of canonical JSON
    std::vector<std::uint32_t> firstStream_;  // network row of each record's first stream, and one past the last
};

// One record as canonical JSON, for a few records; many are faster through a RecordWriter.
std::string toJson(const columns::Records& records, std::size_t row, WriteContext context = {});

}  // namespace meetpoint::formats
