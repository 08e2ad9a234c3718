#include "http/admission.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/bytes.h"
#include "http/negotiation.h"

namespace meetpoint::http {
namespace {

constexpr std::size_t requestIdMax = 64;

bool isRequestId(std::string_view text) {
    return !text.empty() && text.size() <= requestIdMax && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' ||
               c == '-';
    });
}

std::vector<std::string> offersOf(const Endpoint& endpoint) {
    std::vector<std::string> offers;
    for (const ResponseDeclaration& response : endpoint.responses)
        if (!response.mediaType.empty() && response.status < 300 &&
            std::find(offers.begin(), offers.end(), response.mediaType) == offers.end())
            offers.push_back(response.mediaType);
    return offers;
}

Result<void> checkBodyType(const Request& request, const Endpoint& endpoint, bool hasBody) {
    if (!hasBody) return {};
    const BodyDeclaration& body = endpoint.body;
    if (body.kind == BodyKind::none) return fail(invalidInput("unexpected-body", "This request takes no body."));
    for (const std::string& accepted : body.mediaTypes)
        if (accepted == "*/*" || accepted == request.mediaType) return {};
    return fail({ErrorKind::unsupportedMedia,
                 "unsupported-media-type",
                 fmt::format("The body's Content-Type must be {}.", fmt::join(body.mediaTypes, " or ")),
                 {},
                 {},
                 0});
}

Result<void> checkHeaders(const Request& request, const Endpoint& endpoint) {
    RawParameters sent;
    for (const Parameter& parameter : endpoint.headerParameters)
        for (const std::string_view value : request.headers.all(parameter.name))
            sent.emplace_back(parameter.name, std::string(value));
    TRY(checkParameters(endpoint.headerParameters, sent, "header"));
    return {};
}

}  // namespace

std::string requestIdFor(const Headers& headers, Random& random) {
    const auto sent = headers.value("X-Request-Id");
    if (isRequestId(sent)) return std::string(sent);
    std::array<std::uint8_t, 16> bytes{};
    random.fill(bytes);
    return toHex(bytes);
}

TargetParts splitTarget(std::string_view target) {
    if (const std::size_t scheme = target.find("://"); scheme != target.npos && !target.starts_with('/')) {
        const std::size_t slash = target.find('/', scheme + 3);
        target = slash == target.npos ? std::string_view("/") : target.substr(slash);
    }
    const std::size_t mark = target.find('?');
    return {target.substr(0, mark), mark == target.npos ? std::string_view() : target.substr(mark + 1)};
}

Result<const Endpoint*> routeRequest(Request& request, std::string_view method, const EndpointRegistry& endpoints) {
    const std::string_view path = splitTarget(request.target).path;
    const auto known = parseMethod(method);
    if (!known && endpoints.allowed(path).empty()) return fail(notFound("There is nothing at this path."));
    if (!known)
        return fail({ErrorKind::methodNotAllowed,
                     "method-not-allowed",
                     "This method is not possible here; see the Allow header.",
                     {},
                     {},
                     0});
    request.method = *known;
    TRY_ASSIGN(RouteMatch match, endpoints.match(*known, path));
    request.route = match.endpoint->path;
    request.path = std::move(match.path);
    return match.endpoint;
}

Result<void> admit(Request& request, const Endpoint& endpoint, const Authenticator& authenticator, bool hasBody) {
    // First of all who calls: a stranger learns nothing from the faults of its request.
    if (!endpoint.access.open) {
        if (!authenticator) return fail(internalError("the listener was given no authenticator"));
        TRY_ASSIGN(request.principal, authenticator(request, endpoint));
    }
    std::string accept;
    for (const std::string_view value : request.headers.all("Accept"))
        accept += (accept.empty() ? "" : ",") + std::string(value);
    TRY_ASSIGN(request.negotiated, negotiate(accept, offersOf(endpoint)));
    TRY_ASSIGN(const RawParameters query, parseForm(splitTarget(request.target).query));
    TRY_ASSIGN(request.query, checkParameters(endpoint.queryParameters, query, "query"));
    TRY(checkHeaders(request, endpoint));
    return checkBodyType(request, endpoint, hasBody);
}

std::string challengeFor(const Error& error, const Request& request, const Endpoint& endpoint, std::string_view realm) {
    std::string challenge = fmt::format("Bearer realm=\"{}\"", realm);
    if (error.kind == ErrorKind::unauthenticated)
        return request.headers.has("Authorization") ? challenge + ", error=\"invalid_token\"" : challenge;
    if (error.kind == ErrorKind::forbidden)
        return challenge + ", error=\"insufficient_scope\"" +
               (endpoint.access.scope.empty() ? "" : ", scope=\"" + endpoint.access.scope + "\"");
    return "";
}

}  // namespace meetpoint::http
