// Lanes: arrival-ordered, gap-free sequences of records, one per carrier and kind. Appending classifies each record
// against all that the lane ever held, gives the new ones their sequences and chains an entry; reading hands records
// out by sequence or by time of call. Every function runs inside the caller's transaction.
#pragma once

#include <functional>
#include <optional>

#include "columns/block.h"
#include "store/block_filters.h"
#include "store/keys.h"

namespace meetpoint::store {

// What became of one record.
enum class Outcome : std::uint8_t {
    created,    // first record of its key
    updated,    // a higher version of a known key
    unchanged,  // same key, version and content: nothing stored
    outdated,   // a lower version: kept as history
    conflict,   // same key and version, other content: not stored
};
std::string_view name(Outcome outcome);

// Records made ready for a lane outside any lock.
struct PreparedAppend {
    LaneId lane;
    columns::Records records;
    std::vector<std::uint32_t> fingerprints{};
    std::vector<std::uint64_t> hashes{};   // of the keys
    std::vector<std::uint32_t> checks{};   // of the keys, beside their hashes
    std::vector<std::uint32_t> byHash{};   // the rows, sorted by their hash and then by row
    std::vector<columns::Block> blocks{};  // as if every record were stored
    std::array<Sha256, columns::partCount> contentHashes{};

    // Gives up what the records say but for their keys and versions: a LongAppend needs no more.
    void keepKeys();
};

struct Appended {
    std::vector<Outcome> outcomes;   // one a record, in the order given
    std::int64_t firstSequence = 0;  // of the stored ones
    std::int64_t stored = 0;
    Instant storedAt;
};

// Consecutive records of a lane, or those of one block that a scan chose.
struct LaneSlice {
    columns::Records records;
    std::vector<std::int64_t> sequences;
    std::vector<Instant> storedAt;
};

struct LaneHead {
    std::int64_t nextSequence = 1;
    Instant lastStoredAt;
    Sha256 lastHash{};
};

// A lane and how long it is.
struct LaneTail {
    LaneId lane;
    std::int64_t nextSequence = 1;
};

struct ScanRequest {
    Instant from{INT64_MIN}, to{INT64_MAX};  // of the lane's time column; [from, to)
    bool newestOnly = true;                  // not the rows that a later version superseded
    PartSet parts;
    // Blocks that have this own number (numberHash()) in no row are left out, and those whose filter excludes this
    // signalling id (signallingIdHash()); others of their records come along.
    std::optional<std::uint64_t> ownNumber, signallingId;
};

// A stretch of a lane that one block holds, as one snapshot saw it. Its rows never change; the block itself may be
// merged into another meanwhile.
struct LaneStretch {
    LaneId lane;
    std::int64_t firstSequence = 1;
    std::int64_t rows = 0;
    Bytes superseded;  // bit by bit, those of which a later version was stored; empty: none
    std::int64_t endSequence() const { return firstSequence + rows; }
};

struct Classified;  // classification.h

class Lanes {
public:
    // `secret` keys all stored hashes; it is made with the store and never changes.
    Lanes(const KeyedHash& secret, const Clock& clock, KeyIndexLimits keyLimits = {},
          BlockFilterLimits filterLimits = {})
        : secret_(secret), clock_(clock), keys_(keyLimits), filters_(filterLimits) {}

    const KeyedHash& secret() const { return secret_; }
    KeyIndex& keys() { return keys_; }
    BlockFilters& filters() { return filters_; }

    // Encodes and hashes; no transaction needed. `fingerprints` are columns::fingerprints() of what the sender sent.
    PreparedAppend prepare(LaneId lane, columns::Records records, std::vector<std::uint32_t> fingerprints) const;
    // `writer` names the client or worker in the entry, at most 64 characters.
    Result<Appended> append(Tx& tx, const PreparedAppend& prepared, std::string_view writer);

