// What happens to a request between its head and its handler, without a socket: identify, route, authenticate,
// validate.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "http/endpoint.h"
#include "http/router.h"

namespace meetpoint::http {

// The client's X-Request-Id if it is 1 to 64 of [A-Za-z0-9._-], else 16 random bytes in hexadecimal.
std::string requestIdFor(const Headers& headers, Random& random);

// Path and query of a request target. Origin form only ("/a?b"); an absolute form loses its scheme and host.
struct TargetParts {
    std::string_view path;
    std::string_view query;
};
TargetParts splitTarget(std::string_view target);

// Routes: fills request.route and request.path. Errors as EndpointRegistry::match.
Result<const Endpoint*> routeRequest(Request& request, std::string_view method, const EndpointRegistry& endpoints);

// Authenticates (may block), then chooses the answer's media type and checks parameters and the body's declared type.
// `hasBody` is what the head promised. Codes, besides the authenticator's: "not-acceptable", "bad-parameters",
// "unexpected-body", "unsupported-media-type".
Result<void> admit(Request& request, const Endpoint& endpoint, const Authenticator& authenticator, bool hasBody);

// The value of WWW-Authenticate for an error of the authenticator; "" if its kind needs none.
std::string challengeFor(const Error& error, const Request& request, const Endpoint& endpoint, std::string_view realm);

}  // namespace meetpoint::http
