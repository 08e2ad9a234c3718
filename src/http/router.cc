#include "http/router.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace meetpoint::http {
namespace {

Error badTemplate(std::string_view path, std::string_view why) {
    return invalidInput("bad-template", fmt::format("The path template {} {}.", path, why));
}

Result<PathPattern::Segment> parseSegment(std::string_view path, std::string_view text) {
    PathPattern::Segment pieces;
    while (!text.empty()) {
        const std::size_t open = text.find('{');
        if (open != 0) {
            pieces.push_back({false, std::string(text.substr(0, open))});
            text.remove_prefix(std::min(open, text.size()));
            continue;
        }
        const std::size_t close = text.find('}');
        if (close == text.npos || close < 2) return fail(badTemplate(path, "has an unfinished or nameless parameter"));
        if (!pieces.empty() && pieces.back().parameter)
            return fail(badTemplate(path, "has two parameters side by side"));
        pieces.push_back({true, std::string(text.substr(1, close - 1))});
        text.remove_prefix(close + 1);
    }
    return pieces;
}

// Where one parameter ends is where the next literal first occurs; the last one takes what is left. None may be empty.
bool matchSegment(const PathPattern::Segment& pieces, std::string_view text, std::vector<std::string>& values) {
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        if (!pieces[i].parameter) {
            if (!text.starts_with(pieces[i].text)) return false;
            text.remove_prefix(pieces[i].text.size());
            continue;
        }
        const bool last = i + 1 == pieces.size();
        // A literal at the very end is looked for from the end, so that "{name}.json" takes "a.json.json".
        const bool closing = i + 2 == pieces.size();
        const std::size_t end = last      ? text.size()
                                : closing ? text.rfind(pieces[i + 1].text)
                                          : text.find(pieces[i + 1].text, 1);
        if (end == text.npos || end == 0) return false;
        values.emplace_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return text.empty();
}

Result<std::vector<std::string>> splitPath(std::string_view path) {
    std::vector<std::string> segments;
    if (!path.starts_with('/')) return fail(notFound("There is nothing at this path."));
    path.remove_prefix(1);
    for (;;) {
        const std::size_t slash = path.find('/');
        TRY_ASSIGN(std::string segment, percentDecode(path.substr(0, slash)));
        segments.push_back(std::move(segment));
        if (slash == path.npos) return segments;
        path.remove_prefix(slash + 1);
    }
}

// Literal before mixed before parameter, decided at the first segment that differs. Smaller is more specific.
int rank(const PathPattern::Segment& segment) {
    if (segment.empty() || (segment.size() == 1 && !segment[0].parameter)) return 0;
    return segment.size() > 1 ? 1 : 2;
}
bool moreSpecific(const PathPattern& a, const PathPattern& b) {
    return std::lexicographical_compare(a.segments.begin(), a.segments.end(), b.segments.begin(), b.segments.end(),
                                        [](const auto& x, const auto& y) { return rank(x) < rank(y); });
}

// "/v1/{id}" and "/v1/{name}" fit the same paths: told apart by the shape, parameter names aside.
std::string shapeKey(const PathPattern& pattern) {
    std::string key;
    for (const auto& segment : pattern.segments) {
        key += '/';
        for (const auto& piece : segment)
            key += piece.parameter ? "{}" : piece.text;
    }
    return key;
}

const Parameter* declared(const Endpoint& endpoint, std::string_view name) {
    for (const Parameter& parameter : endpoint.pathParameters)
        if (parameter.name == name) return &parameter;
    return nullptr;
}

Result<void> checkDeclaration(const Endpoint& endpoint, const PathPattern& pattern) {
    const auto wrong = [&](std::string_view why) {
        return fail(invalidInput("bad-endpoint", fmt::format("{} ({} {}): {}.", endpoint.operationId,
                                                             name(endpoint.method), endpoint.path, why)));
    };
    if (endpoint.operationId.empty()) return wrong("it has no operation id");
    if (endpoint.method == Method::head || endpoint.method == Method::options)
        return wrong("HEAD and OPTIONS are answered by the listener");
    const auto* sync = std::get_if<SyncHandler>(&endpoint.handler);
    if (endpoint.handler.index() == 0 || (sync && !*sync)) return wrong("it has no handler");
    if (sync && endpoint.body.kind == BodyKind::stream) return wrong("a streamed body needs an asynchronous handler");
    if (endpoint.body.kind != BodyKind::none && endpoint.body.mediaTypes.empty())
        return wrong("its body has no media type");
    if (endpoint.responses.empty()) return wrong("it declares no answer");
    const auto names = pattern.names();
    if (std::set<std::string>(names.begin(), names.end()).size() != names.size())
        return wrong("a path parameter stands twice");
    for (const Parameter& parameter : endpoint.pathParameters)
        if (std::find(names.begin(), names.end(), parameter.name) == names.end())
            return wrong("it declares a path parameter that the template does not have");
    for (const auto* list : {&endpoint.queryParameters, &endpoint.headerParameters})
        for (const Parameter& parameter : *list)
            if (parameter.defaultValue && faultOf(parameter, *parameter.defaultValue))
                return wrong("the default of " + parameter.name + " does not fit its declaration");
    return {};
}

}  // namespace

Result<PathPattern> PathPattern::parse(std::string_view path) {
    PathPattern pattern;
    if (!path.starts_with('/')) return fail(badTemplate(path, "does not begin with a slash"));
    std::string_view rest = path.substr(1);
    for (;;) {
        const std::size_t slash = rest.find('/');
        TRY_ASSIGN(Segment segment, parseSegment(path, rest.substr(0, slash)));
        pattern.segments.push_back(std::move(segment));
        if (slash == rest.npos) break;
        rest.remove_prefix(slash + 1);
    }
    Segment& last = pattern.segments.back();
    if (last.size() == 1 && last[0].parameter && last[0].text.ends_with('*')) {
        last[0].text.pop_back();
        pattern.takesRest = true;
    }
    return pattern;
}

