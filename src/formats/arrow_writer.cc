#include "formats/arrow_writer.h"

#include <algorithm>

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
constexpr Field carrierField{"carrierId", ColumnType::fixed16};

std::vector<Part> partsOf(const ArrowShape& shape) {
    if (shape.table == ArrowTable::streams) return {Part::network};
    std::vector<Part> parts{Part::core};
    const auto& schemas = columns::schemaOf(shape.kind).parts;
    if (shape.withParties && schemas[static_cast<std::size_t>(Part::parties)]) parts.push_back(Part::parties);
    if (shape.withInternal && schemas[static_cast<std::size_t>(Part::internal)]) parts.push_back(Part::internal);
    return parts;
}

// What ties a stream to its call on the wire is the call's sequence, not its row in a block.
bool isWanted(const ArrowShape& shape, const Field& field) {
    if (field.name == "callRow") return false;
    return shape.columns.empty() || std::ranges::find(shape.columns, field.name) != shape.columns.end();
}

// What stands beside a record, not in it.
Column columnBeside(const ArrowShape& shape, const ArrowSlice& slice, const Field& field) {
    const Batch& first = slice.records->part(partsOf(shape).front());
    Column column(field);
    for (std::size_t row = 0; row < first.rows(); ++row) {
        const auto record = shape.table == ArrowTable::streams
                                ? static_cast<std::size_t>(first[CallNetwork::callRow].at<std::int32_t>(row))
                                : row;
        if (&field == &sequenceField)
            column.append<std::int64_t>(slice.sequences[record]);
        else if (&field == &storedAtField)
            column.append(slice.storedAt[record]);
        else if (slice.carriers[record])
            column.append(*slice.carriers[record]);
        else
            column.appendNull();
    }
    return column;
}

std::vector<const Field*> fieldsBeside(const ArrowShape& shape) {
    std::vector<const Field*> fields{&sequenceField, &storedAtField};
    if (shape.withCarrier) fields.push_back(&carrierField);
    std::erase_if(fields, [&](const Field* field) { return !isWanted(shape, *field); });
    return fields;
}

}  // namespace

std::vector<const Field*> arrowFields(const ArrowShape& shape) {
    std::vector<const Field*> fields = fieldsBeside(shape);
    for (const Part part : partsOf(shape))
        for (const Field& field : columns::schemaOf(shape.kind).parts[static_cast<std::size_t>(part)]->fields)
            if (isWanted(shape, field)) fields.push_back(&field);
    return fields;
}

Bytes arrowHead(const ArrowShape& shape, const ArrowMetadata& metadata) {
    const std::string name =
        std::string(columns::name(shape.kind)) + (shape.table == ArrowTable::streams ? ".streams" : "");
    return columns::encodeSchema(name, columns::schemaOf(shape.kind).parts[0]->number, arrowFields(shape), metadata);
}

Bytes arrowBatch(const ArrowShape& shape, const ArrowSlice& slice) {
    const auto parts = partsOf(shape);
    EncodedBatch encoded;
    encoded.rows = static_cast<std::int64_t>(slice.records->part(parts.front()).rows());
    encoded.compression = columns::Compression::lz4;
    encoded.owned.reserve(arrowFields(shape).size() * 3);
    for (const Field* field : fieldsBeside(shape))
        columns::addColumn(encoded, columnBeside(shape, slice, *field));
    for (const Part part : parts) {
        const Batch& batch = slice.records->part(part);
        for (std::size_t i = 0; i < batch.columnCount(); ++i)
            if (isWanted(shape, batch[i].field())) columns::addColumn(encoded, batch[i]);
    }
    return columns::assembleBatch(encoded);
}

Bytes arrowStream(const ArrowShape& shape, std::span<const ArrowSlice> slices, const ArrowMetadata& metadata) {
    Bytes out = arrowHead(shape, metadata);
    const auto append = [&](const Bytes& bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); };
    for (const ArrowSlice& slice : slices)
        append(arrowBatch(shape, slice));
    append(columns::endOfStream());
    return out;
}

}  // namespace meetpoint::formats
