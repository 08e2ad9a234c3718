// Cursors: opaque, signed, bound to a feed and to who reads it, valid as long as what they point at is kept.
#pragma once

#include "base/bytes.h"
#include "domain/access.h"
#include "store/lanes.h"

namespace meetpoint::exchange {

// Where a reader stands in a lane: the sequence that comes next.
struct Cursor {
    store::LaneId lane;
    std::int64_t sequence = 1;
};

class CursorKey {
public:
    explicit CursorKey(Bytes key) : key_(std::move(key)) {}
    // At most 64 characters of base64url. `reader` is the client that may use it.
    std::string write(const Cursor& cursor, std::string_view reader) const;
    // Code "bad-cursor": not made here, for another feed, or for another reader.
    Result<Cursor> read(std::string_view text, store::LaneId lane, std::string_view reader) const;

private:
    Bytes signature(ByteView body, std::string_view reader) const;
    Bytes key_;
};

}  // namespace meetpoint::exchange
