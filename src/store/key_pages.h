// How the runs of the key index lie in their tables; for the index and for what merges its runs.
#pragma once

#include "store/keys.h"

namespace meetpoint::store {

inline constexpr std::size_t entriesPerKeyPage = 680;  // 24 bytes each: just under a 16 KiB page
inline constexpr int keyFilterBits = 24;               // about one false answer in ten thousand

static_assert(sizeof(KeyEntry) == 24);

// The order of entries in a run. An object, not a function: sorting calls it in place.
inline constexpr auto byHash = [](const KeyEntry& a, const KeyEntry& b) {
    return a.hash != b.hash ? a.hash < b.hash : a.sequence() < b.sequence();
};

// A page is its entries as they lie in memory.
ByteView keyPageBytes(std::span<const KeyEntry> entries);
// Appends a page's entries. Code "corrupt-data".
Result<void> readKeyPage(ByteView bytes, std::vector<KeyEntry>& out);

// The runs that the index consists of.
Result<std::vector<KeyRun>> listRuns(Tx& tx, LaneId lane);
// Makes a run part of the index; its pages are stored already.
Result<void> listRun(Tx& tx, LaneId lane, const KeyRun& run, ByteView filter, std::span<const std::uint64_t> fences);
// Takes a run out of the index; its pages stay.
Result<void> unlistRun(Tx& tx, LaneId lane, std::int64_t run);

}  // namespace meetpoint::store
