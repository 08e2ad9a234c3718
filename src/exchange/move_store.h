// Moving everything that one store holds into another, empty one, of whichever kind; `meetpoint migrate-store`.
#pragma once

#include <functional>

#include "exchange/store_setup.h"
#include "store/lane_verifier.h"

namespace meetpoint::exchange {

struct MoveProgress {
    std::string_view table;
    bool isProof = false;    // false: rows are being copied; true: both stores are being read and compared
    std::uint64_t rows = 0;  // of the table, so far
};

struct Moved {
    std::uint64_t tables = 0;
    std::uint64_t rows = 0;               // in the target now
    std::uint64_t rowsBefore = 0;         // of which an earlier, broken-off move had copied
    std::vector<store::LaneProof> lanes;  // proved in the target: chains, sequences, contents
};

// Copies all rows from `from` to `to`, then proves that they are the same: a digest of each table on both sides, and
// every lane of the target verified. A move that broke off goes on where it was. Nobody may write to either store
// meanwhile; until the end the target says that it is unfinished (readIdentity: "store-unfinished"), and `from` is left
// as it is. Codes: "move-target-not-empty" (it holds something that is not the beginning of this move),
// "move-differs" (the proof failed; the message names the table), "store-not-initialised". Blocks.
Result<Moved> moveStore(store::Db& from, store::Db& to, const Clock& clock,
                        const std::function<void(const MoveProgress&)>& progress);

}  // namespace meetpoint::exchange