    // Keeps every other writer of the lane, on whichever node, waiting until this transaction ends. append() does so
    // too; call it before reading what an append depends on.
    Result<LaneHead> lock(Tx& tx, LaneId lane);
    // Locks the lane and lets its time go on: what is appended from here on is stored at `until` or later, whatever the
    // clock of the node that appends says.
    Result<void> passTime(Tx& tx, LaneId lane, Instant until);
    Result<LaneHead> head(Tx& tx, LaneId lane) const;
    // The first sequence that is kept; 1 in an empty lane.
    Result<std::int64_t> firstKept(Tx& tx, LaneId lane) const;
    // The sequence of the first record that was stored after `at`; the next one to come where none was.
    Result<std::int64_t> firstStoredAfter(Tx& tx, LaneId lane, Instant at) const;
    // Whether the record at that sequence is kept.
    Result<bool> isKept(Tx& tx, LaneId lane, std::int64_t sequence) const;
    // At most `maxRows` records from `sequence` on, from one block; empty at the lane's end. An error of kind `gone`
    // (code "cursor-expired") if the sequence is no longer kept.
    Result<LaneSlice> readFrom(Tx& tx, LaneId lane, std::int64_t sequence, std::size_t maxRows, PartSet parts) const;
    // Calls `use` block by block, in sequence order, with the rows that the request asks for.
    Result<void> scan(Tx& tx, LaneId lane, const ScanRequest& request,
                      const std::function<Result<void>(LaneSlice)>& use);
    // The same for readers of a few columns of the parts core and parties, that of time among them; of which rows the
    // request asks for, and the sequence of the block's first row, stand beside them. `use` is called once a block of
    // which there are any.
    struct ColumnScan {
        ScanRequest request;  // its parts do not matter
        columns::ColumnSet core, parties;
    };
    using UseColumns = std::function<Result<void>(const columns::Batch& core, const columns::Batch& parties,
                                                  std::span<const std::uint32_t> rows, std::int64_t firstSequence)>;
    Result<void> scanColumns(Tx& tx, LaneId lane, const ColumnScan& wanted, const UseColumns& use);
    // The stretches from `sequence` on whose records may lie in [from, to) of the lane's time column, at most `limit`,
    // in order of sequence. For readers of a few columns, which read them with readStretch().
    Result<std::vector<LaneStretch>> listStretches(Tx& tx, LaneId lane, Instant from, Instant to, std::int64_t sequence,
                                                   std::size_t limit) const;
    // The newest stored row of a key, or nothing.
    Result<std::optional<LaneSlice>> findByKey(Tx& tx, LaneId lane, ByteView key, PartSet parts);
    // Every stored version of a key, or only the one named: a row each, lowest version first.
    Result<std::vector<LaneSlice>> findVersions(Tx& tx, LaneId lane, ByteView key, PartSet parts,
                                                std::optional<std::int32_t> version = {});
    // The highest version that is stored of each record's key; 0 where none is. The lane must be locked.
    Result<std::vector<std::int32_t>> newestVersions(Tx& tx, LaneId lane, const columns::Records& records);
    // All lanes that hold records.
    Result<std::vector<LaneId>> list(Tx& tx) const;
    Result<std::vector<LaneTail>> tails(Tx& tx) const;

private:
    friend class LongAppend;
    // The blocks that a scan has to look into.
    Result<std::vector<BlockPlace>> blocksFor(Tx& tx, LaneId lane, const ScanRequest& request);
    Result<Classified> classify(Tx& tx, const PreparedAppend& prepared, std::span<const KeyRun> runs);
    Result<void> insertBlocks(Tx& tx, LaneId lane, std::int64_t firstSequence, Instant storedAt,
                              const std::vector<columns::Block>& blocks);
    Result<void> markSuperseded(Tx& tx, LaneId lane, std::vector<std::int64_t> sequences);
    // Chains an entry to the lane's head, and gives the new one.
    Result<LaneHead> insertEntry(Tx& tx, LaneId lane, const LaneHead& head, std::int64_t rows, Instant storedAt,
                                 std::string_view writer, const std::array<Sha256, columns::partCount>& contentHashes);
    Result<void> moveHead(Tx& tx, LaneId lane, const LaneHead& head);
    // Enters the keys of records that are stored from `firstSequence` on, all of which must be new or newer than what
    // is there.
    Result<void> enterKeys(Tx& tx, const PreparedAppend& keys, std::int64_t firstSequence);
    // The index's entries of these hashes, which must be sorted, by hash and then sequence, each with its check.
    Result<std::vector<KeyEntry>> findKeys(Tx& tx, LaneId lane, std::span<const KeyRun> runs,
                                           std::span<const std::uint64_t> hashes);
    Result<std::vector<KeyEntry>> versionsNewestFirst(Tx& tx, LaneId lane, ByteView key);

