// Typed column batches: what moves between readers, store, reconciliation and feeds. A Batch owns its columns; all of
// them have the same number of rows. No I/O.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/id.h"
#include "base/time.h"
#include "columns/schema.h"

namespace meetpoint::columns {

// Leaves new elements uninitialised: a column grows by whole buffers that are then written.
template <class T>
struct UninitialisedAllocator : std::allocator<T> {
    template <class U>
    struct rebind {
        using other = UninitialisedAllocator<U>;
    };
    template <class U, class... A>
    void construct(U* p, A&&... a) {
        if constexpr (sizeof...(A) == 0)
            ::new (static_cast<void*>(p)) U;
        else
            ::new (static_cast<void*>(p)) U(std::forward<A>(a)...);
    }
};
template <class T>
using Buffer = std::vector<T, UninitialisedAllocator<T>>;

// One column. Appending a value of another type than the column's is a defect of the caller, not of the data.
class Column {
public:
    explicit Column(const Field& field) : field_(&field) {
        if (field.type == ColumnType::utf8) offsets_.push_back(0);
    }

    const Field& field() const { return *field_; }
    ColumnType type() const { return field_->type; }
    std::size_t size() const { return size_; }
    void reserve(std::size_t rows);

    template <class T>
    void append(T value) {
        const std::size_t at = values_.size();
        values_.resize(at + sizeof(T));
        std::memcpy(values_.data() + at, &value, sizeof(T));
        finishRow(true);
    }
    // Appends absent values until there are `rows`; does nothing if there are as many already.
    void padTo(std::size_t rows) {
        if (size_ < rows) appendNulls(rows - size_);
    }
    void append(Instant at) { append<std::int64_t>(at.ms); }
    void append(const Id& id) { append<std::array<std::uint8_t, 16>>(id.bytes); }
    void appendText(std::string_view text) {
        const std::size_t at = values_.size();
        values_.resize(at + text.size());
        if (!text.empty()) std::memcpy(values_.data() + at, text.data(), text.size());
        offsets_.push_back(static_cast<std::int32_t>(values_.size()));
        finishRow(true);
    }
    void appendNull() { appendNulls(1); }
    void appendNulls(std::size_t count);
    // Copies row `row` of a column of the same type.
    void appendFrom(const Column& other, std::size_t row) { appendRange(other, row, 1); }
    // Copies rows [first, first + count) of a column of the same type.
    void appendRange(const Column& other, std::size_t first, std::size_t count);
    // Copies the named rows of a column of the same type, in that order.
    void appendRows(const Column& other, std::span<const std::uint32_t> rows);
    // Replaces a value of fixed width; the row becomes present.
    template <class T>
    void set(std::size_t row, T value) {
        std::memcpy(values_.data() + row * sizeof(T), &value, sizeof(T));
        if (!isNull(row)) return;
        validity_[row >> 3] |= static_cast<std::uint8_t>(1u << (row & 7));
        --nulls_;
    }
    // Makes a value of fixed width absent.
    void setNull(std::size_t row);

    bool isNull(std::size_t row) const { return !validity_.empty() && (validity_[row >> 3] >> (row & 7) & 1) == 0; }
    std::size_t nullCount() const { return nulls_; }
    template <class T>
    std::span<const T> as() const {
        return {reinterpret_cast<const T*>(values_.data()), values_.size() / sizeof(T)};
    }
    template <class T>
    T at(std::size_t row) const {
        T value;
        std::memcpy(&value, values_.data() + row * sizeof(T), sizeof(T));
        return value;
    }
    Instant instant(std::size_t row) const { return {at<std::int64_t>(row)}; }
    Id id(std::size_t row) const { return idFromBytes({values_.data() + row * 16, 16}); }
    std::string_view text(std::size_t row) const {
        return {reinterpret_cast<const char*>(values_.data()) + offsets_[row],
                static_cast<std::size_t>(offsets_[row + 1] - offsets_[row])};
    }
    // The bytes of one value, for hashing and comparing; empty for null.
    ByteView valueBytes(std::size_t row) const;

    // The raw buffers, in Arrow's layout. Null slots hold zeros (or an empty string).
    ByteView values() const { return {values_.data(), values_.size()}; }
    std::span<const std::int32_t> offsets() const { return {offsets_.data(), offsets_.size()}; }
    ByteView validity() const { return {validity_.data(), validity_.size()}; }  // empty: every row is present

    // A column made of decoded buffers, whose sizes and offsets the codec has checked. `validity` may be empty.
    static Column adopt(const Field& field, std::size_t rows, Buffer<std::uint8_t> values, Buffer<std::int32_t> offsets,
                        Buffer<std::uint8_t> validity);

private:
    void finishRow(bool present) {
        if (!present && validity_.empty()) makeValidity();
        if (!validity_.empty() || !present) {
            if (size_ % 8 == 0) validity_.push_back(0);
            if (present) validity_[size_ >> 3] |= static_cast<std::uint8_t>(1u << (size_ & 7));
        }
        nulls_ += !present;
        ++size_;
    }
    void makeValidity();
    // Makes room for the bits of new rows, all absent so far.
    void growValidity();
    // Says of the next `count` rows which are present: those of `bits` from bit `first` on; all where `bits` is empty.
    void appendValidity(std::span<const std::uint8_t> bits, std::size_t first, std::size_t count);

    const Field* field_;
    std::size_t size_ = 0;
    std::size_t nulls_ = 0;
    Buffer<std::uint8_t> values_;
    Buffer<std::int32_t> offsets_;
    Buffer<std::uint8_t> validity_;
};

// A whole number of rows under one schema. Schemas are constants that outlive every batch.
class Batch {
public:
    explicit Batch(const Schema& schema);

    const Schema& schema() const { return *schema_; }
    std::size_t rows() const { return columns_.empty() ? 0 : columns_.front().size(); }
    std::size_t columnCount() const { return columns_.size(); }
    // By position: the enumerations in records.h name the positions.
    template <class Index>
    Column& operator[](Index index) {
        return columns_[static_cast<std::size_t>(index)];
    }
    template <class Index>
    const Column& operator[](Index index) const {
        return columns_[static_cast<std::size_t>(index)];
    }
    void reserve(std::size_t rows);
    // Fills up columns that have fewer rows than the first, for writers that append only what is present.
    void complete();
    void appendRow(const Batch& other, std::size_t row) { appendRange(other, row, 1); }
    void appendRange(const Batch& other, std::size_t first, std::size_t count);
    Batch slice(std::size_t first, std::size_t count) const;
    // The named rows, in that order.
    Batch gather(std::span<const std::uint32_t> rows) const;
    // Bytes held, for limits.
    std::size_t byteSize() const;

    static Batch adopt(const Schema& schema, std::vector<Column> columns);

private:
    const Schema* schema_;
    std::vector<Column> columns_;
};

}  // namespace meetpoint::columns
