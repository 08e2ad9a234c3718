#include "http/precondition.h"

#include <charconv>

#include <fmt/format.h>

namespace meetpoint::http {

std::string etagOf(std::uint64_t version) {
    return fmt::format("\"{}\"", version);
}

Result<std::optional<std::uint64_t>> expectedVersion(const Request& request, IfMatch demand) {
    const auto sent = request.headers.all("If-Match");
    if (sent.empty()) {
        if (demand == IfMatch::optional) return std::optional<std::uint64_t>();
        return fail({ErrorKind::preconditionFailed,
                     "if-match-required",
                     "Read the resource and send its ETag in If-Match, so that nobody's change is overwritten.",
                     {},
                     {},
                     0});
    }
    if (sent.size() == 1 && sent[0] == "*") return std::optional<std::uint64_t>();
    std::uint64_t version = 0;
    const std::string_view tag = sent[0];
    const bool quoted = sent.size() == 1 && tag.size() > 2 && tag.front() == '"' && tag.back() == '"';
    const char* last = tag.data() + tag.size() - 1;
    if (quoted) {
        const auto [end, error] = std::from_chars(tag.data() + 1, last, version);
        if (error == std::errc() && end == last) return std::optional(version);
    }
    return fail(
        invalidInput("bad-if-match", "If-Match must be one ETag as this API gave it, for example \"7\", or *."));
}

Result<void> checkVersion(std::optional<std::uint64_t> expected, std::uint64_t current) {
    if (!expected || *expected == current) return {};
    return fail({ErrorKind::preconditionFailed,
                 "version-mismatch",
                 fmt::format("It was changed meanwhile: its ETag is now \"{}\". Read it again and repeat your change.",
                             current),
                 {},
                 {},
                 0});
}

}  // namespace meetpoint::http
