#include "exchange/cursors.h"

#include "base/hash.h"

namespace meetpoint::exchange {
namespace {

constexpr std::size_t signatureBytes = 16;

Error badCursor() {
    return invalidInput("bad-cursor",
                        "This cursor was not given to this client for what is read here. Read without a cursor to "
                        "begin anew.");
}

}  // namespace

Bytes CursorKey::signature(ByteView position, std::string_view feed, std::string_view reader) const {
    Bytes message(position.begin(), position.end());
    for (const std::string_view text : {feed, reader}) {
        message.insert(message.end(), text.begin(), text.end());
        message.push_back(0);
    }
    const Sha256 mac = hmacSha256(key_, message);
    return Bytes(mac.begin(), mac.begin() + signatureBytes);
}

std::string CursorKey::seal(Bytes position, std::string_view feed, std::string_view reader) const {
    const Bytes mac = signature(position, feed, reader);
    position.insert(position.end(), mac.begin(), mac.end());
    return toBase64Url(position);
}

Result<Bytes> CursorKey::open(std::string_view text, std::string_view feed, std::string_view reader) const {
    auto bytes = fromBase64Url(text);
    const std::size_t length = bytes && bytes->size() >= signatureBytes ? bytes->size() - signatureBytes : 0;
    if (length == 0 ||
        !equalInConstantTime(ByteView(*bytes).subspan(length), signature(ByteView(*bytes).first(length), feed, reader)))
        return fail(badCursor());
    bytes->resize(length);
    return std::move(*bytes);
}

Result<Bytes> CursorKey::open(std::string_view text, std::size_t positionBytes, std::string_view feed,
                              std::string_view reader) const {
    TRY_ASSIGN(Bytes bytes, open(text, feed, reader));
    if (bytes.size() != positionBytes) return fail(badCursor());
    return bytes;
}

std::string CursorKey::write(std::string_view feed, ByteView position, std::string_view reader) const {
    return seal(Bytes(position.begin(), position.end()), feed, reader);
}

Result<Bytes> CursorKey::readBytes(std::string_view text, std::string_view feed, std::string_view reader) const {
    return open(text, feed, reader);
}

std::string CursorKey::write(std::string_view feed, std::int64_t position, std::string_view reader) const {
    Bytes bytes(sizeof position);
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(position) >> (8 * i));
    return seal(std::move(bytes), feed, reader);
}

std::string CursorKey::write(std::string_view feed, const Id& position, std::string_view reader) const {
    return seal(Bytes(position.bytes.begin(), position.bytes.end()), feed, reader);
}

Result<std::int64_t> CursorKey::read(std::string_view text, std::string_view feed, std::string_view reader) const {
    std::uint64_t position = 0;
    TRY_ASSIGN(const Bytes bytes, open(text, sizeof position, feed, reader));
    for (std::size_t i = 0; i < bytes.size(); ++i)
        position |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
    return static_cast<std::int64_t>(position);
}

Result<Id> CursorKey::readId(std::string_view text, std::string_view feed, std::string_view reader) const {
    TRY_ASSIGN(const Bytes bytes, open(text, Id().bytes.size(), feed, reader));
    return idFromBytes(bytes);
}

}  // namespace meetpoint::exchange
