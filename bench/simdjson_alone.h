// The yardstick of reading: simdjson's on-demand parser walking over lines of JSON, every name and value read, nothing
// checked and nothing kept.
#pragma once

#include <string>

#include <simdjson.h>

namespace meetpoint::bench {

// Walks over every line of `text`, which must end in a newline followed by at least simdjson::SIMDJSON_PADDING readable
// bytes within its capacity. Gives the bytes of names and values that it saw, so that no compiler drops the work.
inline std::size_t walkAlone(const std::string& text) {
    namespace ondemand = simdjson::ondemand;
    std::size_t bytes = 0;
    ondemand::parser parser;
    for (std::size_t at = 0, end = text.find('\n'); end != std::string::npos; at = end + 1, end = text.find('\n', at)) {
        ondemand::document document;
        ondemand::object object;
        if (parser.iterate(text.data() + at, end - at, end - at + simdjson::SIMDJSON_PADDING).get(document) !=
                simdjson::SUCCESS ||
            document.get_object().get(object) != simdjson::SUCCESS)
            return 0;
        for (auto field : object) {
            bytes += field.unescaped_key().value_unsafe().size();
            ondemand::value value;
            if (field.value().get(value) != simdjson::SUCCESS) return 0;
            std::string_view words;
            bytes += value.get_string().get(words) == simdjson::SUCCESS ? words.size() : value.raw_json_token().size();
        }
    }
    return bytes;
}

}  // namespace meetpoint::bench
