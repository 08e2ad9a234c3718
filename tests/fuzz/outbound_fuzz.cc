// Any bytes as the address of a receiver and as what it answers: refused or taken apart, and nothing that the rules
// shut out is let through.
#include "http/outbound.h"
#include "http/retry_after.h"
#include "http/url.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace meetpoint;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const http::OutboundRules strict, open{true, true};
    const auto url = http::parseUrl(text);
    const auto allowed = http::checkUrl(strict, text);
    if (allowed && !(url && url->secure && (url->port == 443 || url->port >= 1024))) __builtin_trap();
    if (url.has_value() != http::checkUrl(open, text).has_value()) __builtin_trap();
    if (url && (url->host.empty() || url->host.find('@') != std::string::npos || !url->target.starts_with('/')))
        __builtin_trap();
    if (allowed && http::isAllowedAddress(strict, url->host) != http::isPublicAddress(url->host)) __builtin_trap();
    if (http::isPublicAddress(text) && !http::isAllowedAddress(strict, text)) __builtin_trap();
    if (const auto pause = http::readRetryAfter(text, Instant{784'111'777'000}); pause && pause->ms < 0)
        __builtin_trap();
    return 0;
}
