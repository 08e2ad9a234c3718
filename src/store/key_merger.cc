#include "store/key_merger.h"

#include <algorithm>
#include <cstring>

#include "base/hash.h"
#include "store/key_pages.h"

namespace meetpoint::store {
namespace {

// A merged run is named after the runs that it is made of. Their names stand for what they hold, so that its own does
// too; what its pages look like is part of the name.
std::int64_t mergedNumber(const std::vector<KeyRun>& inputs) {
    Sha256Builder hash;
    hash.add(viewOf("meetpoint merged run 1"));
    hash.addU64(entriesPerKeyPage);
    hash.addU64(keyFilterBits);
    for (const KeyRun& run : inputs)
        hash.addU64(static_cast<std::uint64_t>(run.number));
    const Sha256 digest = hash.finish();
    std::int64_t number = 0;
    std::memcpy(&number, digest.data(), sizeof number);
    return number & INT64_MAX;
}

KeyRun outputOf(const std::vector<KeyRun>& inputs) {
    KeyRun output{mergedNumber(inputs), 0, 0};
    for (const KeyRun& run : inputs) {
        output.level = std::max(output.level, run.level + 1);
        output.entries += run.entries;
    }
    return output;
}

}  // namespace

std::vector<KeyRun> chooseRuns(const std::vector<KeyRun>& all, const KeyIndexLimits& limits) {
    // Half of what may lie there at most, the lowest numbers first: appends that merge, because this lags, take the
    // highest.
    const std::size_t most = std::max(limits.runsPerLevel, limits.runsBeforeAppendMerges / 2);
    std::map<std::int64_t, std::vector<KeyRun>> levels;
    for (const KeyRun& run : all)
        levels[run.level].push_back(run);
    for (auto& [level, runs] : levels) {
        if (runs.size() < limits.runsPerLevel) continue;
        std::ranges::sort(runs, {}, &KeyRun::number);
        std::vector<KeyRun> chosen;
        std::int64_t entries = 0;
        for (const KeyRun& run : runs) {
            if (chosen.size() == most) break;
            if (entries + run.entries > static_cast<std::int64_t>(limits.largestMergedRun)) continue;
            entries += run.entries;
            chosen.push_back(run);
        }
        // Fewer than a level's worth only where they nearly fill the largest run that there may be.
        const bool isLarge = entries >= static_cast<std::int64_t>(limits.largestMergedRun / 2);
        if (chosen.size() >= (isLarge ? 2 : limits.runsPerLevel)) return chosen;
    }
    return {};
}

KeyMerge::KeyMerge(LaneId lane, std::vector<KeyRun> inputs)
    : lane_(lane),
      inputs_(std::move(inputs)),
      output_(outputOf(inputs_)),
      filter_(static_cast<std::size_t>(output_.entries), keyFilterBits) {
    for (const KeyRun& run : inputs_)
        cursors_.push_back({run.number, run.entries, 0, {}, 0});
}

// For a heap whose first is the smallest.
bool KeyMerge::isAfter(std::size_t a, std::size_t b) const {
    return byHash(cursors_[b].page[cursors_[b].at], cursors_[a].page[cursors_[a].at]);
}

Result<bool> KeyMerge::loadPage(Tx& tx, Cursor& cursor) const {
    cursor.page.clear();
    cursor.at = 0;
    Result<void> read;
    TRY(tx.query("SELECT data FROM key_pages WHERE shard_key = $1 AND kind = $2 AND run = $3 AND page = $4",
                 {lane_.shardKey, lane_.kindNumber(), cursor.run, cursor.nextPage},
                 [&](const Row& row) { read = readKeyPage(row.bytes(0), cursor.page); }));
    TRY(std::move(read));
    ++cursor.nextPage;
    cursor.left -= static_cast<std::int64_t>(cursor.page.size());
    return !cursor.page.empty() && cursor.left >= 0;
}

Result<bool> KeyMerge::start(Tx& tx) {
    for (std::size_t i = 0; i < cursors_.size(); ++i) {
        TRY_ASSIGN(const bool there, loadPage(tx, cursors_[i]));
        if (!there) return false;
        heap_.push_back(i);
    }
    std::ranges::make_heap(heap_, [this](std::size_t a, std::size_t b) { return isAfter(a, b); });
    started_ = true;
    return true;
}

Result<bool> KeyMerge::read(Tx& tx, std::size_t maxEntries) {
    const auto after = [this](std::size_t a, std::size_t b) { return isAfter(a, b); };
    if (!started_) {
        TRY_ASSIGN(const bool there, start(tx));
        if (!there) return false;
    }
    takenFirst_ = fences_.size();
    taken_.clear();
    // Whole pages but for the run's last.
    const std::size_t wanted = std::max<std::size_t>(1, maxEntries / entriesPerKeyPage) * entriesPerKeyPage;
    while (taken_.size() < wanted && !heap_.empty()) {
        std::ranges::pop_heap(heap_, after);
        Cursor& cursor = cursors_[heap_.back()];
        const KeyEntry& entry = cursor.page[cursor.at++];
        if (taken_.size() % entriesPerKeyPage == 0) fences_.push_back(entry.hash);
        filter_.add(entry.hash);
        taken_.push_back(entry);
        if (cursor.at == cursor.page.size()) {
            if (cursor.left == 0) {
                heap_.pop_back();
                continue;
            }
            TRY_ASSIGN(const bool there, loadPage(tx, cursor));
            if (!there) return false;
        }
        std::ranges::push_heap(heap_, after);
    }
    return true;
}

Result<void> KeyMerge::write(Tx& tx) const {
    if (takenFirst_ == 0)
        TRY(tx.execute("INSERT INTO unlisted_runs (shard_key, kind, run) VALUES ($1, $2, $3)",
                       {lane_.shardKey, lane_.kindNumber(), output_.number}));
    KeyPageRows pages(lane_, output_.number);
    for (std::size_t at = 0; at < taken_.size(); at += entriesPerKeyPage)
        pages.add(takenFirst_ + at / entriesPerKeyPage,
                  std::span(taken_).subspan(at, std::min(entriesPerKeyPage, taken_.size() - at)));
    return pages.insert(tx);
}

Result<bool> KeyMerge::finish(Tx& tx) const {
    TRY_ASSIGN(const auto listed, listRuns(tx, lane_));
    const auto isListed = [&](const KeyRun& run) { return std::ranges::find(listed, run) != listed.end(); };
    if (!std::ranges::all_of(inputs_, isListed)) return false;
    RowBatch merged{"unlisted_runs", {"shard_key", "kind", "run"}, {}};
    for (const KeyRun& run : inputs_) {
        TRY(unlistRun(tx, lane_, run.number));
        merged.rows.push_back({lane_.shardKey, lane_.kindNumber(), run.number});
    }
    TRY(tx.copyIn(merged));
    TRY(listRun(tx, lane_, output_, filter_.bytes(), fences_));
    TRY(tx.execute("DELETE FROM unlisted_runs WHERE shard_key = $1 AND kind = $2 AND run = $3",
                   {lane_.shardKey, lane_.kindNumber(), output_.number}));
    return true;
}

Result<std::vector<std::int64_t>> unlistedRuns(Tx& tx, LaneId lane) {
    std::vector<std::int64_t> runs;
    TRY(tx.query("SELECT run FROM unlisted_runs WHERE shard_key = $1 AND kind = $2 ORDER BY run",
                 {lane.shardKey, lane.kindNumber()}, [&](const Row& row) { runs.push_back(row.integer(0)); }));
    return runs;
}

Result<bool> removeUnlisted(Tx& tx, LaneId lane, std::int64_t run, std::size_t maxPages) {
    std::optional<std::int64_t> first;
    TRY(tx.query("SELECT MIN(page) FROM key_pages WHERE shard_key = $1 AND kind = $2 AND run = $3",
                 {lane.shardKey, lane.kindNumber(), run}, [&](const Row& row) {
                     if (!row.isNull(0)) first = row.integer(0);
                 }));
    if (first) {
        TRY_ASSIGN(const std::int64_t removed,
                   tx.execute("DELETE FROM key_pages WHERE shard_key = $1 AND kind = $2 AND run = $3 AND page < $4",
                              {lane.shardKey, lane.kindNumber(), run, *first + static_cast<std::int64_t>(maxPages)}));
        if (removed == static_cast<std::int64_t>(maxPages)) return false;  // there may be more
    }
    TRY(tx.execute("DELETE FROM unlisted_runs WHERE shard_key = $1 AND kind = $2 AND run = $3",
                   {lane.shardKey, lane.kindNumber(), run}));
    return true;
}

}  // namespace meetpoint::store
