// Range requests (RFC 9110 §14): which part of a representation a client asks for, and the answer that gives it, so
// that a download that broke off goes on where it was.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "http/message.h"

namespace meetpoint::http {

// The bytes from `first` up to `end`, which is not among them.
struct ByteRange {
    std::uint64_t first = 0, end = 0;
    bool operator==(const ByteRange&) const = default;
};
// The range is well formed and has no byte of the representation.
struct UnsatisfiableRange {
    bool operator==(const UnsatisfiableRange&) const = default;
};
// Nothing: the whole is wanted. So it is where the text is none of one range in bytes, as the RFC has it for what is
// not understood; several ranges at once are not given here.
using WantedRange = std::variant<std::monostate, ByteRange, UnsatisfiableRange>;

// `text` is the value of a Range header: "bytes=0-499", "bytes=500-", "bytes=-500".
WantedRange parseRange(std::string_view text, std::uint64_t size);

// Bytes that do not change, of which a part may be asked for.
struct Content {
    std::uint64_t size = 0;
    std::string mediaType;
    std::string etag;  // strong, in quotation marks
    Headers headers;   // of every answer that gives bytes
    // The bytes from `first` on, at least one and none at or behind `end`. Called on the blocking pool.
    std::function<Result<std::string>(std::uint64_t first, std::uint64_t end)> read;
};
// 200 with everything, 206 with the range, or 416, by Range and If-Range; with Content-Length, Accept-Ranges and ETag.
Response contentResponse(const Request& request, Content content);

}  // namespace meetpoint::http
