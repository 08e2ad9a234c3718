// The Link header of paged answers (RFC 8288).
#pragma once

#include "http/message.h"

namespace meetpoint::api {

// Adds `Link: <…?…&cursor=NEXT>; rel="next"`: the request's own path and parameters with the cursor replaced.
void addNextLink(http::Response& response, const http::Request& request, std::string_view next);

}  // namespace meetpoint::api
