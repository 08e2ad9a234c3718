#include "store/keys.h"

#include <algorithm>
#include <cstring>

#include "base/hash.h"
#include "store/key_pages.h"

namespace meetpoint::store {
namespace {

// A run is named after what it holds: a number that was used in a transaction that failed can never mean something else
// later.
std::int64_t runNumber(const std::vector<KeyEntry>& sorted) {
    const Sha256 digest =
        sha256({reinterpret_cast<const std::uint8_t*>(sorted.data()), sorted.size() * sizeof(KeyEntry)});
    std::int64_t number = 0;
    std::memcpy(&number, digest.data(), sizeof number);
    return number & INT64_MAX;
}

}  // namespace

Result<std::shared_ptr<const KeyIndex::Run>> KeyIndex::load(Tx& tx, LaneId lane, const KeyRun& wanted) {
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = cache_.find({lane, wanted.number}); found != cache_.end()) return found->second;
    }
    std::optional<Result<Run>> loaded;
    TRY(tx.query("SELECT filter, fences FROM key_runs WHERE shard_key = $1 AND kind = $2 AND run = $3",
                 {lane.shardKey, lane.kindNumber(), wanted.number}, [&](const Row& row) {
                     auto filter = columns::KeyFilter::fromBytes(row.bytes(0));
                     if (!filter) {
                         loaded = fail(filter.error());
                         return;
                     }
                     std::vector<std::uint64_t> fences(row.bytes(1).size() / 8);
                     std::memcpy(fences.data(), row.bytes(1).data(), fences.size() * 8);
                     loaded =
                         Run{wanted.number, wanted.level, wanted.entries, std::move(*filter), std::move(fences), {}};
                 }));
    if (!loaded) return fail(corrupt("a run of the key index is missing"));
    TRY_ASSIGN(Run run, std::move(*loaded));
    if (isResident(wanted.entries)) {
        TRY_ASSIGN(run.resident, readRun(tx, lane, wanted.number));
    }
    return keep(lane, std::move(run));
}

bool KeyIndex::isResident(std::int64_t entries) const {
    const auto size = static_cast<std::size_t>(entries);
    const std::lock_guard lock(mutex_);
    return size <= limits_.residentRun && cachedBytes_ + size * sizeof(KeyEntry) <= limits_.cachedRunBytes / 2;
}

std::shared_ptr<const KeyIndex::Run> KeyIndex::keep(LaneId lane, Run run) {
    auto shared = std::make_shared<const Run>(std::move(run));
    const std::lock_guard lock(mutex_);
    // Runs are immutable, so a cached one never grows stale. Appends ask for all runs of their lane, one lane after the
    // other: whichever was used last, or came last, would be the wrong one to go by. So a hand goes round, and what is
    // more than there is room for costs no more than its share.
    while (!cache_.empty() && cachedBytes_ + shared->bytes() > limits_.cachedRunBytes) {
        auto next = cache_.upper_bound(hand_);
        if (next == cache_.end()) next = cache_.begin();
        hand_ = next->first;
        cachedBytes_ -= next->second->bytes();
        cache_.erase(next);
    }
    if (cache_.emplace(RunKey{lane, shared->number}, shared).second) cachedBytes_ += shared->bytes();
    return shared;
}

namespace {

// Entries of one hash stand together in what is sorted by hash.
void findAmong(std::span<const KeyEntry> sorted, std::uint64_t hash, std::vector<KeyEntry>& found) {
    auto at = std::lower_bound(sorted.begin(), sorted.end(), hash,
                               [](const KeyEntry& entry, std::uint64_t wanted) { return entry.hash < wanted; });
    for (; at != sorted.end() && at->hash == hash; ++at)
        found.push_back(*at);
}

}  // namespace

Result<void> KeyIndex::findInRun(Tx& tx, LaneId lane, const Run& run, std::span<const std::uint64_t> hashes,
                                 std::vector<KeyEntry>& found) {
    std::vector<KeyEntry> page;
    std::size_t loadedPage = SIZE_MAX;
    for (const std::uint64_t hash : hashes) {
        if (!run.filter.mayContain(hash)) continue;
        if (!run.resident.empty()) {
            findAmong(run.resident, hash, found);
            continue;
        }
        // Entries of one hash may straddle pages: begin at the last page whose first hash is smaller.
        const auto above = std::lower_bound(run.fences.begin(), run.fences.end(), hash);
        std::size_t pageNumber =
            above == run.fences.begin() ? 0 : static_cast<std::size_t>(above - run.fences.begin() - 1);
        for (; pageNumber < run.fences.size() && run.fences[pageNumber] <= hash; ++pageNumber) {
            if (pageNumber != loadedPage) {
                page.clear();
                Result<void> read;
                TRY(tx.query("SELECT data FROM key_pages WHERE shard_key = $1 AND kind = $2 AND run = $3 AND page = $4",
                             {lane.shardKey, lane.kindNumber(), run.number, pageNumber},
                             [&](const Row& row) { read = readKeyPage(row.bytes(0), page); }));
                TRY(std::move(read));
                loadedPage = pageNumber;
            }
            findAmong(page, hash, found);
        }
    }
    return {};
}

