#include "api/waiting.h"

#include <charconv>

namespace meetpoint::api {

Duration preferredWait(const http::Request& request, Duration longest) {
    for (std::string_view header : request.headers.all("Prefer")) {
        constexpr std::string_view word = "wait=";
        while (!header.empty()) {
            const std::size_t comma = std::min(header.find_first_of(",;"), header.size());
            std::string_view preference = header.substr(0, comma);
            header.remove_prefix(std::min(comma + 1, header.size()));
            while (preference.starts_with(' '))
                preference.remove_prefix(1);
            if (!preference.starts_with(word)) continue;
            preference.remove_prefix(word.size());
            std::int64_t waited = 0;
            const auto read = std::from_chars(preference.data(), preference.data() + preference.size(), waited);
            if (read.ec == std::errc{} && waited > 0)
                return std::min(seconds(std::min<std::int64_t>(waited, 3'600)), longest);
        }
    }
    return seconds(0);
}

}  // namespace meetpoint::api
