// The keys of what this node stored last, kept in memory: a record's next version mostly follows within minutes, and
// confirming its key would cost the reading of a block.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>

#include "columns/batch.h"
#include "store/keys.h"

namespace meetpoint::store {

// Safe to use from several threads.
class RecentKeys {
public:
    // Consecutive records of a lane.
    struct Stretch {
        std::int64_t firstSequence = 0;
        columns::Column keys;
        bool has(std::int64_t sequence) const {
            return sequence >= firstSequence && sequence < firstSequence + static_cast<std::int64_t>(keys.size());
        }
        // The key's bytes, of a record that it has.
        ByteView at(std::int64_t sequence) const {
            return keys.valueBytes(static_cast<std::size_t>(sequence - firstSequence));
        }
    };

    // Keeps at most so many bytes of keys; those that came first go first.
    explicit RecentKeys(std::size_t limitBytes) : limitBytes_(limitBytes) {}

    // Only what is durable: the sequences of a transaction that failed are used again, for other records.
    void keep(LaneId lane, std::shared_ptr<const Stretch> stretch);
    // The stretch that has this record; null if none is kept.
    std::shared_ptr<const Stretch> find(LaneId lane, std::int64_t sequence) const;

private:
    using Place = std::pair<LaneId, std::int64_t>;

    const std::size_t limitBytes_;
    mutable std::mutex mutex_;
    std::map<Place, std::shared_ptr<const Stretch>> kept_;  // by first sequence
    std::deque<Place> arrivals_;
    std::size_t keptBytes_ = 0;
};

}  // namespace meetpoint::store
