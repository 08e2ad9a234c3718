#include "columns/block.h"

#include "columns/content_hash.h"
#include "columns/key_filter.h"
#include "columns/number_rows.h"

namespace meetpoint::columns {
namespace {

constexpr char numberTag = 'n';
constexpr char signallingTag = 's';
constexpr char checkTag = 'k';

std::uint64_t taggedHash(char tag, ByteView bytes, const KeyedHash& secret) {
    std::array<std::uint8_t, 256> room;
    if (bytes.size() + 1 > room.size()) return secret(sha256(bytes));
    room[0] = static_cast<std::uint8_t>(tag);
    std::memcpy(room.data() + 1, bytes.data(), bytes.size());
    return secret(ByteView(room.data(), bytes.size() + 1));
}

// The columns by whose values blocks are found: first that of the own number, whose rows are told; the values of the
// others are in the filter.
struct Filtered {
    Part part;
    std::string_view column;
};
std::span<const Filtered> filteredColumns(LaneKind kind) {
    static constexpr Filtered calls[] = {{Part::core, "ownNumber"},
                                         {Part::parties, "farEndNumber"},
                                         {Part::parties, "sipCallId"},
                                         {Part::core, "correlationId"}};
    static constexpr Filtered durations[] = {{Part::core, "ownNumber"},
                                             {Part::parties, "farEndNumber"},
                                             {Part::parties, "sipCallId"},
                                             {Part::parties, "callId"}};
    static constexpr Filtered assignments[] = {{Part::core, "number"}};
    static constexpr Filtered items[] = {{Part::core, "ownNumber"}};
    switch (kind) {
        case LaneKind::calls:
            return calls;
        case LaneKind::durations:
            return durations;
        case LaneKind::assignments:
            return assignments;
        case LaneKind::items:
            return items;
    }
    return {};
}

// Calls `use` with the hash of each value in a column, and its row.
template <class Use>
void eachHash(const Records& records, const Filtered& filtered, const KeyedHash& secret, Use use) {
    const Batch& batch = records.part(filtered.part);
    const Column& column = batch[batch.schema().find(filtered.column)];
    for (std::size_t row = 0; row < column.size(); ++row) {
        if (column.isNull(row)) continue;
        use(column.type() == ColumnType::uint64 ? numberHash(column.at<std::uint64_t>(row), secret)
                                                : signallingIdHash(column.text(row), secret),
            row);
    }
}

std::vector<NumberRows::Row> ownNumberRows(const Records& records, const KeyedHash& secret) {
    const auto times = records.part(Part::core)[schemaOf(records.kind()).time].as<std::int64_t>();
    std::vector<NumberRows::Row> rows;
    rows.reserve(times.size());
    eachHash(records, filteredColumns(records.kind()).front(), secret, [&](std::uint64_t hash, std::size_t row) {
        rows.push_back({hash, static_cast<std::uint32_t>(row), {times[row]}});
    });
    return rows;
}

Bytes makeFilter(const Records& records, const KeyedHash& secret) {
    std::vector<std::uint64_t> hashes;
    for (const Filtered& filtered : filteredColumns(records.kind()).subspan(1))
        eachHash(records, filtered, secret, [&](std::uint64_t hash, std::size_t) { hashes.push_back(hash); });
    // The versions of a record mostly have the same values.
    std::ranges::sort(hashes);
    hashes.erase(std::ranges::unique(hashes).begin(), hashes.end());
    KeyFilter filter(hashes.size(), filterBitsPerValue);
    for (const std::uint64_t hash : hashes)
        filter.add(hash);
    return Bytes(filter.bytes().begin(), filter.bytes().end());
}

void addTotals(const Records& records, Block& block) {
    const Batch& core = records.part(Part::core);
    const auto times = core[schemaOf(records.kind()).time].as<std::int64_t>();
    if (times.empty()) return;
    const auto [low, high] = std::ranges::minmax(times);
    block.minTime = {low};
    block.maxTime = {high};
    block.calendar = calendarOf(times);
    const int duration = core.schema().find("durationMs");
    if (duration < 0) return;
    for (const std::int64_t ms : core[duration].as<std::int64_t>()) {
        block.answered += ms > 0;
        block.durationMs += ms;
    }
}

}  // namespace

std::uint64_t numberHash(std::uint64_t e164, const KeyedHash& secret) {
    return taggedHash(numberTag, {reinterpret_cast<const std::uint8_t*>(&e164), sizeof e164}, secret);
}

std::uint64_t signallingIdHash(std::string_view id, const KeyedHash& secret) {
    return taggedHash(signallingTag, viewOf(id), secret);
}

Bytes ownNumbersOf(const Records& records, const KeyedHash& secret) {
    return NumberRows::encode(ownNumberRows(records, secret));
}

ByteView keyBytes(const Records& records, std::size_t row) {
    return records.part(Part::core)[schemaOf(records.kind()).key].valueBytes(row);
}

std::uint64_t keyHash(const Records& records, std::size_t row, const KeyedHash& secret) {
    return secret(keyBytes(records, row));
}

std::uint32_t keyCheck(ByteView key, const KeyedHash& secret) {
    const auto check = static_cast<std::uint32_t>(taggedHash(checkTag, key, secret) >> 40);
    return check == 0 ? 1 : check;
}

std::int32_t versionOf(const Records& records, std::size_t row) {
    const int column = schemaOf(records.kind()).version;
    return column < 0 ? 1 : records.part(Part::core)[column].at<std::int32_t>(row);
}

std::array<Sha256, partCount> contentHashes(const Records& records) {
    std::array<Sha256, partCount> hashes{};
    for (std::size_t i = 0; i < partCount; ++i) {
        const auto part = static_cast<Part>(i);
        if (records.has(part)) hashes[i] = contentHash(records.part(part), records.part(part).columnCount());
    }
    return hashes;
}

Block encodeBlock(const Records& records, Compression compression, const KeyedHash& secret) {
    Block block;
    block.rows = records.rows();
    addTotals(records, block);
    for (std::size_t i = 0; i < partCount; ++i) {
        const auto part = static_cast<Part>(i);
        if (records.has(part)) block.parts[i] = encodeBatch(records.part(part), compression);
    }
    block.filter = makeFilter(records, secret);
    block.ownNumbers = ownNumbersOf(records, secret);
    return block;
}

}  // namespace meetpoint::columns
