// The list of endpoints, and which of them answers a request.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/endpoint.h"

namespace meetpoint::http {

// One path template, taken apart.
struct PathPattern {
    struct Piece {
        bool parameter = false;
        std::string text;  // the literal, or the parameter's name
    };
    using Segment = std::vector<Piece>;

    std::vector<Segment> segments;
    bool takesRest = false;  // the last segment is "{name*}"

    // Code "bad-template".
    static Result<PathPattern> parse(std::string_view path);
    // The parameters' names in order.
    std::vector<std::string> names() const;
    // Decoded parameter values in order of names(), or nothing if the path does not fit. `segments` is the request's
    // path, split at slashes and decoded.
    std::optional<std::vector<std::string>> match(const std::vector<std::string>& path) const;
};

struct RouteMatch {
    const Endpoint* endpoint = nullptr;
    ParameterValues path;
};

class EndpointRegistry {
public:
    // Code "bad-endpoint", with the operation's name and what is wrong: the same method and path or operation id twice,
    // a malformed template, no handler, a stream body with a synchronous handler, a declared path parameter that the
    // template does not have, an answer missing.
    Result<void> add(Endpoint endpoint);
    Result<void> add(std::vector<Endpoint> endpoints);

    // In the order of addition.
    const std::vector<std::unique_ptr<const Endpoint>>& endpoints() const { return endpoints_; }

    // `path` without its query. Literal segments beat parameters; a HEAD falls to the GET endpoint. Errors: notFound
    // "not-found"; methodNotAllowed "method-not-allowed"; invalidInput "bad-escape".
    Result<RouteMatch> match(Method method, std::string_view path) const;
    // The form of errors at a path that match() refused, for its method or for a parameter that does not fit: that of
    // an endpoint whose template fits. Null for problems.
    const ErrorForm* errorFormAt(std::string_view path) const;
    // The methods of the most specific template that fits, for the Allow header: "GET, HEAD, OPTIONS, POST"; "" if
    // none.
    std::string allowed(std::string_view path) const;

private:
    struct Entry {
        PathPattern pattern;
        std::string path;
        std::map<Method, const Endpoint*> methods;
    };
    const Entry* find(const std::vector<std::string>& segments, std::vector<std::string>& values) const;

    std::vector<std::unique_ptr<const Endpoint>> endpoints_;
    std::map<std::size_t, std::vector<Entry>> bySegments_;  // by number of segments, most specific first
    std::vector<Entry> takingRest_;
};

}  // namespace meetpoint::http
