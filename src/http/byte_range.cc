#include "http/byte_range.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "http/problem.h"

namespace meetpoint::http {
namespace {

constexpr std::string_view unit = "bytes=";

// All of `text` as a number; one too great for 64 bits is as good as the greatest.
std::optional<std::uint64_t> numberIn(std::string_view text) {
    if (text.empty() || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() ? number : UINT64_MAX;
}

// What the request's Range asks for, if its If-Range still holds: only the very same bytes may be put together.
WantedRange wantedOf(const Request& request, const Content& content) {
    const auto range = request.headers.get("Range");
    const auto condition = request.headers.get("If-Range");
    if (!range || (condition && *condition != content.etag)) return {};
    return parseRange(*range, content.size);
}

Response unsatisfiable(const Request& request, std::uint64_t size) {
    Response response = problemResponse(
        invalidInput("range-not-satisfiable", fmt::format("There are {} bytes; the range lies behind them.", size)),
        request.requestId, 416);
    response.headers.set("Content-Range", fmt::format("bytes */{}", size));
    return response;
}

PullSource sourceOf(std::shared_ptr<const Content> content, ByteRange range) {
    return [content = std::move(content), at = range.first,
            end = range.end]() mutable -> Result<std::optional<std::string>> {
        if (at >= end) return std::nullopt;
        TRY_ASSIGN(std::string piece, content->read(at, end));
        if (piece.empty() || piece.size() > end - at) return fail(internalError("content has another length"));
        at += piece.size();
        return std::optional(std::move(piece));
    };
}

}  // namespace

WantedRange parseRange(std::string_view text, std::uint64_t size) {
    if (text.size() < unit.size() || !equalIgnoringCase(text.substr(0, unit.size()), unit)) return {};
    text.remove_prefix(unit.size());
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos) return {};
    const auto last = numberIn(text.substr(dash + 1));
    if (dash == 0) {  // so many at the end
        if (!last) return {};
        if (*last == 0 || size == 0) return UnsatisfiableRange{};
        return ByteRange{size - std::min(*last, size), size};
    }
    const auto first = numberIn(text.substr(0, dash));
    if (!first || (!last && dash + 1 < text.size()) || (last && *last < *first)) return {};
    if (*first >= size) return UnsatisfiableRange{};
    return ByteRange{*first, last && *last < size ? *last + 1 : size};
}

Response contentResponse(const Request& request, Content content) {
    const WantedRange wanted = wantedOf(request, content);
    if (std::holds_alternative<UnsatisfiableRange>(wanted)) return unsatisfiable(request, content.size);
    const auto* part = std::get_if<ByteRange>(&wanted);
    const ByteRange range = part ? *part : ByteRange{0, content.size};
    Response response;
    response.status = part ? 206 : 200;
    response.mediaType = content.mediaType;
    response.headers = content.headers;
    response.headers.set("Content-Length", std::to_string(range.end - range.first));
    response.headers.set("Accept-Ranges", "bytes");
    response.headers.set("ETag", content.etag);
    if (part)
        response.headers.set("Content-Range", fmt::format("bytes {}-{}/{}", range.first, range.end - 1, content.size));
    response.source = sourceOf(std::make_shared<const Content>(std::move(content)), range);
    return response;
}

}  // namespace meetpoint::http
