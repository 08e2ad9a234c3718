// Addresses in answers: of the exchange itself, and the Link header of paged answers (RFC 8288).
#pragma once

#include "api/context.h"

namespace meetpoint::api {

// Where callers reach the exchange, "https://exchange.example.com": as configured, else as this caller reached it.
std::string addressOf(const Context& context, const http::Request& request);

// Adds `Link: <…?…&cursor=NEXT>; rel="next"`: the request's own path and parameters with the cursor replaced.
void addNextLink(http::Response& response, const http::Request& request, std::string_view next);

}  // namespace meetpoint::api
