#include "store/lane_parts.h"

#include <fmt/format.h>
#include <libdeflate.h>

#include "store/lanes.h"

namespace meetpoint::store {

std::int64_t checksumOf(ByteView bytes) {
    return static_cast<std::int64_t>(libdeflate_crc32(0, bytes.data(), bytes.size()));
}

bool PartSet::has(columns::Part part) const {
    const bool wanted[] = {core, parties, network, internal};
    return wanted[static_cast<std::size_t>(part)];
}

std::string partTable(columns::Part part) {
    return "part_" + std::string(columns::name(part));
}

Result<bool> withPart(Tx& tx, LaneId lane, std::int64_t firstSequence, columns::Part part,
                      const std::function<Result<void>(ByteView)>& use) {
    bool isIntact = true, isThere = false;
    Result<void> used;
    TRY(tx.query(
        "SELECT checksum, data FROM " + partTable(part) + " WHERE shard_key = $1 AND kind = $2 AND first_sequence = $3",
        {lane.shardKey, lane.kindNumber(), firstSequence}, [&](const Row& row) {
            isThere = true;
            isIntact = row.integer(0) == checksumOf(row.bytes(1));
            if (isIntact) used = use(row.bytes(1));
        }));
    TRY(used);
    if (isIntact) return isThere;
    return fail(corrupt(fmt::format("part {} of block {} of lane {}/{} does not match its checksum",
                                    columns::name(part), firstSequence, lane.shardKey, columns::name(lane.kind))));
}

namespace {

Error partMissing(LaneId lane, std::int64_t firstSequence, columns::Part part) {
    return corrupt(fmt::format("block {} of lane {}/{} lacks its part {}", firstSequence, lane.shardKey,
                               columns::name(lane.kind), columns::name(part)));
}

const columns::Schema& schemaOf(LaneId lane, columns::Part part) {
    return *columns::schemaOf(lane.kind).parts[static_cast<std::size_t>(part)];
}

}  // namespace

Result<columns::Batch> readPart(Tx& tx, LaneId lane, std::int64_t firstSequence, columns::Part part,
                                const columns::ColumnSet& wanted) {
    std::optional<columns::Batch> batch;
    TRY(withPart(tx, lane, firstSequence, part, [&](ByteView data) -> Result<void> {
        TRY_ASSIGN(batch, columns::decodeBatch(schemaOf(lane, part), data, wanted));
        return {};
    }));
    if (!batch) return fail(partMissing(lane, firstSequence, part));
    return std::move(*batch);
}

Result<std::optional<columns::ColumnsOfBatch>> findColumns(Tx& tx, LaneId lane, std::int64_t firstSequence,
                                                           columns::Part part, const columns::ColumnSet& wanted) {
    std::optional<columns::ColumnsOfBatch> found;
    TRY(withPart(tx, lane, firstSequence, part, [&](ByteView data) -> Result<void> {
        TRY_ASSIGN(found, columns::decodeColumns(schemaOf(lane, part), data, wanted));
        return {};
    }));
    return found;
}

namespace {

// The rows of a part; of the streams those of the named calls.
Result<columns::Batch> rowsOfPart(LaneId lane, columns::Part part, ByteView data, std::span<const std::uint32_t> rows) {
    const columns::Schema& schema = schemaOf(lane, part);
    if (part != columns::Part::network) return columns::decodeRows(schema, data, rows);
    constexpr auto callRow = static_cast<std::size_t>(columns::CallNetwork::callRow);
    columns::ColumnSet calls;
    calls.wanted.resize(callRow + 1, false);
    calls.wanted[callRow] = true;
    TRY_ASSIGN(const auto streams, columns::decodeColumns(schema, data, calls));
    const auto chosen = columns::streamsOf(streams.batch[callRow].as<std::int32_t>(), rows);
    TRY_ASSIGN(auto network, columns::decodeRows(schema, data, chosen.streams));
    columns::numberCalls(chosen, network);
    return network;
}

}  // namespace

Result<columns::Records> readBlockRows(Tx& tx, LaneId lane, std::int64_t firstSequence,
                                       std::span<const std::uint32_t> rows, PartSet parts) {
    std::array<std::optional<columns::Batch>, columns::partCount> batches;
    for (std::size_t i = 0; i < columns::partCount; ++i) {
        const auto part = static_cast<columns::Part>(i);
        if (!columns::schemaOf(lane.kind).parts[i] || !parts.has(part)) continue;
        TRY(withPart(tx, lane, firstSequence, part, [&](ByteView data) -> Result<void> {
            TRY_ASSIGN(batches[i], rowsOfPart(lane, part, data, rows));
            return {};
        }));
        if (!batches[i]) return fail(partMissing(lane, firstSequence, part));
    }
    return columns::adoptParts(lane.kind, std::move(batches));
}

Result<columns::Records> readBlock(Tx& tx, LaneId lane, std::int64_t firstSequence, PartSet parts) {
    std::array<std::optional<columns::Batch>, columns::partCount> batches;
    for (std::size_t i = 0; i < columns::partCount; ++i) {
        const auto part = static_cast<columns::Part>(i);
        if (!columns::schemaOf(lane.kind).parts[i] || !parts.has(part)) continue;
        TRY_ASSIGN(batches[i], readPart(tx, lane, firstSequence, part));
    }
    return columns::adoptParts(lane.kind, std::move(batches));
}

Result<void> insertParts(Tx& tx, LaneId lane, const std::vector<PlacedBlock>& blocks) {
    for (std::size_t i = 0; i < columns::partCount; ++i) {
        if (!columns::schemaOf(lane.kind).parts[i]) continue;
        const std::string table = partTable(static_cast<columns::Part>(i));
        RowBatch batch{table, {"shard_key", "kind", "first_sequence", "day", "checksum", "data"}, {}};
        for (const PlacedBlock& placed : blocks) {
            const Bytes& data = placed.block->parts[i];
            batch.rows.push_back(
                {lane.shardKey, lane.kindNumber(), placed.firstSequence, placed.day.number, checksumOf(data), data});
        }
        TRY(tx.copyIn(batch));
    }
    return {};
}

}  // namespace meetpoint::store
