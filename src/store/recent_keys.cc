#include "store/recent_keys.h"

namespace meetpoint::store {
namespace {

std::size_t bytesOf(const RecentKeys::Stretch& stretch) {
    return sizeof stretch + stretch.keys.values().size() + stretch.keys.offsets().size_bytes();
}

}  // namespace

void RecentKeys::keep(LaneId lane, std::shared_ptr<const Stretch> stretch) {
    const std::lock_guard lock(mutex_);
    const Place place{lane, stretch->firstSequence};
    if (!kept_.emplace(place, stretch).second) return;
    keptBytes_ += bytesOf(*stretch);
    arrivals_.push_back(place);
    while (keptBytes_ > limitBytes_) {
        const auto oldest = kept_.find(arrivals_.front());
        keptBytes_ -= bytesOf(*oldest->second);
        kept_.erase(oldest);
        arrivals_.pop_front();
    }
}

std::shared_ptr<const RecentKeys::Stretch> RecentKeys::find(LaneId lane, std::int64_t sequence) const {
    const std::lock_guard lock(mutex_);
    auto after = kept_.upper_bound({lane, sequence});
    if (after == kept_.begin()) return nullptr;
    --after;
    const bool has = after->first.first == lane && after->second->has(sequence);
    return has ? after->second : nullptr;
}

}  // namespace meetpoint::store
