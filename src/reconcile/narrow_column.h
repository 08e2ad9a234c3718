// A column of numbers nearly all of which fit into 32 bits: four bytes a row, and apart those that do not.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/memory.h"

namespace meetpoint::reconcile {

// An instant that a record does not state.
inline constexpr std::int64_t noTime = INT64_MIN;

class NarrowColumn {
public:
    std::size_t size() const { return values_.size(); }
    void reserve(std::size_t rows) { reserveLarge(values_, rows); }
    void assign(std::size_t rows, std::int64_t value) {
        release();
        reserve(rows);
        values_.resize(rows);
        for (std::size_t row = 0; row < rows; ++row)
            set(row, value);
    }
    void append(std::int64_t value) {
        values_.push_back(narrowed(value));
        if (values_.back() == elsewhere) wide_[static_cast<std::uint32_t>(values_.size() - 1)] = value;
    }
    // Of several threads only one at a time may set values that do not fit.
    void set(std::size_t row, std::int64_t value) {
        const bool wasWide = values_[row] == elsewhere;
        values_[row] = narrowed(value);
        if (values_[row] == elsewhere)
            wide_[static_cast<std::uint32_t>(row)] = value;
        else if (wasWide)
            wide_.erase(static_cast<std::uint32_t>(row));
    }
    std::int64_t operator[](std::size_t row) const {
        const std::int32_t value = values_[row];
        if (value > elsewhere) [[likely]]
            return value;
        return value == unstated ? noTime : wideAt(row);
    }
    bool isStated(std::size_t row) const { return values_[row] != unstated; }
    // Row i becomes what row order[i] was.
    void permute(const std::vector<std::uint32_t>& order) {
        NarrowColumn out;
        out.reserve(order.size());
        out.values_.resize(order.size());
        for (std::size_t i = 0; i < order.size(); ++i)
            out.values_[i] = values_[order[i]];
        if (!wide_.empty())
            for (std::size_t i = 0; i < order.size(); ++i)
                if (out.values_[i] == elsewhere) out.wide_[static_cast<std::uint32_t>(i)] = wide_.at(order[i]);
        *this = std::move(out);
    }
    void release() { *this = NarrowColumn(); }

private:
    static constexpr std::int32_t unstated = INT32_MIN;       // noTime
    static constexpr std::int32_t elsewhere = INT32_MIN + 1;  // in `wide_`

    static std::int32_t narrowed(std::int64_t value) {
        if (value > elsewhere && value <= INT32_MAX) [[likely]]
            return static_cast<std::int32_t>(value);
        return value == noTime ? unstated : elsewhere;
    }
    // Apart, so that the quick way stays small enough to be written out wherever a value is read.
    [[gnu::noinline]] std::int64_t wideAt(std::size_t row) const { return wide_.at(static_cast<std::uint32_t>(row)); }

    std::vector<std::int32_t> values_;
    std::unordered_map<std::uint32_t, std::int64_t> wide_;
};

}  // namespace meetpoint::reconcile
