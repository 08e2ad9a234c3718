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

// A value of `size` bytes: its size, then its bytes as words, the last one filled up with zeros.
std::uint64_t mixBytes(std::uint64_t state, const std::uint8_t* bytes, std::size_t size) {
    state = mix(state, size);
    std::size_t at = 0;
    for (; at + 8 <= size; at += 8) {
        std::uint64_t word;
        std::memcpy(&word, bytes + at, 8);
        state = mix(state, word);
    }
    if (at < size) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes + at, size - at);
        state = mix(state, word);
    }
    return state;
}

// Folds each present value into the state of the record that it belongs to. Absent values leave no trace, so that a
// column added later changes no fingerprint. `width` is that of the column, known when compiled; 0 for texts.
template <std::size_t width, class RecordOf>
void foldValues(const Column& column, std::uint64_t seed, RecordOf recordOf, std::vector<std::uint64_t>& states) {
    const std::uint8_t* values = column.values().data();
    const auto offsets = column.offsets();
    for (std::size_t row = 0; row < column.size(); ++row) {
        if (column.isNull(row)) continue;
        std::uint64_t& state = states[recordOf(row)];
        if constexpr (width > 0)
            state = mixBytes(mix(state, seed), values + row * width, width);
        else
            state = mixBytes(mix(state, seed), values + offsets[row],
                             static_cast<std::size_t>(offsets[row + 1] - offsets[row]));
    }
}

template <class RecordOf>
void foldColumn(const Column& column, std::uint64_t seed, RecordOf recordOf, std::vector<std::uint64_t>& states) {
    if (column.nullCount() == column.size()) return;
    switch (widthOf(column.type())) {
        case 0:
            return foldValues<0>(column, seed, recordOf, states);
        case 1:
            return foldValues<1>(column, seed, recordOf, states);
        case 4:
            return foldValues<4>(column, seed, recordOf, states);
        case 8:
            return foldValues<8>(column, seed, recordOf, states);
        default:
            return foldValues<16>(column, seed, recordOf, states);
    }
}

void addValidity(Sha256Builder& hash, const Column& column) {
    if (!column.validity().empty()) return hash.add(column.validity());
    Bytes bits((column.size() + 7) / 8, 0xff);
    if (column.size() % 8 != 0) bits.back() = static_cast<std::uint8_t>((1u << (column.size() & 7)) - 1);
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

Sha256 contentHash(const Batch& batch, std::size_t columnCount, HashRule rule) {
    constexpr std::uint8_t isEmpty = 0, isFilled = 1;
    Sha256Builder hash;
    hash.addU64(batch.rows());
    for (std::size_t i = 0; i < std::min(columnCount, batch.columnCount()); ++i) {
        const Column& column = batch[i];
        hash.add(viewOf(column.field().name));
        if (rule == HashRule::filledColumns) {
            const bool empty = column.nullCount() == column.size();
            hash.add({empty ? &isEmpty : &isFilled, 1});
            if (empty) continue;
        }
        addValidity(hash, column);
        if (column.type() == ColumnType::utf8)
            addText(hash, column);
        else
            hash.add(column.values());
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
