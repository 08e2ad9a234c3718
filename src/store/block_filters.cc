#include "store/block_filters.h"

#include <algorithm>

namespace meetpoint::store {
namespace {

bool mayHoldAll(const columns::KeyFilter& filter, std::span<const std::uint64_t> hashes) {
    return std::ranges::all_of(hashes, [&](std::uint64_t hash) { return filter.mayContain(hash); });
}

}  // namespace

std::size_t BlockFilters::KeyHash::operator()(const Key& key) const noexcept {
    std::uint64_t hash = static_cast<std::uint64_t>(key.block.first) * 0x9E3779B97F4A7C15ULL;
    hash ^= static_cast<std::uint64_t>(key.lane.shardKey * columns::laneKinds + key.lane.kindNumber());
    return static_cast<std::size_t>((hash ^ static_cast<std::uint64_t>(key.block.rows) << 32) * 0xC2B2AE3D27D4EB4FULL);
}

BlockFilters::Filter BlockFilters::known(const Key& key) {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find(key);
    if (found == kept_.end()) return nullptr;
    uses_.splice(uses_.begin(), uses_, found->second.use);
    return found->second.filter;
}

void BlockFilters::keep(const Key& key, const Filter& filter) {
    const std::lock_guard lock(mutex_);
    const auto [at, isNew] = kept_.try_emplace(key);
    if (!isNew) return;
    uses_.push_front(key);
    at->second = {filter, uses_.begin()};
    keptBytes_ += filter->bytes().size();
    while (keptBytes_ > limits_.cachedBytes && kept_.size() > 1) {
        const auto oldest = kept_.find(uses_.back());
        keptBytes_ -= oldest->second.filter->bytes().size();
        kept_.erase(oldest);
        uses_.pop_back();
    }
}

Result<std::vector<BlockFilters::Filter>> BlockFilters::read(Tx& tx, LaneId lane, std::span<const BlockPlace> blocks) {
    std::vector<Filter> filters(blocks.size());
    std::size_t at = 0;
    TRY(
        tx.query("SELECT first_sequence, row_count, filter FROM blocks WHERE shard_key = $1 AND kind = $2 AND "
                 "first_sequence >= $3 AND first_sequence <= $4 ORDER BY first_sequence",
                 {lane.shardKey, lane.kindNumber(), blocks.front().first, blocks.back().first}, [&](const Row& row) {
                     const BlockPlace place{row.integer(0), row.integer(1)};
                     while (at < blocks.size() && blocks[at] < place)
                         ++at;
                     if (at == blocks.size() || blocks[at] != place) return;
                     auto filter = columns::KeyFilter::fromBytes(row.bytes(2));
                     // A damaged filter excludes nothing; the records themselves decide.
                     if (!filter) filter = columns::KeyFilter::ofEverything();
                     filters[at] = std::make_shared<const columns::KeyFilter>(std::move(*filter));
                 }));
    return filters;
}

Result<std::vector<BlockPlace>> BlockFilters::thatMayHold(Tx& tx, LaneId lane, std::span<const BlockPlace> blocks,
                                                          std::span<const std::uint64_t> hashes) {
    std::vector<BlockPlace> out;
    for (std::size_t i = 0; i < blocks.size();) {
        if (const Filter filter = known({lane, blocks[i]})) {
            if (mayHoldAll(*filter, hashes)) out.push_back(blocks[i]);
            ++i;
            continue;
        }
        std::size_t end = i + 1;
        while (end < blocks.size() && end - i < limits_.blocksPerQuery && !known({lane, blocks[end]}))
            ++end;
        const auto missing = blocks.subspan(i, end - i);
        TRY_ASSIGN(const auto filters, read(tx, lane, missing));
        for (std::size_t m = 0; m < missing.size(); ++m) {
            if (!filters[m]) continue;
            keep({lane, missing[m]}, filters[m]);
            if (mayHoldAll(*filters[m], hashes)) out.push_back(missing[m]);
        }
        i = end;
    }
    return out;
}

}  // namespace meetpoint::store
