// Error → RFC 9457 application/problem+json. The only place where an error learns about HTTP.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "http/message.h"

namespace meetpoint::http {

// The one table from kinds to statuses.
int statusOf(ErrorKind kind);
// "Not Found".
std::string_view reasonPhrase(int status);

// The response body as JSON: type "urn:meetpoint:problem:CODE", title, status, detail, requestId, errors[].
std::string problemJson(const Error& error, int status, std::string_view requestId);

// The whole answer, with Retry-After when the error says when. `error.internal` is not in it. `status` 0 means the
// table's.
Response problemResponse(const Error& error, std::string_view requestId, int status = 0);

}  // namespace meetpoint::http
