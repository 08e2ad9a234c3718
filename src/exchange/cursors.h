// Cursors: opaque, signed, bound to what is read and to who reads it, valid as long as what they point at is
// kept.
#pragma once

#include "base/bytes.h"
#include "base/id.h"

namespace meetpoint::exchange {

class CursorKey {
public:
    explicit CursorKey(Bytes key) : key_(std::move(key)) {}
    // `feed` names what is read ("calls/7"), `reader` the client that may use the cursor; 32 characters of
    // base64url.
    std::string write(std::string_view feed, std::int64_t position, std::string_view reader) const;
    // The same where what is read is in order of ids; 43 characters.
    std::string write(std::string_view feed, const Id& position, std::string_view reader) const;
    // The same for any position, which must come back as it was given.
    std::string write(std::string_view feed, ByteView position, std::string_view reader) const;
    // The position. Code "bad-cursor": not made here, for something else, or for another reader.
    Result<std::int64_t> read(std::string_view text, std::string_view feed, std::string_view reader) const;
    Result<Id> readId(std::string_view text, std::string_view feed, std::string_view reader) const;
    Result<Bytes> readBytes(std::string_view text, std::string_view feed, std::string_view reader) const;

private:
    Bytes signature(ByteView position, std::string_view feed, std::string_view reader) const;
    std::string seal(Bytes position, std::string_view feed, std::string_view reader) const;
    // Of whatever length.
    Result<Bytes> open(std::string_view text, std::string_view feed, std::string_view reader) const;
    Result<Bytes> open(std::string_view text, std::size_t positionBytes, std::string_view feed,
                       std::string_view reader) const;
    Bytes key_;
};

}  // namespace meetpoint::exchange
