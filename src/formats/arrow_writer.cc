#include "formats/arrow_writer.h"

#include "columns/arrow_ipc.h"

namespace meetpoint::formats {
namespace {

using columns::Batch;
using columns::CallNetwork;
using columns::Column;
using columns::ColumnType;
using columns::EncodedBatch;
using columns::Field;
using columns::Part;

constexpr Field sequenceField{"sequence", ColumnType::int64, false};
constexpr Field storedAtField{"storedAt", ColumnType::timestamp, false};

std::vector<Part> partsOf(columns::LaneKind kind, ArrowTable table, bool withInternal) {
    if (table == ArrowTable::streams) return {Part::network};
    std::vector<Part> parts{Part::core};
    const auto& schemas = columns::schemaOf(kind).parts;
    if (schemas[static_cast<std::size_t>(Part::parties)]) parts.push_back(Part::parties);
    if (withInternal && schemas[static_cast<std::size_t>(Part::internal)]) parts.push_back(Part::internal);
    return parts;
}

// What ties a stream to its call on the wire is the call's sequence, not its row in a block.
bool isLeftOut(const Field& field) {
    return field.name == "callRow";
}

std::vector<const Field*> fieldsOf(columns::LaneKind kind, const std::vector<Part>& parts) {
    std::vector<const Field*> fields{&sequenceField, &storedAtField};
    for (const Part part : parts)
        for (const Field& field : columns::schemaOf(kind).parts[static_cast<std::size_t>(part)]->fields)
            if (!isLeftOut(field)) fields.push_back(&field);
    return fields;
}

Bytes batchOf(const ArrowSlice& slice, ArrowTable table, const std::vector<Part>& parts, std::size_t fieldCount) {
    const Batch& first = slice.records->part(parts.front());
    EncodedBatch encoded;
    encoded.rows = static_cast<std::int64_t>(first.rows());
    encoded.compression = columns::Compression::lz4;
    encoded.owned.reserve(fieldCount * 3);
    Column sequence(sequenceField), storedAt(storedAtField);
    for (std::size_t row = 0; row < first.rows(); ++row) {
        const auto record = table == ArrowTable::streams
                                ? static_cast<std::size_t>(first[CallNetwork::callRow].at<std::int32_t>(row))
                                : row;
        sequence.append<std::int64_t>(slice.sequences[record]);
        storedAt.append(slice.storedAt[record]);
    }
    columns::addColumn(encoded, sequence);
    columns::addColumn(encoded, storedAt);
    for (const Part part : parts) {
        const Batch& batch = slice.records->part(part);
        for (std::size_t i = 0; i < batch.columnCount(); ++i)
            if (!isLeftOut(batch[i].field())) columns::addColumn(encoded, batch[i]);
    }
    return columns::assembleBatch(encoded);
}

}  // namespace

Bytes arrowStream(columns::LaneKind kind, ArrowTable table, std::span<const ArrowSlice> slices, bool withInternal,
                  const std::vector<std::pair<std::string, std::string>>& metadata) {
    const auto parts = partsOf(kind, table, withInternal);
    const auto fields = fieldsOf(kind, parts);
    const std::string name = std::string(columns::name(kind)) + (table == ArrowTable::streams ? ".streams" : "");
    Bytes out = columns::encodeSchema(name, columns::schemaOf(kind).parts[0]->number, fields, metadata);
    const auto append = [&](const Bytes& bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); };
    for (const ArrowSlice& slice : slices)
        append(batchOf(slice, table, parts, fields.size()));
    append(columns::endOfStream());
    return out;
}

}  // namespace meetpoint::formats
