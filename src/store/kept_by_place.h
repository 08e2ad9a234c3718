// What was read of blocks, kept in memory by their places up to a number of bytes; what was not asked for the longest
// goes first. The records of a place never change, so what follows from them holds for ever.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "store/block_calendar.h"

namespace meetpoint::store {

// Safe to use from several threads.
template <class Value>
class KeptByPlace {
public:
    using Shared = std::shared_ptr<const Value>;

    explicit KeptByPlace(std::size_t bytes) : mostBytes_(bytes) {}

    // Null where it is not kept.
    Shared find(LaneId lane, const BlockPlace& block) {
        const std::lock_guard lock(mutex_);
        const auto found = kept_.find({lane, block});
        if (found == kept_.end()) return nullptr;
        uses_.splice(uses_.begin(), uses_, found->second.use);
        return found->second.value;
    }

    void keep(LaneId lane, const BlockPlace& block, Shared value, std::size_t bytes) {
        const std::lock_guard lock(mutex_);
        const auto [at, isNew] = kept_.try_emplace({lane, block});
        if (!isNew) return;
        uses_.push_front(at->first);
        at->second = {std::move(value), bytes, uses_.begin()};
        bytes_ += bytes;
        while (bytes_ > mostBytes_ && kept_.size() > 1) {
            const auto oldest = kept_.find(uses_.back());
            bytes_ -= oldest->second.bytes;
            kept_.erase(oldest);
            uses_.pop_back();
        }
    }

private:
    struct Key {
        LaneId lane;
        BlockPlace block;
        bool operator==(const Key&) const = default;
    };
    struct KeyHash {
        std::size_t operator()(const Key& key) const noexcept {
            std::uint64_t hash = static_cast<std::uint64_t>(key.block.first) * 0x9E3779B97F4A7C15ULL;
            hash ^= static_cast<std::uint64_t>(key.lane.shardKey * columns::laneKinds + key.lane.kindNumber());
            return static_cast<std::size_t>((hash ^ static_cast<std::uint64_t>(key.block.rows) << 32) *
                                            0xC2B2AE3D27D4EB4FULL);
        }
    };
    struct Kept {
        Shared value;
        std::size_t bytes = 0;
        typename std::list<Key>::iterator use;
    };

    const std::size_t mostBytes_;
    std::mutex mutex_;
    std::list<Key> uses_;  // latest first
    std::unordered_map<Key, Kept, KeyHash> kept_;
    std::size_t bytes_ = 0;
};

}  // namespace meetpoint::store
