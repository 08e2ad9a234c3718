// The tables part_core, part_parties, part_network, part_internal.
#pragma once

#include "store/lanes.h"

namespace meetpoint::store {

std::string partTable(columns::Part part);
std::int64_t checksumOf(ByteView bytes);
Result<void> insertParts(Tx& tx, LaneId lane, std::int64_t firstSequence, Day day, const columns::Block& block);

}  // namespace meetpoint::store
