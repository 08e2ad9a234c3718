// How the runs of the key index lie in their tables; for the index and for what merges its runs.
#pragma once

#include "store/keys.h"

namespace meetpoint::store {

// Some 126 bits each, however long the run: the denser hashes lie, the more sequences there are to tell apart. That is
// just under a page of 16 KiB.
inline constexpr std::size_t entriesPerKeyPage = 1'000;
inline constexpr int keyFilterBits = 24;  // about one false answer in ten thousand

// The order of entries in a run. An object, not a function: sorting calls it in place.
inline constexpr auto byHash = [](const KeyEntry& a, const KeyEntry& b) {
    return a.hash != b.hash ? a.hash < b.hash : a.sequence() < b.sequence();
};

// A page of entries in their order, at least one and at most 65,535. Column by column, each as many bits wide as the
// page needs: steps from hash to hash, sequences and versions above the smallest, checks, fingerprints.
Bytes packKeyPage(std::span<const KeyEntry> entries);
// Appends a page's entries; also of pages as earlier programs wrote them, 24 bytes an entry. Code "corrupt-data".
Result<void> readKeyPage(ByteView bytes, std::vector<KeyEntry>& out);

// The pages of a run, one after another, as rows of their table.
class KeyPageRows {
public:
    KeyPageRows(LaneId lane, std::int64_t run) : lane_(lane), run_(run) {}
    void add(std::size_t page, std::span<const KeyEntry> entries);
    Result<void> insert(Tx& tx) const;

private:
    LaneId lane_;
    std::int64_t run_;
    std::vector<std::pair<std::size_t, Bytes>> pages_;
};

// The runs that the index consists of.
Result<std::vector<KeyRun>> listRuns(Tx& tx, LaneId lane);
// Makes a run part of the index; its pages are stored already.
Result<void> listRun(Tx& tx, LaneId lane, const KeyRun& run, ByteView filter, std::span<const std::uint64_t> fences);
// Takes a run out of the index; its pages stay.
Result<void> unlistRun(Tx& tx, LaneId lane, std::int64_t run);

}  // namespace meetpoint::store
