#include "store/stored_keys.h"

#include <algorithm>

#include "store/lanes.h"

namespace meetpoint::store {
namespace {

using columns::Part;

// The column of keys of one block.
struct BlockKeys {
    std::int64_t first = 0;
    columns::Batch core;
    bool has(std::int64_t sequence) const {
        return sequence >= first && sequence < first + static_cast<std::int64_t>(core.rows());
    }
};

Result<BlockKeys> readKeys(Tx& tx, LaneId lane, int column, std::int64_t sequence) {
    std::int64_t first = -1;
    TRY(
        tx.query("SELECT first_sequence FROM blocks WHERE shard_key = $1 AND kind = $2 AND first_sequence <= $3 "
                 "ORDER BY first_sequence DESC LIMIT 1",
                 {lane.shardKey, lane.kindNumber(), sequence}, [&](const Row& row) { first = row.integer(0); }));
    columns::ColumnSet wanted;
    wanted.wanted.resize(static_cast<std::size_t>(column) + 1, false);
    wanted.wanted.back() = true;
    TRY_ASSIGN(columns::Batch core, readPart(tx, lane, first, Part::core, wanted));
    BlockKeys keys{first, std::move(core)};
    if (!keys.has(sequence)) return fail(corrupt("the key index points at a record that is not there"));
    return keys;
}

}  // namespace

Result<void> addMissingChecks(Tx& tx, LaneId lane, std::vector<KeyEntry>& entries, const KeyedHash& secret) {
    std::vector<KeyEntry*> lacking;
    for (KeyEntry& entry : entries)
        if (entry.check() == 0) lacking.push_back(&entry);
    std::ranges::sort(lacking, {}, [](const KeyEntry* entry) { return entry->sequence(); });
    const int column = columns::schemaOf(lane.kind).key;
    std::optional<BlockKeys> block;
    for (KeyEntry* entry : lacking) {
        const std::int64_t sequence = entry->sequence();
        if (!block || !block->has(sequence)) {
            TRY_ASSIGN(block, readKeys(tx, lane, column, sequence));
        }
        const ByteView key = block->core[column].valueBytes(static_cast<std::size_t>(sequence - block->first));
        entry->place = KeyEntry::placeOf(sequence, columns::keyCheck(key, secret));
    }
    return {};
}

}  // namespace meetpoint::store
