// A Response as HTTP/1.1 bytes.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "http/message.h"

namespace meetpoint::http {

// How the body's length is told.
enum class Framing {
    none,
    length,
    said,  // by the response's own headers
    chunked,
    untilClose,
};

struct HeadOptions {
    Framing framing = Framing::length;
    bool close = false;
    Instant now;
    std::string_view requestId;
    const Headers* constant = nullptr;  // those that the response has itself are not repeated
};

bool statusHasNoBody(int status);
// Status line and headers, with the empty line. Line breaks in values become blanks.
std::string responseHead(const Response& response, const HeadOptions& options);
// One chunk. An empty piece would end the body, so it gives nothing.
std::string chunkOf(std::string_view piece);
inline constexpr std::string_view lastChunk = "0\r\n\r\n";
// "Sun, 06 Nov 1994 08:49:37 GMT".
std::string httpDate(Instant at);
// Appends "name: value\r\n" with nothing in it that could end the line.
void appendField(std::string& out, std::string_view name, std::string_view value);

}  // namespace meetpoint::http
