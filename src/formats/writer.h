// Writing records of all four lanes as JSON, NDJSON and CSV under their public names (formats/wire.h).
//
// JSON is canonical (RFC 8785): sorted names, no blanks, shortest numbers. So one line of NDJSON, without its newline, is also
// the text that a delivery statement hashes, and a receiver checks a statement by hashing the lines it got.
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

// What a record is given beside its columns. Parts and columns that a caller may not see are left out of the Records before.
struct WriteContext {
    std::string_view carrierId;                  // empty: not written
    std::optional<std::uint64_t> firstSequence;  // row i gets firstSequence + i
    std::span<const std::uint64_t> sequences;    // instead of firstSequence: one a row
    std::span<const Instant> storedAt;           // one a row, or one for all rows; empty: not written
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

    // CSV (RFC 4180, CRLF): a column for every wire name in the table's order, `endpoint.ipAddress` for nested names, `streams`
    // and `extensions` as JSON text. Nothing is altered: a number starts with "+" and spreadsheets must import it as text.
    void appendCsvHeader(std::string& out) const;
    void appendCsv(std::size_t row, std::string& out) const;

private:
    struct Plan;
    struct Entry {
        const WireField* field;
        const columns::Column* column;  // null if made of several
        std::string key;                // ",\"name\":"
    };
    void appendEntry(const Entry& entry, std::size_t row, std::string& out, bool& first) const;

    const columns::Records* records_;
    WriteContext context_;
    std::vector<Entry> json_;            // in the order of JSON
    std::vector<Entry> csv_;             // in the table's order
    std::vector<Entry> stream_;          // nested in `streams`
    std::vector<Entry> endpoint_;
    std::vector<std::uint32_t> firstStream_;  // of each row, and one past the last
};

// One record as canonical JSON, for a few records; many are faster through a RecordWriter.
std::string toJson(const columns::Records& records, std::size_t row, WriteContext context = {});

}  // namespace meetpoint::formats
