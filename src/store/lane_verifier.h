// Proof that a lane holds what it says: every entry's hash and chain, every record's content, no gap, and head in step.
#pragma once

#include "store/lanes.h"

namespace meetpoint::store {

struct LaneProof {
    LaneId lane;
    std::int64_t entries = 0;
    std::int64_t records = 0;
    std::int64_t distinctKeys = 0;  // with the newest version counted once
    Sha256 head{};
    std::vector<std::string> faults;  // what does not hold; empty: the lane is intact
};

// Reads the whole lane, block by block; memory stays at one entry and 16 bytes a record for the keys.
Result<LaneProof> verifyLane(Tx& tx, const Lanes& lanes, LaneId lane);

}  // namespace meetpoint::store