Result<std::vector<KeyEntry>> KeyIndex::find(Tx& tx, LaneId lane, std::span<const KeyRun> runs,
                                             std::span<const std::uint64_t> hashes) {
    std::vector<KeyEntry> found;
    for (const KeyRun& header : runs) {
        TRY_ASSIGN(const auto run, load(tx, lane, header));
        TRY(findInRun(tx, lane, *run, hashes, found));
    }
    std::ranges::sort(found, byHash);
    return found;
}

Result<KeyRun> KeyIndex::writeRun(Tx& tx, LaneId lane, std::int64_t level, const std::vector<KeyEntry>& sorted) {
    const std::int64_t number = runNumber(sorted);
    columns::KeyFilter filter(sorted.size(), keyFilterBits);
    std::vector<std::uint64_t> fences;
    for (const KeyEntry& entry : sorted)
        filter.add(entry.hash);
    KeyPageRows pages(lane, number);
    for (std::size_t at = 0; at < sorted.size(); at += entriesPerKeyPage) {
        const std::span page(sorted.data() + at, std::min(entriesPerKeyPage, sorted.size() - at));
        pages.add(fences.size(), page);
        fences.push_back(page.front().hash);
    }
    TRY(pages.insert(tx));
    const KeyRun run{number, level, static_cast<std::int64_t>(sorted.size())};
    TRY(listRun(tx, lane, run, filter.bytes(), fences));
    if (!isResident(run.entries)) return run;
    // The next append asks for it.
    auto made = std::make_shared<Run>(Run{number, level, run.entries, std::move(filter), std::move(fences), sorted});
    tx.onCommit([this, lane, made] { keep(lane, std::move(*made)); });
    return run;
}

Result<std::vector<KeyEntry>> KeyIndex::readRun(Tx& tx, LaneId lane, std::int64_t number) {
    std::vector<KeyEntry> entries;
    Result<void> read;
    TRY(tx.query("SELECT data FROM key_pages WHERE shard_key = $1 AND kind = $2 AND run = $3 ORDER BY page",
                 {lane.shardKey, lane.kindNumber(), number}, [&](const Row& row) {
                     if (read) read = readKeyPage(row.bytes(0), entries);
                 }));
    TRY(std::move(read));
    return entries;
}

Result<void> KeyIndex::add(Tx& tx, LaneId lane, std::vector<KeyRun> runs, const std::vector<KeyEntry>& entries) {
    if (entries.empty()) return {};
    TRY_ASSIGN(const KeyRun added, writeRun(tx, lane, 0, entries));
    runs.insert(std::ranges::upper_bound(runs, added.number, {}, &KeyRun::number), added);
    return mergeWhatAppendsShould(tx, lane, std::move(runs));
}

void KeyIndex::forgetAfter(Tx& tx, LaneId lane, std::vector<KeyRun> runs) {
    tx.onCommit([this, lane, runs = std::move(runs)] {
        const std::lock_guard lock(mutex_);
        for (const KeyRun& run : runs) {
            const auto cached = cache_.find({lane, run.number});
            if (cached == cache_.end()) continue;
            cachedBytes_ -= cached->second->bytes();
            cache_.erase(cached);
        }
    });
}

Result<void> KeyIndex::mergeWhatAppendsShould(Tx& tx, LaneId lane, std::vector<KeyRun> runs) {
    for (std::int64_t level = 0;; ++level) {
        std::vector<KeyRun> full;
        for (const KeyRun& run : runs)
            if (run.level == level) full.push_back(run);
        if (full.size() < limits_.runsPerLevel) return {};
        const bool isLagging = full.size() >= limits_.runsBeforeAppendMerges;
        // Those with the highest numbers: what merges in the background takes the lowest, so that neither undoes the
        // other's work.
        full.erase(full.begin(), full.end() - static_cast<std::ptrdiff_t>(limits_.runsPerLevel));
        std::size_t entries = 0;
        for (const KeyRun& run : full)
            entries += static_cast<std::size_t>(run.entries);
        const std::size_t most = isLagging ? limits_.largestAppendMerge : limits_.cheapAppendMerge;
        if (entries > std::min(most, limits_.largestMergedRun)) return {};
        TRY(mergeRuns(tx, lane, full));
        TRY_ASSIGN(runs, listRuns(tx, lane));
    }
}

// All in memory, so only for small ones; KeyMerge takes any.
Result<void> KeyIndex::mergeRuns(Tx& tx, LaneId lane, const std::vector<KeyRun>& runs) {
    std::vector<KeyEntry> merged;
    for (const KeyRun& run : runs) {
        TRY_ASSIGN(const auto part, readRun(tx, lane, run.number));
        const auto middle = static_cast<std::ptrdiff_t>(merged.size());
        merged.insert(merged.end(), part.begin(), part.end());
        std::inplace_merge(merged.begin(), merged.begin() + middle, merged.end(), byHash);
        TRY(tx.execute("DELETE FROM key_pages WHERE shard_key = $1 AND kind = $2 AND run = $3",
                       {lane.shardKey, lane.kindNumber(), run.number}));
        TRY(unlistRun(tx, lane, run.number));
    }
    TRY(writeRun(tx, lane, runs.front().level + 1, merged));
    forgetAfter(tx, lane, runs);
    return {};
}

}  // namespace meetpoint::store
