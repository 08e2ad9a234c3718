// Appending more records than should be held at once.
#include "store/lanes.h"
#include "store/rows_by_hash.h"

namespace meetpoint::store {

using columns::Part;

namespace {

// Keys that are asked for and entered together: what is known of so many is held, and each further run of the key index
// is one more to ask.
constexpr std::size_t keysAtOnce = 1u << 19;

}  // namespace

void PreparedAppend::keepKeys() {
    const columns::LaneSchema& schema = columns::schemaOf(lane.kind);
    columns::Records keys(lane.kind);
    for (const int column : {schema.key, schema.version})
        if (column >= 0) keys.part(Part::core)[column] = std::move(records.part(Part::core)[column]);
    records = std::move(keys);
}

Result<void> LongAppend::add(const PreparedAppend& piece) {
    const auto rows = static_cast<std::int64_t>(piece.records.rows());
    if (rows == 0) return {};
    if (!head_) {
        TRY_ASSIGN(head_, lanes_.lock(tx_, lane_));
        head_->lastStoredAt = std::max(lanes_.clock_.now(), head_->lastStoredAt);
    }
    if (keys_.hashes.empty()) firstSequence_ = head_->nextSequence;
    TRY(lanes_.insertBlocks(tx_, lane_, head_->nextSequence, head_->lastStoredAt, piece.blocks));
    TRY_ASSIGN(head_, lanes_.insertEntry(tx_, lane_, *head_, rows, head_->lastStoredAt, writer_, piece.contentHashes));
    stored_ += rows;

    const columns::LaneSchema& schema = columns::schemaOf(lane_.kind);
    for (const int column : {schema.key, schema.version})
        if (column >= 0)
            keys_.records.part(Part::core)[column].appendRange(piece.records.part(Part::core)[column], 0,
                                                               piece.records.rows());
    keys_.fingerprints.insert(keys_.fingerprints.end(), piece.fingerprints.begin(), piece.fingerprints.end());
    keys_.hashes.insert(keys_.hashes.end(), piece.hashes.begin(), piece.hashes.end());
    keys_.checks.insert(keys_.checks.end(), piece.checks.begin(), piece.checks.end());
    return keys_.hashes.size() < keysAtOnce ? Result<void>() : enterKeys();
}

Result<void> LongAppend::enterKeys() {
    if (keys_.hashes.empty()) return {};
    keys_.byHash = rowsByHash(keys_.hashes);
    TRY(lanes_.enterKeys(tx_, keys_, firstSequence_));
    keys_ = PreparedAppend{lane_, columns::Records(lane_.kind)};
    return {};
}

Result<void> LongAppend::finish() {
    TRY(enterKeys());
    if (!head_) return {};
    TRY(lanes_.moveHead(tx_, lane_, *head_));
    tx_.announce(topicOf(lane_));
    return {};
}

}  // namespace meetpoint::store
