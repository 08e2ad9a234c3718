// The tables part_core, part_parties, part_network, part_internal.
#pragma once

#include "columns/block.h"
#include "store/keys.h"

namespace meetpoint::store {

std::string partTable(columns::Part part);
std::int64_t checksumOf(ByteView bytes);
// The wanted columns of a block's part, checked and decoded; nothing where there is no such block. Code "corrupt-data".
Result<std::optional<columns::ColumnsOfBatch>> findColumns(Tx& tx, LaneId lane, std::int64_t firstSequence,
                                                           columns::Part part, const columns::ColumnSet& wanted);
// A block, and where it comes to lie.
struct PlacedBlock {
    std::int64_t firstSequence;
    Day day;  // of arrival
    const columns::Block* block;
};
Result<void> insertParts(Tx& tx, LaneId lane, const std::vector<PlacedBlock>& blocks);

}  // namespace meetpoint::store
