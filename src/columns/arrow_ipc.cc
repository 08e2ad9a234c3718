#include "columns/arrow_ipc.h"

#include "arrow_generated.h"
#include "columns/arrow_compress.h"

namespace meetpoint::columns {
namespace {

namespace fb = flatbuffers;

constexpr std::size_t alignment = 8;
constexpr std::size_t preambleBytes = 8;  // continuation marker and metadata length
constexpr std::uint32_t continuation = 0xffffffff;

std::size_t padded(std::size_t size) {
    return (size + alignment - 1) / alignment * alignment;
}

void put32(std::uint8_t* at, std::uint32_t value) {
    for (int i = 0; i < 4; ++i)
        at[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

std::uint32_t get32(const std::uint8_t* at) {
    return static_cast<std::uint32_t>(at[0]) | static_cast<std::uint32_t>(at[1]) << 8 |
           static_cast<std::uint32_t>(at[2]) << 16 | static_cast<std::uint32_t>(at[3]) << 24;
}

// Preamble and padded metadata; a body of `bodyBytes` may be appended.
Bytes encapsulate(const fb::FlatBufferBuilder& metadata, std::size_t bodyBytes) {
    const std::size_t metadataBytes = padded(metadata.GetSize());
    Bytes out;
    out.reserve(preambleBytes + metadataBytes + bodyBytes);
    out.resize(preambleBytes + metadataBytes, 0);
    put32(out.data(), continuation);
    put32(out.data() + 4, static_cast<std::uint32_t>(metadataBytes));
    std::memcpy(out.data() + preambleBytes, metadata.GetBufferPointer(), metadata.GetSize());
    return out;
}

std::size_t bufferCount(ColumnType type) {
    return type == ColumnType::utf8 ? 3 : 2;
}

template <class Table>
std::pair<arrow::Type, fb::Offset<void>> typed(arrow::Type type, fb::Offset<Table> table) {
    return {type, table.Union()};
}

std::pair<arrow::Type, fb::Offset<void>> arrowType(fb::FlatBufferBuilder& builder, ColumnType type) {
    switch (type) {
        case ColumnType::uint8:
            return typed(arrow::Type_Int, arrow::CreateInt(builder, 8, false));
        case ColumnType::int32:
            return typed(arrow::Type_Int, arrow::CreateInt(builder, 32, true));
        case ColumnType::int64:
            return typed(arrow::Type_Int, arrow::CreateInt(builder, 64, true));
        case ColumnType::uint64:
            return typed(arrow::Type_Int, arrow::CreateInt(builder, 64, false));
        case ColumnType::timestamp:
            return typed(arrow::Type_Timestamp,
                         arrow::CreateTimestamp(builder, arrow::TimeUnit_MILLISECOND, builder.CreateString("UTC")));
        case ColumnType::float32:
            return typed(arrow::Type_FloatingPoint, arrow::CreateFloatingPoint(builder, arrow::Precision_SINGLE));
        case ColumnType::fixed16:
            return typed(arrow::Type_FixedSizeBinary, arrow::CreateFixedSizeBinary(builder, 16));
        case ColumnType::utf8:
            break;
    }
    return typed(arrow::Type_Utf8, arrow::CreateUtf8(builder));
}

// What a stored column must look like before its bytes are looked at.
struct Shape {
    std::size_t rows;
    std::size_t validityBytes() const { return (rows + 7) / 8; }
};

Result<Buffer<std::uint8_t>> readBuffer(ByteView stored, Compression compression, std::size_t limit) {
    TRY_ASSIGN(const std::size_t size, uncompressedSize(stored, compression, limit));
    Buffer<std::uint8_t> out(size);
    TRY(decompressBuffer(stored, compression, out));
    return out;
}

Result<Buffer<std::int32_t>> readOffsets(ByteView stored, Compression compression, Shape shape) {
    const std::size_t wanted = (shape.rows + 1) * sizeof(std::int32_t);
    Buffer<std::int32_t> offsets(shape.rows + 1);
    if (shape.rows == 0 && stored.empty()) {
        offsets[0] = 0;
        return offsets;
    }
    TRY_ASSIGN(const std::size_t size, uncompressedSize(stored, compression, wanted));
    if (size != wanted) return fail(corrupt("a text column has offsets for another number of rows"));
    TRY(decompressBuffer(stored, compression, {reinterpret_cast<std::uint8_t*>(offsets.data()), wanted}));
    if (offsets[0] != 0) return fail(corrupt("a text column does not start at offset 0"));
    for (std::size_t i = 0; i < shape.rows; ++i)
        if (offsets[i + 1] < offsets[i]) return fail(corrupt("a text column has offsets that go back"));
    return offsets;
}

Result<Buffer<std::uint8_t>> readValidity(const EncodedColumn& encoded, Compression compression, Shape shape) {
    TRY_ASSIGN(auto validity, readBuffer(encoded.buffers[0], compression, shape.validityBytes()));
    if (!validity.empty() && validity.size() != shape.validityBytes())
        return fail(corrupt("a column has validity for another number of rows"));
    if (validity.empty() && encoded.nullCount != 0)
        return fail(corrupt("a column says that values are absent but not which"));
    if (!validity.empty() && (shape.rows & 7))
        validity.back() &= static_cast<std::uint8_t>((1u << (shape.rows & 7)) - 1);
    return validity;
}

Result<Column> readColumn(const EncodedColumn& encoded, Compression compression, Shape shape,
                          const ArrowLimits& limits) {
    const Field& field = *encoded.field;
    TRY_ASSIGN(auto validity, readValidity(encoded, compression, shape));
    if (field.type != ColumnType::utf8) {
        const std::size_t wanted = shape.rows * widthOf(field.type);
        TRY_ASSIGN(auto values, readBuffer(encoded.buffers[1], compression, wanted));
        if (values.size() != wanted) return fail(corrupt("a column has values for another number of rows"));
        return Column::adopt(field, shape.rows, std::move(values), {}, std::move(validity));
    }
    TRY_ASSIGN(auto offsets, readOffsets(encoded.buffers[1], compression, shape));
    TRY_ASSIGN(auto values, readBuffer(encoded.buffers[2], compression, limits.bufferBytes));
    if (static_cast<std::size_t>(offsets.back()) != values.size())
        return fail(corrupt("a text column has offsets that end elsewhere than its text"));
    return Column::adopt(field, shape.rows, std::move(values), std::move(offsets), std::move(validity));
}

// Which values are present, and zeros in their places.
Result<Column> readPresence(const EncodedColumn& encoded, Compression compression, Shape shape) {
    const Field& field = *encoded.field;
    TRY_ASSIGN(auto validity, readValidity(encoded, compression, shape));
    Buffer<std::uint8_t> values(shape.rows * widthOf(field.type));
    std::ranges::fill(values, std::uint8_t{0});
    Buffer<std::int32_t> offsets(field.type == ColumnType::utf8 ? shape.rows + 1 : 0);
    std::ranges::fill(offsets, 0);
    return Column::adopt(field, shape.rows, std::move(values), std::move(offsets), std::move(validity));
}

Column absentColumn(const Field& field, std::size_t rows) {
    Column column(field);
    column.padTo(rows);
    return column;
}

// The message's metadata, verified, and its body.
Result<std::pair<const arrow::RecordBatch*, ByteView>> openMessage(ByteView message) {
    if (message.size() < preambleBytes || get32(message.data()) != continuation)
        return fail(corrupt("the bytes do not start like an Arrow message"));
    const std::size_t metadataBytes = get32(message.data() + 4);
    if (metadataBytes > message.size() - preambleBytes || metadataBytes % alignment != 0)
        return fail(corrupt("an Arrow message's metadata is longer than the message"));
    const ByteView metadata = message.subspan(preambleBytes, metadataBytes);
    fb::Verifier verifier(metadata.data(), metadata.size());
    if (!arrow::VerifyMessageBuffer(verifier)) return fail(corrupt("an Arrow message's metadata is damaged"));
    const arrow::Message* root = arrow::GetMessage(metadata.data());
    const arrow::RecordBatch* batch = root->header_as_RecordBatch();
    if (batch == nullptr || batch->nodes() == nullptr || batch->buffers() == nullptr)
        return fail(corrupt("an Arrow message is no record batch"));
    const ByteView body = message.subspan(preambleBytes + metadataBytes);
    if (root->body_length() < 0 || static_cast<std::size_t>(root->body_length()) != body.size())
        return fail(corrupt("an Arrow message's body has another length than it says"));
    return std::pair{batch, body};
}

Result<Compression> compressionOf(const arrow::RecordBatch& batch) {
    if (batch.compression() == nullptr) return Compression::none;
    switch (batch.compression()->codec()) {
        case arrow::CompressionType_LZ4_FRAME:
            return Compression::lz4;
        case arrow::CompressionType_ZSTD:
            return Compression::zstd;
    }
    return fail(corrupt("an Arrow message uses an unknown compression"));
}

arrow::CompressionType codecOf(Compression compression) {
    return compression == Compression::lz4 ? arrow::CompressionType_LZ4_FRAME : arrow::CompressionType_ZSTD;
}

}  // namespace

Result<EncodedBatch> openBatch(const Schema& schema, ByteView message, const ArrowLimits& limits) {
    TRY_ASSIGN(const auto opened, openMessage(message));
    const auto& [metadata, body] = opened;
    EncodedBatch out;
    TRY_ASSIGN(out.compression, compressionOf(*metadata));
    out.rows = metadata->length();
    if (out.rows < 0 || static_cast<std::size_t>(out.rows) > limits.rows)
        return fail(corrupt("an Arrow message has more rows than any that is written here"));
    const auto& nodes = *metadata->nodes();
    const auto& buffers = *metadata->buffers();
    if (nodes.size() > schema.fields.size()) return fail(corrupt("an Arrow message has columns that its schema lacks"));
    std::uint32_t next = 0;
    for (std::uint32_t i = 0; i < nodes.size(); ++i) {
        EncodedColumn column{&schema.fields[i], nodes.Get(i)->null_count(), {}};
        if (nodes.Get(i)->length() != out.rows) return fail(corrupt("an Arrow message's columns differ in length"));
        if (column.nullCount < 0 || column.nullCount > out.rows)
            return fail(corrupt("an Arrow message's column has more absent values than rows"));
        for (std::size_t b = 0; b < bufferCount(column.field->type); ++b, ++next) {
            if (next >= buffers.size()) return fail(corrupt("an Arrow message lacks a buffer"));
            const std::int64_t offset = buffers.Get(next)->offset();
            const std::int64_t length = buffers.Get(next)->length();
            if (offset < 0 || length < 0 || static_cast<std::size_t>(offset) > body.size() ||
                static_cast<std::size_t>(length) > body.size() - static_cast<std::size_t>(offset))
                return fail(corrupt("an Arrow message's buffer lies outside its body"));
            column.buffers.push_back(body.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(length)));
        }
        out.columns.push_back(std::move(column));
    }
    return out;
}

namespace {

// The columns of a message, one for each of the schema; those that are not wanted as `unwanted` makes them.
template <class Unwanted>
Result<ColumnsOfBatch> decode(const Schema& schema, const EncodedBatch& encoded, const ColumnSet& columns,
                              const ArrowLimits& limits, Unwanted unwanted) {
    const Shape shape{static_cast<std::size_t>(encoded.rows)};
    std::vector<Column> out;
    out.reserve(schema.fields.size());
    for (std::size_t i = 0; i < schema.fields.size(); ++i) {
        const bool presence = columns.hasPresence(i);
        if (!columns.has(i) && !presence) {
            out.push_back(unwanted(schema.fields[i], shape.rows));
        } else if (i >= encoded.columns.size() || !encoded.columns[i].hasValues(encoded.rows)) {
            out.push_back(absentColumn(schema.fields[i], shape.rows));
        } else if (presence) {
            TRY_ASSIGN(Column column, readPresence(encoded.columns[i], encoded.compression, shape));
            out.push_back(std::move(column));
        } else {
            TRY_ASSIGN(Column column, readColumn(encoded.columns[i], encoded.compression, shape, limits));
            out.push_back(std::move(column));
        }
    }
    return ColumnsOfBatch{shape.rows, Batch::adopt(schema, std::move(out))};
}

}  // namespace

Result<Batch> decodeBatch(const Schema& schema, ByteView message, const ColumnSet& columns, const ArrowLimits& limits) {
    TRY_ASSIGN(const EncodedBatch encoded, openBatch(schema, message, limits));
    TRY_ASSIGN(auto decoded, decode(schema, encoded, columns, limits, absentColumn));
    return std::move(decoded.batch);
}

Result<ColumnsOfBatch> decodeColumns(const Schema& schema, ByteView message, const ColumnSet& columns,
                                     const ArrowLimits& limits) {
    TRY_ASSIGN(const EncodedBatch encoded, openBatch(schema, message, limits));
    return decodeColumns(schema, encoded, columns, limits);
}

Result<ColumnsOfBatch> decodeColumns(const Schema& schema, const EncodedBatch& encoded, const ColumnSet& columns,
                                     const ArrowLimits& limits) {
    return decode(schema, encoded, columns, limits, [](const Field& field, std::size_t) { return Column(field); });
}

void addColumn(EncodedBatch& batch, const Column& column) {
    EncodedColumn encoded{&column.field(), static_cast<std::int64_t>(column.nullCount()), {}};
    const auto keep = [&](ByteView raw) {
        Bytes stored;
        compressBuffer(raw, batch.compression, stored);
        batch.owned.push_back(std::move(stored));
        encoded.buffers.emplace_back(batch.owned.back());
    };
    keep(column.nullCount() == 0 ? ByteView() : column.validity());
    if (column.type() == ColumnType::utf8)
        keep({reinterpret_cast<const std::uint8_t*>(column.offsets().data()), column.offsets().size_bytes()});
    keep(column.values());
    batch.columns.push_back(std::move(encoded));
}

Bytes assembleBatch(const EncodedBatch& batch) {
    std::vector<arrow::FieldNode> nodes;
    std::vector<arrow::Buffer> buffers;
    std::size_t bodyBytes = 0;
    for (const EncodedColumn& column : batch.columns) {
        nodes.emplace_back(batch.rows, column.nullCount);
        for (const ByteView buffer : column.buffers) {
            buffers.emplace_back(static_cast<std::int64_t>(bodyBytes), static_cast<std::int64_t>(buffer.size()));
            bodyBytes += padded(buffer.size());
        }
    }
    fb::FlatBufferBuilder builder(1024 + nodes.size() * 64);
    const auto nodeVector = builder.CreateVectorOfStructs(nodes);
    const auto bufferVector = builder.CreateVectorOfStructs(buffers);
    fb::Offset<arrow::BodyCompression> compression;
    if (batch.compression != Compression::none)
        compression = arrow::CreateBodyCompression(builder, codecOf(batch.compression));
    const auto header = arrow::CreateRecordBatch(builder, batch.rows, nodeVector, bufferVector, compression);
    builder.Finish(arrow::CreateMessage(builder, arrow::MetadataVersion_V5, arrow::MessageHeader_RecordBatch,
                                        header.Union(), static_cast<std::int64_t>(bodyBytes)));
    Bytes out = encapsulate(builder, bodyBytes);
    for (const EncodedColumn& column : batch.columns) {
        for (const ByteView buffer : column.buffers) {
            out.insert(out.end(), buffer.begin(), buffer.end());
            out.resize(out.size() + padded(buffer.size()) - buffer.size(), 0);
        }
    }
    return out;
}

namespace {

// How many columns there are up to the last one with a value; the first always counts.
std::size_t columnsWithValues(const Batch& batch) {
    std::size_t count = batch.columnCount();
    while (count > 1 && batch[count - 1].nullCount() == batch.rows())
        --count;
    return count;
}

}  // namespace

Bytes encodeBatch(const Batch& batch, Compression compression) {
    EncodedBatch encoded;
    encoded.rows = static_cast<std::int64_t>(batch.rows());
    encoded.compression = compression;
    // Views point into `owned`: it must not move while columns are added.
    encoded.owned.reserve(batch.columnCount() * 3);
    for (std::size_t i = 0; i < columnsWithValues(batch); ++i)
        addColumn(encoded, batch[i]);
    return assembleBatch(encoded);
}

Bytes encodeSchema(std::string_view name, int number, std::span<const Field* const> fields,
                   const std::vector<std::pair<std::string, std::string>>& metadata) {
    fb::FlatBufferBuilder builder(4096);
    const auto pair = [&](std::string_view key, std::string_view value) {
        const auto keyText = builder.CreateString(key.data(), key.size());
        const auto valueText = builder.CreateString(value.data(), value.size());
        return arrow::CreateKeyValue(builder, keyText, valueText);
    };
    std::vector<fb::Offset<arrow::Field>> arrowFields;
    for (const Field* field : fields) {
        const auto fieldName = builder.CreateString(field->name.data(), field->name.size());
        const auto [type, table] = arrowType(builder, field->type);
        fb::Offset<fb::Vector<fb::Offset<arrow::KeyValue>>> meanings;
        if (!field->meanings.empty()) {
            const auto meaning = pair("meanings", field->meanings);
            meanings = builder.CreateVector(&meaning, 1);
        }
        const auto children = builder.CreateVector(std::vector<fb::Offset<arrow::Field>>());
        arrowFields.push_back(
            arrow::CreateField(builder, fieldName, field->nullable, type, table, 0, children, meanings));
    }
    std::vector<fb::Offset<arrow::KeyValue>> pairs{pair("schema", name), pair("schemaNumber", std::to_string(number))};
    for (const auto& [key, value] : metadata)
        pairs.push_back(pair(key, value));
    const auto schema = arrow::CreateSchema(builder, arrow::Endianness_Little, builder.CreateVector(arrowFields),
                                            builder.CreateVector(pairs));
    builder.Finish(
        arrow::CreateMessage(builder, arrow::MetadataVersion_V5, arrow::MessageHeader_Schema, schema.Union(), 0));
    return encapsulate(builder, 0);
}

Bytes endOfStream() {
    Bytes out(preambleBytes, 0);
    put32(out.data(), continuation);
    return out;
}

}  // namespace meetpoint::columns
