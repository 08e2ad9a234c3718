// Absolute URLs, taken apart as far as a client needs them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace meetpoint::http {

struct Url {
    bool secure = false;  // https
    std::string host;     // without brackets
    std::uint16_t port = 0;
    std::string authority;  // as the Host header has it
    std::string target;     // path and query; at least "/"
    std::string origin() const { return (secure ? "https://" : "http://") + host + ":" + std::to_string(port); }
};

// Code "bad-url": not http or https, with user information, with blanks or control characters, or with a port that is
// none. What follows "#" is left out.
Result<Url> parseUrl(std::string_view text);

}  // namespace meetpoint::http
