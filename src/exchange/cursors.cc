#include "exchange/cursors.h"

namespace meetpoint::exchange {
namespace {

constexpr std::size_t bodyBytes = 17;   // kind, shard key, sequence
constexpr std::size_t signatureBytes = 16;

void put64(std::int64_t value, Bytes& out)
{
    for (int i = 0; i < 8; ++i) out.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * i)));
}

std::int64_t get64(const std::uint8_t* at)
{
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value |= static_cast<std::uint64_t>(at[i]) << (8 * i);
    return static_cast<std::int64_t>(value);
}

}  // namespace

Bytes CursorKey::signature(ByteView body, std::string_view reader) const
{
    Bytes message(body.begin(), body.end());
    message.insert(message.end(), reader.begin(), reader.end());
    const Sha256 mac = hmacSha256(key_, message);
    return Bytes(mac.begin(), mac.begin() + signatureBytes);
}

std::string CursorKey::write(const Cursor& cursor, std::string_view reader) const
{
    Bytes bytes{static_cast<std::uint8_t>(cursor.lane.kind)};
    put64(cursor.lane.shardKey, bytes);
    put64(cursor.sequence, bytes);
    const Bytes mac = signature(bytes, reader);
    bytes.insert(bytes.end(), mac.begin(), mac.end());
    return toBase64Url(bytes);
}

Result<Cursor> CursorKey::read(std::string_view text, store::LaneId lane, std::string_view reader) const
{
    const auto bytes = fromBase64Url(text);
    const bool shaped = bytes && bytes->size() == bodyBytes + signatureBytes;
    if (!shaped || !equalInConstantTime(ByteView(*bytes).subspan(bodyBytes), signature(ByteView(*bytes).first(bodyBytes), reader)))
        return fail(invalidInput("bad-cursor", "This cursor was not given to this client. Read the feed without a cursor to begin anew."));
    const Cursor cursor{{get64(bytes->data() + 1), static_cast<columns::LaneKind>((*bytes)[0])}, get64(bytes->data() + 9)};
    if (cursor.lane != lane) return fail(invalidInput("bad-cursor", "This cursor belongs to another feed. Use it with the feed that gave it."));
    return cursor;
}

}  // namespace meetpoint::exchange
