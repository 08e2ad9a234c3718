// Merging consecutive small blocks of a lane into larger ones, compressed harder, once they are old enough that nobody
// is likely to add to them. Sequences, entries and everything that a reader sees stay as they are; only where blocks
// begin and how they are compressed changes. Decoding and encoding need no lock; the swap is one short transaction
// under the lane's lock, which compares what it replaces with what was read.
#pragma once

#include "store/lanes.h"
#include "store/leases.h"

namespace meetpoint::store {

struct BlockMergeLimits {
    Duration age = minutes(10);       // since the youngest record was stored
    std::size_t blocksPerStep = 256;  // that one merge reads at most
    std::size_t worthMerging = 8;     // blocks, while more may follow that belong into the same block
};

// A block as the directory lists it.
struct ListedBlock {
    std::int64_t first = 0;
    std::int64_t rows = 0;
    std::int32_t day = 0;  // of arrival
    std::int64_t end() const { return first + rows; }
    bool operator==(const ListedBlock&) const = default;
};

// Consecutive blocks that become one.
struct BlockGroup {
    std::vector<ListedBlock> blocks;
    bool isFinal = false;  // nothing that follows belongs into it: what lies before its end is done for good
    std::int64_t first() const { return blocks.front().first; }
    std::int64_t end() const { return blocks.back().end(); }
    std::size_t rows() const { return static_cast<std::size_t>(end() - first()); }
};

// What to merge next of `blocks`, which follow each other; nothing, if it is better to wait. Those that end after
// `oldEnd` are too young. A group never spans two days of arrival, by which records are kept and dropped; days before
// `openDay` are over. `limits.blocksPerStep` and one more are as many blocks as need to be given.
std::optional<BlockGroup> chooseBlocks(std::span<const ListedBlock> blocks, std::int64_t oldEnd, Day openDay,
                                       const BlockMergeLimits& limits);

struct BlockPlan {
    std::optional<BlockGroup> group;
    std::optional<Instant> lookAgain;  // without a group: when time alone may bring one
};
Result<BlockPlan> planBlockMerge(Tx& tx, LaneId lane, Instant now, const BlockMergeLimits& limits);

// One merge: read in one transaction, swapped in in another.
class BlockMerge {
public:
    // Reads the group's blocks and encodes what becomes of them. `secret` is that of the lane's filters.
    static Result<BlockMerge> read(Tx& tx, LaneId lane, BlockGroup group, const KeyedHash& secret);

    // Puts the new block in the place of the old ones, with the rows that are superseded by now; the lane must be
    // locked and the fence checked. False if the old ones are not there any more as they were read: give it up.
    Result<bool> swap(Tx& tx) const;

    const BlockGroup& group() const { return group_; }
    bool rewrites() const { return block_.has_value(); }  // false: one block that is as it should be already
    std::size_t bytesBefore() const { return bytesBefore_; }
    std::size_t bytesAfter() const { return bytesAfter_; }

private:
    BlockMerge(LaneId lane, BlockGroup group) : lane_(lane), group_(std::move(group)) {}
    Result<bool> isCompressed(Tx& tx) const;  // as a merge does it, of a group of one block
    Result<void> readParts(Tx& tx, const KeyedHash& secret);
    Result<void> replace(Tx& tx, const columns::Block& block, const std::optional<Bytes>& superseded) const;

    using Checksums = std::array<std::vector<std::int64_t>, columns::partCount>;
    Result<Checksums> checksums(Tx& tx) const;

    LaneId lane_;
    BlockGroup group_;
    Checksums checksums_;  // of the parts that were read, block by block
    std::optional<columns::Block> block_;
    std::size_t bytesBefore_ = 0, bytesAfter_ = 0;
};

}  // namespace meetpoint::store
