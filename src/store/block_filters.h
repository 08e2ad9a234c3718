// The table block_filters, kept in memory as far as it was read: which blocks cannot hold a value, and in which rows an
// own number can be.
#pragma once

#include "columns/key_filter.h"
#include "columns/number_rows.h"
#include "store/kept_by_place.h"

namespace meetpoint::store {

struct BlockFilterLimits {
    std::size_t cachedBytes = 128u << 20;       // of filters
    std::size_t cachedNumberBytes = 64u << 20;  // of rows of own numbers
    std::size_t blocksPerQuery = 64;            // read at once
};

// Enters blocks that are stored in the same transaction. The filters lie beside the directory, so that this is walked
// through, and the superseded rows in it are marked, without them.
Result<void> enterFilters(Tx& tx, LaneId lane, const std::vector<PlacedBlock>& blocks);

// A block in which something may be, and in which of its rows; nothing: in any.
struct BlockRows {
    BlockPlace block;
    std::optional<std::vector<std::uint32_t>> rows;
};

// Safe to use from several threads; each call runs inside the caller's transaction. Blocks are given in order of
// sequence; places that hold no block are left out.
class BlockFilters {
public:
    explicit BlockFilters(BlockFilterLimits limits = {})
        : limits_(limits), filters_(limits.cachedBytes), numbers_(limits.cachedNumberBytes) {}

    // Those of `blocks` that may hold every one of these hashes (columns::numberHash, signallingIdHash).
    Result<std::vector<BlockPlace>> thatMayHold(Tx& tx, LaneId lane, std::span<const BlockPlace> blocks,
                                                std::span<const std::uint64_t> hashes);
    // Those of `blocks` that may hold records of the own number with this hash and a time in [from, to).
    Result<std::vector<BlockRows>> rowsOfNumber(Tx& tx, LaneId lane, std::span<const BlockPlace> blocks,
                                                std::uint64_t numberHash, Instant from, Instant to);

private:
    using Filters = KeptByPlace<columns::KeyFilter>;
    using Numbers = KeptByPlace<columns::NumberRows>;

    // Reads consecutive blocks and keeps what was read; null where a place holds no block.
    Result<std::vector<Filters::Shared>> read(Tx& tx, LaneId lane, std::span<const BlockPlace> blocks, Filters& kept);
    Result<std::vector<Numbers::Shared>> read(Tx& tx, LaneId lane, std::span<const BlockPlace> blocks, Numbers& kept);
    // Calls `use` with each block and what is kept or read of it.
    template <class Kept, class Use>
    Result<void> forEach(Tx& tx, LaneId lane, std::span<const BlockPlace> blocks, Kept& kept, Use use);

    BlockFilterLimits limits_;
    Filters filters_;
    Numbers numbers_;
};

}  // namespace meetpoint::store