std::vector<std::string> PathPattern::names() const {
    std::vector<std::string> found;
    for (const Segment& segment : segments)
        for (const Piece& piece : segment)
            if (piece.parameter) found.push_back(piece.text);
    return found;
}

std::optional<std::vector<std::string>> PathPattern::match(const std::vector<std::string>& path) const {
    if (takesRest ? path.size() < segments.size() : path.size() != segments.size()) return {};
    std::vector<std::string> values;
    const std::size_t exact = segments.size() - (takesRest ? 1 : 0);
    for (std::size_t i = 0; i < exact; ++i) {
        if (segments[i].empty() ? !path[i].empty() : !matchSegment(segments[i], path[i], values)) return {};
    }
    if (takesRest) {
        std::string rest;
        for (std::size_t i = exact; i < path.size(); ++i)
            rest += (i == exact ? "" : "/") + path[i];
        values.push_back(std::move(rest));
    }
    return values;
}

Result<void> EndpointRegistry::add(Endpoint endpoint) {
    TRY_ASSIGN(PathPattern pattern, PathPattern::parse(endpoint.path));
    TRY(checkDeclaration(endpoint, pattern));
    for (const auto& other : endpoints_)
        if (other->operationId == endpoint.operationId)
            return fail(invalidInput("bad-endpoint", "The operation id " + endpoint.operationId + " is used twice."));

    auto& entries = pattern.takesRest ? takingRest_ : bySegments_[pattern.segments.size()];
    const std::string key = shapeKey(pattern);
    auto entry =
        std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return shapeKey(e.pattern) == key; });
    if (entry != entries.end() && entry->path != endpoint.path)
        return fail(invalidInput("bad-endpoint", endpoint.operationId + ": the template " + endpoint.path +
                                                     " fits the same paths as " + entry->path + "."));
    if (entry != entries.end() && entry->methods.contains(endpoint.method))
        return fail(invalidInput("bad-endpoint", endpoint.operationId + ": the same method and path as " +
                                                     entry->methods[endpoint.method]->operationId + "."));
    if (entry == entries.end()) {
        entry = std::find_if(entries.begin(), entries.end(),
                             [&](const Entry& e) { return moreSpecific(pattern, e.pattern); });
        entry = entries.insert(entry, Entry{std::move(pattern), endpoint.path, {}});
    }
    endpoints_.push_back(std::make_unique<const Endpoint>(std::move(endpoint)));
    entry->methods[endpoints_.back()->method] = endpoints_.back().get();
    return {};
}

Result<void> EndpointRegistry::add(std::vector<Endpoint> endpoints) {
    for (Endpoint& endpoint : endpoints)
        TRY(add(std::move(endpoint)));
    return {};
}

const EndpointRegistry::Entry* EndpointRegistry::find(const std::vector<std::string>& segments,
                                                      std::vector<std::string>& values) const {
    const auto search = [&](const std::vector<Entry>& entries) -> const Entry* {
        for (const Entry& entry : entries) {
            auto matched = entry.pattern.match(segments);
            if (!matched) continue;
            values = std::move(*matched);
            return &entry;
        }
        return nullptr;
    };
    const auto sameLength = bySegments_.find(segments.size());
    if (sameLength != bySegments_.end())
        if (const Entry* entry = search(sameLength->second)) return entry;
    return search(takingRest_);
}

Result<RouteMatch> EndpointRegistry::match(Method method, std::string_view path) const {
    TRY_ASSIGN(const auto segments, splitPath(path));
    std::vector<std::string> values;
    const Entry* entry = find(segments, values);
    if (!entry) return fail(notFound("There is nothing at this path."));
    auto handler = entry->methods.find(method);
    if (handler == entry->methods.end() && method == Method::head) handler = entry->methods.find(Method::get);
    if (handler == entry->methods.end())
        return fail({ErrorKind::methodNotAllowed,
                     "method-not-allowed",
                     fmt::format("{} is not possible here; see the Allow header.", name(method)),
                     {},
                     {},
                     0});

    RouteMatch found{handler->second, {}};
    const auto names = entry->pattern.names();
    for (std::size_t i = 0; i < names.size(); ++i) {
        // A malformed id names nothing, so it answers like an id that does not exist.
        const Parameter* parameter = declared(*found.endpoint, names[i]);
        if (parameter && faultOf(*parameter, values[i])) return fail(notFound("There is nothing at this path."));
        found.path.add(names[i], std::move(values[i]));
    }
    return found;
}

const ErrorForm* EndpointRegistry::errorFormAt(std::string_view path) const {
    const auto segments = splitPath(path);
    std::vector<std::string> values;
    const Entry* entry = segments ? find(*segments, values) : nullptr;
    return entry ? entry->methods.begin()->second->errorForm.get() : nullptr;
}

std::string EndpointRegistry::allowed(std::string_view path) const {
    const auto segments = splitPath(path);
    std::vector<std::string> values;
    const Entry* entry = segments ? find(*segments, values) : nullptr;
    if (!entry) return "";
    std::set<std::string_view> methods{"OPTIONS"};
    for (const auto& [method, endpoint] : entry->methods)
        methods.insert(name(method));
    if (methods.contains("GET")) methods.insert("HEAD");
    std::string list;
    for (const std::string_view method : methods) {
        if (!list.empty()) list += ", ";
        list += method;
    }
    return list;
}

}  // namespace meetpoint::http
