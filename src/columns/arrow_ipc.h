// Column batches as Apache Arrow IPC: a part is stored as one encapsulated RecordBatch message whose buffers are
// compressed one by one, so that a reader takes the columns it wants and a feed passes compressed buffers on as they
// lie. Any Arrow reader opens schema message + batches + end of stream. Bytes that are damaged or hostile are refused,
// never followed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "columns/batch.h"

namespace meetpoint::columns {

enum class Compression : std::uint8_t { none, lz4, zstd };

// A bitmap of columns by position, for reading less than everything.
struct ColumnSet {
    std::vector<bool> wanted;  // empty: all
    std::vector<bool>
        presence{};  // of these, which values are present is enough: they read as 0 (decodeColumns() only)
    bool has(std::size_t column) const { return wanted.empty() || (column < wanted.size() && wanted[column]); }
    bool isEmpty() const {
        const auto any = [](const std::vector<bool>& set) {
            return std::find(set.begin(), set.end(), true) != set.end();
        };
        return !wanted.empty() && !any(wanted) && !any(presence);
    }
    bool hasPresence(std::size_t column) const { return column < presence.size() && presence[column]; }
};

// Limits on what is believed of a message before anything is allocated for it.
struct ArrowLimits {
    std::size_t rows = 1'000'000;          // rows of one batch
    std::size_t bufferBytes = 256u << 20;  // one buffer, decompressed
};

// The RecordBatch message of a batch: continuation marker, metadata, body; a multiple of 8 bytes. zstd at level 1.
// Columns at the end of which no value is present are left out, as if they had been added later: programs that do not
// know them read the rest.
Bytes encodeBatch(const Batch& batch, Compression compression);

// Reads a message that encodeBatch wrote for `schema`, or for an earlier number of it: columns that were added since
// are absent in every row. Columns that are not wanted come back empty of rows' values: all absent. Code
// "corrupt-data".
Result<Batch> decodeBatch(const Schema& schema, ByteView message, const ColumnSet& columns = {},
                          const ArrowLimits& limits = {});

// The same for readers of a few columns: those that are not wanted are not made at all and have no rows.
struct ColumnsOfBatch {
    std::size_t rows = 0;
    Batch batch;
};
Result<ColumnsOfBatch> decodeColumns(const Schema& schema, ByteView message, const ColumnSet& columns,
                                     const ArrowLimits& limits = {});

// The named rows alone, in that order, as decodeBatch() and Batch::gather() would give them; of the buffers only the
// frames in which they lie are decompressed. Rows are quickest in ascending order. Code "corrupt-data", also where the
// message has no such row.
Result<Batch> decodeRows(const Schema& schema, ByteView message, std::span<const std::uint32_t> rows,
                         const ColumnSet& columns = {}, const ArrowLimits& limits = {});

// One buffer as it lies in a message: 8 bytes of uncompressed length, then the bytes; or raw where nothing is
// compressed.
struct EncodedColumn {
    const Field* field = nullptr;
    std::int64_t nullCount = 0;
    std::vector<ByteView> buffers;  // validity, (offsets,) values
    // Most columns have no value in most blocks: nothing of theirs needs looking at.
    bool hasValues(std::int64_t rows) const { return nullCount < rows; }
};
struct EncodedBatch {
    std::int64_t rows = 0;
    Compression compression = Compression::none;
    std::vector<EncodedColumn> columns;
    std::vector<Bytes> owned;  // buffers that were made here rather than found in a message
};
// The compressed columns of a message, without decompressing them; the message's bytes must outlive the result.
Result<EncodedBatch> openBatch(const Schema& schema, ByteView message, const ArrowLimits& limits = {});
// decodeColumns() and decodeRows() of an opened message, for readers who look at it more than once.
Result<ColumnsOfBatch> decodeColumns(const Schema& schema, const EncodedBatch& encoded, const ColumnSet& columns,
                                     const ArrowLimits& limits = {});
Result<Batch> decodeRows(const Schema& schema, const EncodedBatch& encoded, std::span<const std::uint32_t> rows,
                         const ColumnSet& columns = {}, const ArrowLimits& limits = {});

// Compresses one column as a buffer set for `assembleBatch`; its bytes are kept in `batch.owned`.
void addColumn(EncodedBatch& batch, const Column& column);
Bytes assembleBatch(const EncodedBatch& batch);

// The stream around batches (Arrow IPC streaming format): the schema message first, the end-of-stream marker last.
// `metadata` are pairs for the schema's custom metadata; "schema" and "schemaNumber" are added.
Bytes encodeSchema(std::string_view name, int number, std::span<const Field* const> fields,
                   const std::vector<std::pair<std::string, std::string>>& metadata = {});
Bytes endOfStream();

}  // namespace meetpoint::columns
