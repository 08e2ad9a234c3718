// The exact key index of a lane: for each stored row the 64-bit keyed hash of its key, its sequence, version and
// content fingerprint, and 24 bits more of its key's name. Kept as sorted runs that are merged as they grow (a
// log-structured merge), so that asking whether a record was seen before costs about the same at a thousand and at a
// billion records.
#pragma once

#include <map>
#include <mutex>
#include <unordered_map>

#include "columns/key_filter.h"
#include "columns/records.h"
#include "store/db.h"

namespace meetpoint::store {

struct LaneId {
    std::int64_t shardKey = 0;
    columns::LaneKind kind = columns::LaneKind::calls;
    auto operator<=>(const LaneId&) const = default;
    std::int64_t kindNumber() const { return static_cast<std::int64_t>(kind); }
};

// Hash and check together name a key: 88 bits that nobody without the store's secret can choose. Entries that were
// written before there were checks have none (0); stored_keys.h gives them theirs.
struct KeyEntry {
    static constexpr int sequenceBits = 40;
    std::uint64_t hash = 0;
    std::uint64_t place = 0;  // the sequence in the lower 40 bits, the check in the upper 24
    std::int32_t version = 0;
    std::uint32_t fingerprint = 0;

    // `sequence` is below 2^40, `check` as columns::keyCheck() gives it.
    static std::uint64_t placeOf(std::int64_t sequence, std::uint32_t check) {
        return static_cast<std::uint64_t>(sequence) | static_cast<std::uint64_t>(check) << sequenceBits;
    }
    std::int64_t sequence() const { return static_cast<std::int64_t>(place & ((1ULL << sequenceBits) - 1)); }
    std::uint32_t check() const { return static_cast<std::uint32_t>(place >> sequenceBits); }
};

// A run as its row says.
struct KeyRun {
    std::int64_t number = 0;
    std::int64_t level = 0;
    std::int64_t entries = 0;
    bool operator==(const KeyRun&) const = default;
};

struct KeyIndexLimits {
    std::size_t cachedRunBytes = 256u << 20;   // filters, fences and entries of runs kept in memory
    std::size_t runsPerLevel = 8;              // from as many runs of one level on they are merged into one of the next
    std::size_t largestMergedRun = 8'000'000;  // entries; larger runs stay apart
    // Merging is work for the background (key_merger.h). Only where it lags so far behind that a level has as many runs
    // as this does an append merge runsPerLevel of them itself, and only where they are small.
    std::size_t runsBeforeAppendMerges = 64;
    std::size_t largestAppendMerge = 1'000'000;  // entries
    // Runs that together have no more entries than this an append merges at once: that costs less than asking so many
    // runs, which appends of single records would soon leave behind.
    std::size_t cheapAppendMerge = 4'096;
    // Runs of at most so many entries are kept in memory whole, as long as they take up no more than half of
    // cachedRunBytes: new runs are many, and a false answer of a filter costs the reading of a page.
    std::size_t residentRun = 65'536;
};

// Safe to use from several threads; each call runs inside the caller's transaction.
class KeyIndex {
public:
    explicit KeyIndex(KeyIndexLimits limits = {}) : limits_(limits) {}

    // Both go by the runs that listRuns() gave in this transaction, which the lane's lock keeps from changing.
    //
    // The stored entries with any of these hashes, sorted by hash and then sequence. `hashes` must be sorted.
    Result<std::vector<KeyEntry>> find(Tx& tx, LaneId lane, std::span<const KeyRun> runs,
                                       std::span<const std::uint64_t> hashes);
    // Adds entries, sorted by hash and then sequence. The lane must be locked.
    Result<void> add(Tx& tx, LaneId lane, std::vector<KeyRun> runs, const std::vector<KeyEntry>& entries);
    // Drops runs that are no longer part of the index from memory, once the transaction is durable.
    void forgetAfter(Tx& tx, LaneId lane, std::vector<KeyRun> runs);
    const KeyIndexLimits& limits() const { return limits_; }

private:
    struct Run {
        std::int64_t number;
        std::int64_t level;
        std::int64_t entries;
        columns::KeyFilter filter;
        std::vector<std::uint64_t> fences;  // first hash of each page
        std::vector<KeyEntry> resident;     // all entries, or none
        std::size_t bytes() const {
            return filter.bytes().size() + fences.size() * 8 + resident.size() * sizeof(KeyEntry);
        }
    };
    using RunKey = std::pair<LaneId, std::int64_t>;

    Result<std::shared_ptr<const Run>> load(Tx& tx, LaneId lane, const KeyRun& wanted);
    bool isResident(std::int64_t entries) const;
    std::shared_ptr<const Run> keep(LaneId lane, Run run);
    Result<void> findInRun(Tx& tx, LaneId lane, const Run& run, std::span<const std::uint64_t> hashes,
                           std::vector<KeyEntry>& found);
    Result<KeyRun> writeRun(Tx& tx, LaneId lane, std::int64_t level, const std::vector<KeyEntry>& sorted);
    Result<void> mergeWhatAppendsShould(Tx& tx, LaneId lane, std::vector<KeyRun> runs);
    Result<void> mergeRuns(Tx& tx, LaneId lane, const std::vector<KeyRun>& runs);
    Result<std::vector<KeyEntry>> readRun(Tx& tx, LaneId lane, std::int64_t number);

    KeyIndexLimits limits_;
    mutable std::mutex mutex_;
    std::map<RunKey, std::shared_ptr<const Run>> cache_;
    std::size_t cachedBytes_ = 0;
    RunKey hand_{};  // the run that went last for want of room
};

}  // namespace meetpoint::store
