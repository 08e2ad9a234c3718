#include "columns/content_hash.h"

#include <bit>

namespace meetpoint::columns {
namespace {

// Set by the exchange on the way in; the same record sent again must look the same whoever holds the number by then.
bool isStamped(std::string_view column) {
    for (const std::string_view stamped : {"tenantId", "reference", "holderKnown", "callRow"})
        if (column == stamped) return true;
    return false;
}

// One step of a multiply-and-fold mixer (the construction of wyhash): quick, and good enough to tell contents apart; it
// keeps no secret.
std::uint64_t mix(std::uint64_t state, std::uint64_t value) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(state ^ 0x9E3779B97F4A7C15ULL) * (value ^ 0xD6E8FEB86659FD93ULL);
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64) ^ std::rotl(state, 23);
}

std::uint64_t mixBytes(std::uint64_t state, ByteView bytes) {
    state = mix(state, bytes.size());
    std::size_t at = 0;
    for (; at + 8 <= bytes.size(); at += 8) {
        std::uint64_t word;
        std::memcpy(&word, bytes.data() + at, 8);
        state = mix(state, word);
    }
    if (at < bytes.size()) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data() + at, bytes.size() - at);
        state = mix(state, word);
    }
    return state;
}

// Folds each row's value into the state of the record that it belongs to.
// Absent values leave no trace, so that a column added later changes no fingerprint.
template <class RecordOf>
void foldColumn(const Column& column, std::uint64_t seed, RecordOf recordOf, std::vector<std::uint64_t>& states) {
    for (std::size_t row = 0; row < column.size(); ++row) {
        if (column.isNull(row)) continue;
        std::uint64_t& state = states[recordOf(row)];
        state = mixBytes(mix(state, seed), column.valueBytes(row));
    }
}

void addValidity(Sha256Builder& hash, const Column& column) {
    Bytes bits((column.size() + 7) / 8, 0);
    for (std::size_t row = 0; row < column.size(); ++row)
        if (!column.isNull(row)) bits[row >> 3] |= static_cast<std::uint8_t>(1u << (row & 7));
    hash.add(bits);
}

void addText(Sha256Builder& hash, const Column& column) {
    const auto offsets = column.offsets();
    std::vector<std::uint32_t> lengths(column.size());
    for (std::size_t row = 0; row < column.size(); ++row)
        lengths[row] = static_cast<std::uint32_t>(offsets[row + 1] - offsets[row]);
    hash.add({reinterpret_cast<const std::uint8_t*>(lengths.data()), lengths.size() * sizeof(std::uint32_t)});
    hash.add(column.values());
}

}  // namespace

Sha256 contentHash(const Batch& batch, std::size_t columnCount, std::int32_t rowShift) {
    Sha256Builder hash;
    hash.addU64(batch.rows());
    for (std::size_t i = 0; i < std::min(columnCount, batch.columnCount()); ++i) {
        const Column& column = batch[i];
        hash.add(viewOf(column.field().name));
        addValidity(hash, column);
        if (column.type() == ColumnType::utf8) {
            addText(hash, column);
        } else if (rowShift != 0 && column.field().name == "callRow") {
            std::vector<std::int32_t> rows;
            for (const std::int32_t row : column.as<std::int32_t>())
                rows.push_back(row - rowShift);
            hash.add({reinterpret_cast<const std::uint8_t*>(rows.data()), rows.size() * sizeof(std::int32_t)});
        } else {
            hash.add(column.values());
        }
    }
    return hash.finish();
}

std::vector<std::uint32_t> fingerprints(const Records& records) {
    std::vector<std::uint64_t> states(records.rows(), 0x6D65'6574'706F'696EULL);
    for (const Part part : {Part::core, Part::parties, Part::network, Part::internal}) {
        if (!records.has(part)) continue;
        const Batch& batch = records.part(part);
        const bool perStream = part == Part::network;
        const auto callRows =
            perStream ? batch[CallNetwork::callRow].as<std::int32_t>() : std::span<const std::int32_t>();
        for (std::size_t i = 0; i < batch.columnCount(); ++i) {
            if (isStamped(batch[i].field().name)) continue;
            const std::uint64_t seed = (static_cast<std::uint64_t>(part) << 32) + i + 1;
            if (perStream)
                foldColumn(
                    batch[i], seed, [&](std::size_t row) { return static_cast<std::size_t>(callRows[row]); }, states);
            else
                foldColumn(
                    batch[i], seed, [](std::size_t row) { return row; }, states);
        }
    }
    std::vector<std::uint32_t> out(states.size());
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = static_cast<std::uint32_t>(states[i] ^ states[i] >> 32);
    return out;
}

}  // namespace meetpoint::columns
