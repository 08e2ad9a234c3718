// The filters of blocks, kept in memory: which blocks cannot hold a value. The records of a place never change, so a
// filter that was read once holds for ever.
#pragma once

#include <list>
#include <mutex>
#include <unordered_map>

#include "columns/key_filter.h"
#include "store/block_calendar.h"

namespace meetpoint::store {

struct BlockFilterLimits {
    std::size_t cachedBytes = 128u << 20;
    std::size_t blocksPerQuery = 64;  // filters read at once
};

// Safe to use from several threads; each call runs inside the caller's transaction.
class BlockFilters {
public:
    explicit BlockFilters(BlockFilterLimits limits = {}) : limits_(limits) {}

    // Those of `blocks`, which are in order of sequence, that may hold every one of these hashes
    // (columns::numberHash, signallingIdHash). Places that hold no block are left out.
    Result<std::vector<BlockPlace>> thatMayHold(Tx& tx, LaneId lane, std::span<const BlockPlace> blocks,
                                                std::span<const std::uint64_t> hashes);

private:
    struct Key {
        LaneId lane;
        BlockPlace block;
        bool operator==(const Key&) const = default;
    };
    struct KeyHash {
        std::size_t operator()(const Key& key) const noexcept;
    };
    using Filter = std::shared_ptr<const columns::KeyFilter>;
    struct Kept {
        Filter filter;
        std::list<Key>::iterator use;
    };

    Filter known(const Key& key);
    void keep(const Key& key, const Filter& filter);
    // Filters of consecutive blocks; null where a place holds no block.
    Result<std::vector<Filter>> read(Tx& tx, LaneId lane, std::span<const BlockPlace> blocks);

    BlockFilterLimits limits_;
    std::mutex mutex_;
    std::list<Key> uses_;  // latest first
    std::unordered_map<Key, Kept, KeyHash> kept_;
    std::size_t keptBytes_ = 0;
};

}  // namespace meetpoint::store
