// The tables part_core, part_parties, part_network, part_internal.
#pragma once

#include "columns/block.h"
#include "store/keys.h"

namespace meetpoint::store {

// Which parts a reader needs.
struct PartSet {
    bool core = true, parties = false, network = false, internal = false;
    bool has(columns::Part part) const;
    static PartSet all() { return {true, true, true, true}; }
};

std::string partTable(columns::Part part);
std::int64_t checksumOf(ByteView bytes);
// Gives `use` the bytes of a block's part, which match their checksum; false where there is no such block. `use` must
// not use the transaction. Codes "corrupt-data" and those of `use`.
Result<bool> withPart(Tx& tx, LaneId lane, std::int64_t firstSequence, columns::Part part,
                      const std::function<Result<void>(ByteView)>& use);
// The wanted columns of a block's part, checked and decoded; nothing where there is no such block. Code "corrupt-data".
Result<std::optional<columns::ColumnsOfBatch>> findColumns(Tx& tx, LaneId lane, std::int64_t firstSequence,
                                                           columns::Part part, const columns::ColumnSet& wanted);
// Some records of a block, in that order. Code "corrupt-data", also where it has no such rows.
Result<columns::Records> readBlockRows(Tx& tx, LaneId lane, std::int64_t firstSequence,
                                       std::span<const std::uint32_t> rows, PartSet parts);
// A block, and where it comes to lie.
struct PlacedBlock {
    std::int64_t firstSequence;
    Day day;  // of arrival
    const columns::Block* block;
};
Result<void> insertParts(Tx& tx, LaneId lane, const std::vector<PlacedBlock>& blocks);

}  // namespace meetpoint::store
