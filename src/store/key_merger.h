// Merging runs of the key index in the background: a stream over their pages, in steps that each take a bounded number
// of entries, memory for one page a run, and no lock of the lane but for the last, short step. Whoever else merges some
// of these runs meanwhile (an append, or a program of another version) is noticed, and the merge given up.
//
// Between the first step and the last the new run's pages are stored without being part of the index; after it, those
// of the merged runs are. The table unlisted_runs names both, so that after a crash whoever comes next removes them.
#pragma once

#include "store/keys.h"

namespace meetpoint::store {

// The runs to merge next, all of one level: empty where no level has limits.runsPerLevel of them, or where what they
// would give is larger than limits.largestMergedRun.
std::vector<KeyRun> chooseRuns(const std::vector<KeyRun>& all, const KeyIndexLimits& limits);

class KeyMerge {
public:
    KeyMerge(LaneId lane, std::vector<KeyRun> inputs);

    // Takes the next entries, about `maxEntries` of them; in a transaction that may be another for each call. False if
    // a run is gone: give the merge up.
    Result<bool> read(Tx& tx, std::size_t maxEntries);
    bool isAtEnd() const { return heap_.empty() && started_; }
    // Stores what read() took. May be run again.
    Result<void> write(Tx& tx) const;
    // Once all is written, puts the new run in the place of the merged ones; the lane must be locked. False if one of
    // them is gone: give the merge up.
    Result<bool> finish(Tx& tx) const;

    const std::vector<KeyRun>& inputs() const { return inputs_; }
    const KeyRun& output() const { return output_; }

private:
    // Where the merge stands in one run.
    struct Cursor {
        std::int64_t run;
        std::int64_t left;  // entries that follow this page
        std::int64_t nextPage = 0;
        std::vector<KeyEntry> page;
        std::size_t at = 0;
    };
    Result<bool> loadPage(Tx& tx, Cursor& cursor) const;
    Result<bool> start(Tx& tx);
    bool isAfter(std::size_t a, std::size_t b) const;

    LaneId lane_;
    std::vector<KeyRun> inputs_;
    KeyRun output_;
    std::vector<Cursor> cursors_;
    std::vector<std::size_t> heap_;  // of cursors that are not at their end, the one with the smallest entry first
    bool started_ = false;
    std::vector<KeyEntry> taken_;        // by the last read()
    std::size_t takenFirst_ = 0;         // page number of its first
    std::vector<std::uint64_t> fences_;  // of all pages so far
    columns::KeyFilter filter_;
};

// Runs of a lane whose pages are stored while the index does not name them; all of them are to be removed, but for the
// output of a merge that is under way.
Result<std::vector<std::int64_t>> unlistedRuns(Tx& tx, LaneId lane);
// Removes up to `maxPages` pages of such a run. True: nothing of it is left.
Result<bool> removeUnlisted(Tx& tx, LaneId lane, std::int64_t run, std::size_t maxPages);

}  // namespace meetpoint::store
