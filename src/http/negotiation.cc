#include "http/negotiation.h"

#include <charconv>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "http/message.h"

namespace meetpoint::http {
namespace {

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

std::string_view takeUntil(std::string_view& text, char separator) {
    const std::string_view part = text.substr(0, text.find(separator));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    return trim(part);
}

// 0 does not fit, 1 "*/*", 2 "text/*", 3 exactly.
int fit(std::string_view range, std::string_view offer) {
    if (equalIgnoringCase(range, offer)) return 3;
    if (range == "*/*") return 1;
    const bool sameType = range.size() > 2 && range.substr(range.size() - 2) == "/*" &&
                          equalIgnoringCase(range.substr(0, range.size() - 1), offer.substr(0, offer.find('/') + 1));
    return sameType ? 2 : 0;
}

// The quality in thousandths. What cannot be read counts as 1, as browsers and proxies treat it.
int qualityOf(std::string_view parameters) {
    while (!parameters.empty()) {
        std::string_view parameter = takeUntil(parameters, ';');
        if (parameter.size() < 3 || (parameter[0] | 0x20) != 'q' || parameter[1] != '=') continue;
        double value = 1;
        std::from_chars(parameter.data() + 2, parameter.data() + parameter.size(), value);
        return static_cast<int>(std::clamp(value, 0.0, 1.0) * 1000);
    }
    return 1000;
}

// The quality that the most specific fitting range gives to an offer.
int qualityFor(std::string_view accept, std::string_view offer) {
    int best = 0, quality = 0;
    while (!accept.empty()) {
        std::string_view element = takeUntil(accept, ',');
        const int fits = fit(takeUntil(element, ';'), offer);
        if (fits > best) {
            best = fits;
            quality = qualityOf(element);
        }
    }
    return quality;
}

// A tag as it is looked up: regions that write Chinese in traditional characters say so.
std::string lookedUp(std::string_view tag) {
    for (const std::string_view region : {"zh-TW", "zh-HK", "zh-MO"})
        if (equalIgnoringCase(tag, region)) return "zh-Hant";
    return std::string(tag);
}

bool isPrefix(std::string_view tag, std::string_view whole) {
    return equalIgnoringCase(whole.substr(0, tag.size()), tag) &&
           (whole.size() == tag.size() || (whole.size() > tag.size() && whole[tag.size()] == '-'));
}

}  // namespace

std::string mediaTypeOf(std::string_view contentType) {
    std::string type(trim(contentType.substr(0, contentType.find(';'))));
    for (char& c : type)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return type;
}

Result<std::string> negotiate(std::string_view accept, std::span<const std::string> offers) {
    if (offers.empty()) return std::string();
    if (trim(accept).empty()) return offers.front();
    int best = 0;
    const std::string* chosen = nullptr;
    for (const std::string& offer : offers) {
        const int quality = qualityFor(accept, mediaTypeOf(offer));
        if (quality > best) {
            best = quality;
            chosen = &offer;
        }
    }
    if (chosen) return *chosen;
    return fail({ErrorKind::notAcceptable,
                 "not-acceptable",
                 fmt::format("This is written as {} only.", fmt::join(offers, ", ")),
                 {},
                 {},
                 0});
}

std::string negotiateLanguage(std::string_view acceptLanguage, std::span<const std::string> offers) {
    int best = 0;
    const std::string* chosen = &offers.front();
    while (!acceptLanguage.empty()) {
        std::string_view element = takeUntil(acceptLanguage, ',');
        const std::string tag = lookedUp(takeUntil(element, ';'));
        const int quality = qualityOf(element);
        if (quality <= best || tag.empty()) continue;
        for (const std::string& offer : offers) {
            if (!isPrefix(offer, tag) && !isPrefix(tag, offer)) continue;
            best = quality;
            chosen = &offer;
            break;
        }
    }
    return *chosen;
}

}  // namespace meetpoint::http