    KeyedHash secret_;
    const Clock& clock_;
    KeyIndex keys_;
    BlockFilters filters_;
};

// Appends more records than should be held at once, piece by piece inside one transaction; each piece becomes an entry.
// All of them must be of keys that the lane has no such version or later of, each key once: else finish() or add()
// fails, and with it the transaction. One thread at a time.
class LongAppend {
public:
    // Keeps every other writer of the lane waiting from the first add() on. `writer` as for Lanes::append().
    LongAppend(Lanes& lanes, Tx& tx, LaneId lane, std::string_view writer)
        : lanes_(lanes), tx_(tx), lane_(lane), writer_(writer), keys_{lane, columns::Records(lane.kind)} {}

    // `piece` is of that lane, as Lanes::prepare() made it.
    Result<void> add(const PreparedAppend& piece);
    Result<void> finish();
    std::int64_t stored() const { return stored_; }

private:
    Result<void> enterKeys();

    Lanes& lanes_;
    Tx& tx_;
    const LaneId lane_;
    const std::string writer_;
    std::optional<LaneHead> head_;
    std::int64_t stored_ = 0;
    // Of records whose keys are not entered yet, without what they say.
    PreparedAppend keys_;
    std::int64_t firstSequence_ = 0;
};

// What an append announces (Tx::announce), and back; nothing for another topic.
std::string topicOf(LaneId lane);
std::optional<LaneId> laneOfTopic(std::string_view topic);

// SHA-256 over everything an entry says, the previous entry's hash included.
struct EntryFacts {
    LaneId lane;
    std::int64_t firstSequence;
    std::int64_t rows;
    Instant storedAt;
    std::string_view writer;
    ByteView columnCounts;
    ByteView contentHashes;
    ByteView previousHash;
};
Sha256 entryHash(const EntryFacts& facts);

// A block's part as stored, checked against its checksum and decoded. Code "corrupt-data".
Result<columns::Batch> readPart(Tx& tx, LaneId lane, std::int64_t firstSequence, columns::Part part,
                                const columns::ColumnSet& wanted = {});
// The wanted columns of the parts `core` and `network` of the block that holds a stretch now; the stretch lies in it
// from row `firstRow` on. A part of which nothing is wanted is not read. Also in a later snapshot than the one that it
// was listed in.
struct StretchColumns {
    std::size_t firstRow = 0;
    columns::Batch core, network;  // columns that are not wanted have no rows
};
Result<StretchColumns> readStretch(Tx& tx, const LaneStretch& stretch, const columns::ColumnSet& core,
                                   const columns::ColumnSet& network);
// Some records of one block, by their rows, in that order.
Result<LaneSlice> readRows(Tx& tx, LaneId lane, std::int64_t firstSequence, std::span<const std::uint32_t> rows,
                           PartSet parts);
// All wanted parts of one block.
Result<columns::Records> readBlock(Tx& tx, LaneId lane, std::int64_t firstSequence, PartSet parts);

}  // namespace meetpoint::store
