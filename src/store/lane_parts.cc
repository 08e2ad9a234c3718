#include "store/lane_parts.h"

#include <fmt/format.h>
#include <zlib.h>

#include "store/lanes.h"

namespace meetpoint::store {

std::int64_t checksumOf(ByteView bytes) {
    return static_cast<std::int64_t>(crc32_z(0, bytes.data(), bytes.size()));
}

std::string partTable(columns::Part part) {
    return "part_" + std::string(columns::name(part));
}

Result<columns::Batch> readPart(Tx& tx, LaneId lane, std::int64_t firstSequence, columns::Part part,
                                const columns::ColumnSet& wanted) {
    const columns::Schema& schema = *columns::schemaOf(lane.kind).parts[static_cast<std::size_t>(part)];
    Result<columns::Batch> batch =
        fail(corrupt(fmt::format("block {} of lane {}/{} lacks its part {}", firstSequence, lane.shardKey,
                                 columns::name(lane.kind), columns::name(part))));
    TRY(tx.query(
        "SELECT checksum, data FROM " + partTable(part) + " WHERE shard_key = $1 AND kind = $2 AND first_sequence = $3",
        {lane.shardKey, lane.kindNumber(), firstSequence}, [&](const Row& row) {
            if (row.integer(0) != checksumOf(row.bytes(1)))
                batch = fail(
                    corrupt(fmt::format("part {} of block {} of lane {}/{} does not match its checksum",
                                        columns::name(part), firstSequence, lane.shardKey, columns::name(lane.kind))));
            else
                batch = columns::decodeBatch(schema, row.bytes(1), wanted);
        }));
    return batch;
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
