#include "columns/batch.h"

#include <algorithm>
#include <bit>

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

void Column::growValidity() {
    const std::size_t known = validity_.size();
    validity_.resize((size_ + 7) / 8);
    std::fill(validity_.begin() + static_cast<std::ptrdiff_t>(known), validity_.end(), std::uint8_t{0});
}

void Column::appendNulls(std::size_t count) {
    const std::size_t width = widthOf(type());
    if (width == 0) {
        offsets_.resize(offsets_.size() + count);
        std::fill(offsets_.end() - static_cast<std::ptrdiff_t>(count), offsets_.end(),
                  static_cast<std::int32_t>(values_.size()));
    } else {
        const std::size_t at = values_.size();
        values_.resize(at + count * width);
        std::fill(values_.begin() + static_cast<std::ptrdiff_t>(at), values_.end(), std::uint8_t{0});
    }
    if (validity_.empty()) makeValidity();
    size_ += count;
    nulls_ += count;
    growValidity();
}

void Column::appendRange(const Column& other, std::size_t first, std::size_t count) {
    const std::size_t width = widthOf(type());
    if (width == 0) {
        const auto start = other.offsets_[first];
        const auto shift = static_cast<std::int32_t>(values_.size()) - start;
        appendBytes(values_, other.values_.data() + start,
                    static_cast<std::size_t>(other.offsets_[first + count] - start));
        const std::size_t before = offsets_.size();
        offsets_.resize(before + count);
        for (std::size_t i = 0; i < count; ++i)
            offsets_[before + i] = other.offsets_[first + i + 1] + shift;
    } else {
        appendBytes(values_, other.values_.data() + first * width, count * width);
    }
    appendValidity(other.validity(), first, count);
}

void Column::appendValidity(std::span<const std::uint8_t> bits, std::size_t first, std::size_t count) {
    const std::size_t before = size_;
    if (bits.empty() && validity_.empty()) {
        size_ += count;
        return;
    }
    if (validity_.empty()) makeValidity();
    size_ += count;
    growValidity();
    for (std::size_t done = 0; done < count; done += 8) {
        const std::size_t taken = std::min<std::size_t>(8, count - done);
        const std::size_t from = first + done, to = before + done;
        unsigned eight = 0xff;
        if (!bits.empty()) {
            eight = bits[from >> 3];
            if ((from >> 3) + 1 < bits.size()) eight |= static_cast<unsigned>(bits[(from >> 3) + 1]) << 8;
            eight >>= from & 7;
        }
        eight &= (1u << taken) - 1;
        nulls_ += taken - static_cast<std::size_t>(std::popcount(eight));
        eight <<= to & 7;
        validity_[to >> 3] |= static_cast<std::uint8_t>(eight);
        if (eight >> 8 != 0) validity_[(to >> 3) + 1] |= static_cast<std::uint8_t>(eight >> 8);
    }
}

namespace {

template <std::size_t width>
void copyRows(std::uint8_t* to, const std::uint8_t* from, std::span<const std::uint32_t> rows) {
    for (const std::uint32_t row : rows) {
        std::memcpy(to, from + row * width, width);
        to += width;
    }
}

void copyRows(std::uint8_t* to, const std::uint8_t* from, std::span<const std::uint32_t> rows, std::size_t width) {
    switch (width) {
        case 1:
            return copyRows<1>(to, from, rows);
        case 4:
            return copyRows<4>(to, from, rows);
        case 8:
            return copyRows<8>(to, from, rows);
        default:
            return copyRows<16>(to, from, rows);
    }
}

}  // namespace

void Column::appendRows(const Column& other, std::span<const std::uint32_t> rows) {
    const std::size_t width = widthOf(type());
    const std::size_t before = values_.size();
    if (width != 0) {
        values_.resize(before + rows.size() * width);
        copyRows(values_.data() + before, other.values_.data(), rows, width);
    } else {
        const std::size_t known = offsets_.size();
        offsets_.resize(known + rows.size());
        std::size_t end = before;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            end += static_cast<std::size_t>(other.offsets_[rows[i] + 1] - other.offsets_[rows[i]]);
            offsets_[known + i] = static_cast<std::int32_t>(end);
        }
        values_.resize(end);
        std::uint8_t* to = values_.data() + before;
        for (const std::uint32_t row : rows) {
            const std::string_view text = other.text(row);
            to = std::ranges::copy(text, to).out;
        }
    }
    if (other.validity_.empty()) return appendValidity({}, 0, rows.size());
    Bytes bits((rows.size() + 7) / 8, 0);
    for (std::size_t i = 0; i < rows.size(); ++i)
        bits[i >> 3] |= static_cast<std::uint8_t>(!other.isNull(rows[i]) << (i & 7));
    appendValidity(bits, 0, rows.size());
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
    // Bits past the last row are zero.
    if (!column.validity_.empty()) {
        column.nulls_ = rows;
        for (const std::uint8_t bits : column.validity_)
            column.nulls_ -= static_cast<std::size_t>(std::popcount(bits));
    }
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

void Batch::complete() {
    for (Column& column : columns_)
        column.padTo(rows());
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
    for (std::size_t i = 0; i < columns_.size(); ++i)
        out.columns_[i].appendRows(columns_[i], rows);
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
