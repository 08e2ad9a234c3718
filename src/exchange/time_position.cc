#include "exchange/time_scan.h"

namespace meetpoint::exchange {
namespace {

constexpr std::size_t numbersInPosition = 4;

void put64(std::uint64_t value, Bytes& out) {
    for (int i = 0; i < 8; ++i)
        out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

std::int64_t take64(ByteView& bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i)
        value |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
    bytes = bytes.subspan(8);
    return static_cast<std::int64_t>(value);
}

}  // namespace

Bytes bytesOf(const TimePosition& position) {
    Bytes bytes;
    for (const std::int64_t number :
         {position.at.ms, position.shardKey, std::int64_t{position.version}, position.sequence})
        put64(static_cast<std::uint64_t>(number), bytes);
    bytes.insert(bytes.end(), position.key.begin(), position.key.end());
    return bytes;
}

Result<TimePosition> readTimePosition(ByteView bytes) {
    if (bytes.size() < numbersInPosition * 8) return fail(corrupt("a position of our own is too short"));
    TimePosition position;
    position.at = {take64(bytes)};
    position.shardKey = take64(bytes);
    position.version = static_cast<std::int32_t>(take64(bytes));
    position.sequence = take64(bytes);
    position.key = std::string(textOf(bytes));
    return position;
}

}  // namespace meetpoint::exchange
