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

namespace {

// Gives `use` the part's bytes, if there are any; they match their checksum.
Result<void> withPart(Tx& tx, LaneId lane, std::int64_t firstSequence, columns::Part part,
                      const std::function<void(ByteView)>& use) {
    bool isIntact = true;
    TRY(tx.query(
        "SELECT checksum, data FROM " + partTable(part) + " WHERE shard_key = $1 AND kind = $2 AND first_sequence = $3",
        {lane.shardKey, lane.kindNumber(), firstSequence}, [&](const Row& row) {
            isIntact = row.integer(0) == checksumOf(row.bytes(1));
            if (isIntact) use(row.bytes(1));
        }));
    if (isIntact) return {};
    return fail(corrupt(fmt::format("part {} of block {} of lane {}/{} does not match its checksum",
                                    columns::name(part), firstSequence, lane.shardKey, columns::name(lane.kind))));
}

const columns::Schema& schemaOf(LaneId lane, columns::Part part) {
    return *columns::schemaOf(lane.kind).parts[static_cast<std::size_t>(part)];
}

}  // namespace

Result<columns::Batch> readPart(Tx& tx, LaneId lane, std::int64_t firstSequence, columns::Part part,
                                const columns::ColumnSet& wanted) {
    Result<columns::Batch> batch =
        fail(corrupt(fmt::format("block {} of lane {}/{} lacks its part {}", firstSequence, lane.shardKey,
                                 columns::name(lane.kind), columns::name(part))));
    TRY(withPart(tx, lane, firstSequence, part,
                 [&](ByteView data) { batch = columns::decodeBatch(schemaOf(lane, part), data, wanted); }));
    return batch;
}

Result<std::optional<columns::ColumnsOfBatch>> findColumns(Tx& tx, LaneId lane, std::int64_t firstSequence,
                                                           columns::Part part, const columns::ColumnSet& wanted) {
    std::optional<Result<columns::ColumnsOfBatch>> found;
    TRY(withPart(tx, lane, firstSequence, part,
                 [&](ByteView data) { found = columns::decodeColumns(schemaOf(lane, part), data, wanted); }));
    if (!found) return std::nullopt;
    if (!*found) return fail(std::move(*found).error());
    return std::optional(std::move(**found));
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
