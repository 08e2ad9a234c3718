#include "columns/batch.h"

namespace meetpoint::columns {

namespace {

// vector::insert copies element by element under this allocator; this is one memcpy.
template <class T>
void appendBytes(Buffer<T>& to, const T* from, std::size_t count) {
    if (count == 0) return;
    const std::size_t at = to.size();
    to.resize(at + count);
    std::memcpy(to.data() + at, from, count * sizeof(T));
}

}  // namespace

void Column::reserve(std::size_t rows) {
    const std::size_t width = widthOf(type());
    values_.reserve(rows * (width == 0 ? 16 : width));
    if (width == 0) offsets_.reserve(rows + 1);
}

void Column::makeValidity() {
    validity_.assign((size_ + 7) / 8, 0xff);
    // Bits past the last row stay zero, so that equal columns have equal bytes.
    if (size_ & 7) validity_.back() = static_cast<std::uint8_t>((1u << (size_ & 7)) - 1);
}

void Column::finishRow(bool present) {
    if (!present && validity_.empty()) makeValidity();
    const bool keepsValidity = !present || nulls_ > 0 || !validity_.empty();
    if (keepsValidity) {
        if (size_ % 8 == 0) validity_.push_back(0);
        if (present) validity_[size_ >> 3] |= static_cast<std::uint8_t>(1u << (size_ & 7));
    }
    nulls_ += !present;
    ++size_;
}

void Column::appendText(std::string_view text) {
    const std::size_t at = values_.size();
    values_.resize(at + text.size());
    std::memcpy(values_.data() + at, text.data(), text.size());
    offsets_.push_back(static_cast<std::int32_t>(values_.size()));
    finishRow(true);
}

void Column::appendNull() {
    const std::size_t width = widthOf(type());
    if (width == 0)
        offsets_.push_back(static_cast<std::int32_t>(values_.size()));
    else
        values_.insert(values_.end(), width, 0);
    finishRow(false);
}

void Column::appendFrom(const Column& other, std::size_t row) {
    appendRange(other, row, 1);
}

void Column::appendRange(const Column& other, std::size_t first, std::size_t count) {
    const std::size_t width = widthOf(type());
    if (width == 0) {
        const auto start = other.offsets_[first];
        const auto shift = static_cast<std::int32_t>(values_.size()) - start;
        appendBytes(values_, other.values_.data() + start,
                    static_cast<std::size_t>(other.offsets_[first + count] - start));
        for (std::size_t i = first; i < first + count; ++i)
            offsets_.push_back(other.offsets_[i + 1] + shift);
    } else {
        appendBytes(values_, other.values_.data() + first * width, count * width);
    }
    if (other.nulls_ == 0 && validity_.empty()) {
        size_ += count;
        return;
    }
    for (std::size_t i = first; i < first + count; ++i)
        finishRow(!other.isNull(i));
}

void Column::setNull(std::size_t row) {
    if (isNull(row)) return;
    if (validity_.empty()) makeValidity();
    validity_[row >> 3] &= static_cast<std::uint8_t>(~(1u << (row & 7)));
    const std::size_t width = widthOf(type());
    std::memset(values_.data() + row * width, 0, width);
    ++nulls_;
}

ByteView Column::valueBytes(std::size_t row) const {
    if (isNull(row)) return {};
    const std::size_t width = widthOf(type());
    if (width == 0) return viewOf(text(row));
    return {values_.data() + row * width, width};
}

Column Column::adopt(const Field& field, std::size_t rows, Buffer<std::uint8_t> values, Buffer<std::int32_t> offsets,
                     Buffer<std::uint8_t> validity) {
    Column column(field);
    column.size_ = rows;
    column.values_ = std::move(values);
    if (field.type == ColumnType::utf8) column.offsets_ = std::move(offsets);
    column.validity_ = std::move(validity);
    if (!column.validity_.empty())
        for (std::size_t i = 0; i < rows; ++i)
            column.nulls_ += column.isNull(i);
    return column;
}

Batch::Batch(const Schema& schema) : schema_(&schema) {
    columns_.reserve(schema.fields.size());
    for (const Field& field : schema.fields)
        columns_.emplace_back(field);
}

void Batch::reserve(std::size_t rows) {
    for (Column& column : columns_)
        column.reserve(rows);
}

void Batch::appendRow(const Batch& other, std::size_t row) {
    appendRange(other, row, 1);
}

void Batch::appendRange(const Batch& other, std::size_t first, std::size_t count) {
    for (std::size_t i = 0; i < columns_.size(); ++i)
        columns_[i].appendRange(other.columns_[i], first, count);
}

Batch Batch::slice(std::size_t first, std::size_t count) const {
    Batch out(*schema_);
    out.appendRange(*this, first, count);
    return out;
}

Batch Batch::gather(std::span<const std::uint32_t> rows) const {
    Batch out(*schema_);
    out.reserve(rows.size());
    // Runs of neighbouring rows are copied together.
    for (std::size_t i = 0; i < rows.size();) {
        std::size_t run = 1;
        while (i + run < rows.size() && rows[i + run] == rows[i] + run)
            ++run;
        out.appendRange(*this, rows[i], run);
        i += run;
    }
    return out;
}

std::size_t Batch::byteSize() const {
    std::size_t total = 0;
    for (const Column& column : columns_)
        total += column.values().size() + column.offsets().size_bytes() + column.validity().size();
    return total;
}

Batch Batch::adopt(const Schema& schema, std::vector<Column> columns) {
    Batch batch(schema);
    batch.columns_ = std::move(columns);
    return batch;
}

}  // namespace meetpoint::columns
