// In which rows of a block a number is the own one, and roughly when: a search for the calls of one number then looks
// at those rows alone. A filter says too little for that: a busy number is in every block of its lane.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace meetpoint::columns {

class NumberRows {
public:
    struct Row {
        std::uint64_t hash = 0;  // of the own number (numberHash)
        std::uint32_t row = 0;   // of the block, at most 65,535
        Instant at;
    };

    // `rows` in their order, as stored: 5 bytes a row, and 16. Nothing, if the times lie too far from 1970 to be told
    // apart.
    static Bytes encode(std::vector<Row> rows);
    // Of a block of that many rows. Code "corrupt-data".
    static Result<NumberRows> fromBytes(ByteView bytes, std::size_t blockRows);
    // Of a block that was stored without: it may be any row.
    static NumberRows ofAnyRow() { return {}; }

    // The rows, in order, of that number with a time in [from, to): all of those, and a few others. Nothing, if it may
    // be any.
    std::optional<std::vector<std::uint32_t>> find(std::uint64_t hash, Instant from, Instant to) const;

    // Bytes held, for limits.
    std::size_t byteSize() const {
        return sizeof *this + hashes_.size() * (sizeof(std::uint16_t) * 2 + sizeof(std::uint8_t));
    }

private:
    NumberRows() = default;
    bool isWithin(std::uint8_t step, Instant from, Instant to) const;

    bool isKnown_ = false;
    // Of times it is told in which of 256 steps, of the same length, they are.
    std::int64_t firstMs_ = 0, stepMs_ = 1;
    // Sorted by hash and then by row; what belongs to one row stands at the same place.
    std::vector<std::uint16_t> hashes_;  // their upper 16 bits
    std::vector<std::uint16_t> rows_;
    std::vector<std::uint8_t> steps_;
};

}  // namespace meetpoint::columns
