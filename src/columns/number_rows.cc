#include "columns/number_rows.h"

#include <algorithm>
#include <array>

namespace meetpoint::columns {
namespace {

constexpr std::size_t headBytes = 2 * sizeof(std::int64_t);
constexpr std::size_t rowBytes = 2 * sizeof(std::uint16_t) + sizeof(std::uint8_t);
constexpr std::int64_t steps = 256;
// Times beyond this, some 36,000 years from 1970, are not told apart; so no sum of them overflows.
constexpr std::int64_t furthestMs = std::int64_t{1} << 50;

std::uint16_t upperBits(std::uint64_t hash) {
    return static_cast<std::uint16_t>(hash >> 48);
}

// Numbers are stored with their lowest byte first.
template <class T>
void put(T value, Bytes& out) {
    for (std::size_t i = 0; i < sizeof(T); ++i)
        out.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * i)));
}

template <class T>
T take(ByteView& bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
        value |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
    bytes = bytes.subspan(sizeof(T));
    return static_cast<T>(value);
}

// By the upper bits, a byte at a time; rows of the same stay in their order.
void sortByHash(std::vector<NumberRows::Row>& rows) {
    std::vector<NumberRows::Row> sorted(rows.size());
    for (const int shift : {48, 56}) {
        const auto byteOf = [shift](const NumberRows::Row& row) { return row.hash >> shift & 0xff; };
        std::array<std::size_t, 257> next{};
        for (const NumberRows::Row& row : rows)
            ++next[byteOf(row) + 1];
        for (std::size_t byte = 1; byte < next.size(); ++byte)
            next[byte] += next[byte - 1];
        for (const NumberRows::Row& row : rows)
            sorted[next[byteOf(row)]++] = row;
        rows.swap(sorted);
    }
}

template <class T>
std::vector<T> takeMany(ByteView& bytes, std::size_t count) {
    std::vector<T> values(count);
    for (T& value : values)
        value = take<T>(bytes);
    return values;
}

}  // namespace

Bytes NumberRows::encode(std::vector<Row> rows) {
    sortByHash(rows);
    std::int64_t first = 0, last = 0;
    if (!rows.empty()) {
        const auto [low, high] = std::ranges::minmax_element(rows, {}, &Row::at);
        first = low->at.ms;
        last = high->at.ms;
    }
    if (first < -furthestMs || last > furthestMs) return {};
    const std::int64_t step = (last - first) / steps + 1;
    Bytes out;
    out.reserve(headBytes + rows.size() * rowBytes);
    put(first, out);
    put(step, out);
    for (const Row& row : rows)
        put(upperBits(row.hash), out);
    for (const Row& row : rows)
        put(static_cast<std::uint16_t>(row.row), out);
    for (const Row& row : rows)
        put(static_cast<std::uint8_t>((row.at.ms - first) / step), out);
    return out;
}

Result<NumberRows> NumberRows::fromBytes(ByteView bytes, std::size_t blockRows) {
    if (bytes.size() < headBytes || (bytes.size() - headBytes) % rowBytes != 0)
        return fail(corrupt("an index of own numbers has an impossible length"));
    const std::size_t count = (bytes.size() - headBytes) / rowBytes;
    NumberRows out;
    out.isKnown_ = true;
    out.firstMs_ = take<std::int64_t>(bytes);
    out.stepMs_ = take<std::int64_t>(bytes);
    if (out.firstMs_ < -furthestMs || out.firstMs_ > furthestMs || out.stepMs_ < 1 || out.stepMs_ > furthestMs)
        return fail(corrupt("an index of own numbers has impossible times"));
    out.hashes_ = takeMany<std::uint16_t>(bytes, count);
    out.rows_ = takeMany<std::uint16_t>(bytes, count);
    out.steps_ = takeMany<std::uint8_t>(bytes, count);
    if (!std::ranges::is_sorted(out.hashes_)) return fail(corrupt("an index of own numbers is out of order"));
    if (std::ranges::any_of(out.rows_, [&](std::uint16_t row) { return row >= blockRows; }))
        return fail(corrupt("an index of own numbers names rows that its block does not have"));
    return out;
}

bool NumberRows::isWithin(std::uint8_t step, Instant from, Instant to) const {
    const std::int64_t begin = firstMs_ + step * stepMs_;
    return begin < to.ms && begin + stepMs_ > from.ms;
}

std::optional<std::vector<std::uint32_t>> NumberRows::find(std::uint64_t hash, Instant from, Instant to) const {
    if (!isKnown_) return std::nullopt;
    std::vector<std::uint32_t> out;
    const auto [begin, end] = std::ranges::equal_range(hashes_, upperBits(hash));
    for (auto at = begin; at != end; ++at) {
        const auto place = static_cast<std::size_t>(at - hashes_.begin());
        if (isWithin(steps_[place], from, to)) out.push_back(rows_[place]);
    }
    return out;
}

}  // namespace meetpoint::columns
