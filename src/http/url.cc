#include "http/url.h"

#include <algorithm>
#include <charconv>

namespace meetpoint::http {
namespace {

constexpr std::uint16_t securePort = 443, plainPort = 80;

bool isVisible(char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7F;
}

bool readPort(std::string_view text, std::uint16_t& port) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc() && end == text.data() + text.size() && port != 0;
}

}  // namespace

Result<Url> parseUrl(std::string_view text) {
    const auto bad = [] {
        return fail(
            invalidInput("bad-url", "The address must be an absolute http or https URL without user information."));
    };
    Url url;
    if (text.starts_with("https://"))
        url.secure = true;
    else if (!text.starts_with("http://"))
        return bad();
    text.remove_prefix(url.secure ? 8 : 7);
    if (!std::ranges::all_of(text, isVisible)) return bad();
    const std::size_t end = std::min(text.find_first_of("/?#"), text.size());
    url.authority = std::string(text.substr(0, end));
    std::string_view target = text.substr(end);
    target = target.substr(0, target.find('#'));
    url.target = (target.starts_with('/') ? "" : "/") + std::string(target);

    std::string_view host = url.authority;
    if (host.find('@') != host.npos) return bad();
    const std::size_t colon = host.ends_with(']') ? host.npos : host.rfind(':');
    url.port = url.secure ? securePort : plainPort;
    if (colon != host.npos && !readPort(host.substr(colon + 1), url.port)) return bad();
    host = host.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    url.host = std::string(host);
    if (url.host.empty()) return bad();
    return url;
}

}  // namespace meetpoint::http
