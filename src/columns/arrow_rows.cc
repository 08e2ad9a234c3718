// Some rows of a stored batch.
#include "columns/arrow_compress.h"

namespace meetpoint::columns {
namespace {

// Rows that follow each other, in the message and in what is made of it.
struct Run {
    std::size_t first, count;
};

std::vector<Run> runsOf(std::span<const std::uint32_t> rows) {
    std::vector<Run> runs;
    for (const std::uint32_t row : rows) {
        if (!runs.empty() && runs.back().first + runs.back().count == row)
            ++runs.back().count;
        else
            runs.push_back({row, 1});
    }
    return runs;
}

template <class T>
void append(Buffer<T>& out, ByteView bytes) {
    const std::size_t at = out.size();
    out.resize(at + bytes.size() / sizeof(T));
    if (!bytes.empty()) std::memcpy(out.data() + at, bytes.data(), bytes.size());
}

// Reads the wanted rows of one message, column by column.
class RowReader {
public:
    RowReader(const EncodedBatch& encoded, std::span<const std::uint32_t> rows, const ArrowLimits& limits)
        : encoded_(encoded), rows_(rows), runs_(runsOf(rows)), limits_(limits) {}

    Result<Column> read(const EncodedColumn& column) const {
        TRY_ASSIGN(auto validity, readValidity(column));
        if (column.field->type != ColumnType::utf8) {
            TRY_ASSIGN(auto values, readFixed(column));
            return Column::adopt(*column.field, rows_.size(), std::move(values), {}, std::move(validity));
        }
        Buffer<std::int32_t> offsets;
        TRY_ASSIGN(auto text, readText(column, offsets));
        return Column::adopt(*column.field, rows_.size(), std::move(text), std::move(offsets), std::move(validity));
    }

private:
    std::size_t storedRows() const { return static_cast<std::size_t>(encoded_.rows); }

    Result<PartlyReadBuffer> open(ByteView stored, std::size_t limit) const {
        return PartlyReadBuffer::open(stored, encoded_.compression, limit);
    }

    Result<Buffer<std::uint8_t>> readValidity(const EncodedColumn& column) const {
        Buffer<std::uint8_t> out;
        const std::size_t wanted = (storedRows() + 7) / 8;
        TRY_ASSIGN(auto stored, open(column.buffers[0], wanted));
        if (stored.size() == 0 && column.nullCount == 0) return out;
        TRY_ASSIGN(const ByteView bits, stored.bytes(0, wanted));
        out.resize((rows_.size() + 7) / 8);
        std::ranges::fill(out, std::uint8_t{0});
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            const bool isPresent = (bits[rows_[i] >> 3] >> (rows_[i] & 7) & 1) != 0;
            out[i >> 3] |= static_cast<std::uint8_t>(isPresent << (i & 7));
        }
        return out;
    }

    Result<Buffer<std::uint8_t>> readFixed(const EncodedColumn& column) const {
        const std::size_t width = widthOf(column.field->type);
        TRY_ASSIGN(auto stored, open(column.buffers[1], storedRows() * width));
        Buffer<std::uint8_t> out;
        out.reserve(rows_.size() * width);
        for (const Run& run : runs_) {
            TRY_ASSIGN(const ByteView bytes, stored.bytes(run.first * width, (run.first + run.count) * width));
            append(out, bytes);
        }
        return out;
    }

    Result<Buffer<std::uint8_t>> readText(const EncodedColumn& column, Buffer<std::int32_t>& offsets) const {
        constexpr std::size_t width = sizeof(std::int32_t);
        TRY_ASSIGN(auto storedOffsets, open(column.buffers[1], (storedRows() + 1) * width));
        TRY_ASSIGN(auto stored, open(column.buffers[2], limits_.bufferBytes));
        Buffer<std::uint8_t> out;
        offsets.reserve(rows_.size() + 1);
        offsets.push_back(0);
        Buffer<std::int32_t> ends;
        for (const Run& run : runs_) {
            TRY_ASSIGN(const ByteView bytes,
                       storedOffsets.bytes(run.first * width, (run.first + run.count + 1) * width));
            ends.clear();
            append(ends, bytes);
            if (ends[0] < 0 || !std::ranges::is_sorted(ends))
                return fail(corrupt("a text column has offsets that go back"));
            TRY_ASSIGN(const ByteView text,
                       stored.bytes(static_cast<std::size_t>(ends[0]), static_cast<std::size_t>(ends.back())));
            const std::int32_t shift = static_cast<std::int32_t>(out.size()) - ends[0];
            append(out, text);
            for (std::size_t i = 1; i < ends.size(); ++i)
                offsets.push_back(ends[i] + shift);
        }
        return out;
    }

    const EncodedBatch& encoded_;
    std::span<const std::uint32_t> rows_;
    std::vector<Run> runs_;
    const ArrowLimits& limits_;
};

}  // namespace

Result<Batch> decodeRows(const Schema& schema, ByteView message, std::span<const std::uint32_t> rows,
                         const ColumnSet& columns, const ArrowLimits& limits) {
    TRY_ASSIGN(const EncodedBatch encoded, openBatch(schema, message, limits));
    return decodeRows(schema, encoded, rows, columns, limits);
}

Result<Batch> decodeRows(const Schema& schema, const EncodedBatch& encoded, std::span<const std::uint32_t> rows,
                         const ColumnSet& columns, const ArrowLimits& limits) {
    if (!rows.empty() && std::ranges::max(rows) >= static_cast<std::size_t>(encoded.rows))
        return fail(corrupt("an Arrow message has fewer rows than are looked for in it"));
    const RowReader reader(encoded, rows, limits);
    std::vector<Column> out;
    out.reserve(schema.fields.size());
    for (std::size_t i = 0; i < schema.fields.size(); ++i) {
        if (columns.has(i) && i < encoded.columns.size() && encoded.columns[i].hasValues(encoded.rows)) {
            TRY_ASSIGN(Column column, reader.read(encoded.columns[i]));
            out.push_back(std::move(column));
        } else {
            out.emplace_back(schema.fields[i]).padTo(rows.size());
        }
    }
    return Batch::adopt(schema, std::move(out));
}

}  // namespace meetpoint::columns
