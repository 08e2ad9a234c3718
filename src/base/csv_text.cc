#include "base/csv_text.h"

namespace meetpoint {
namespace {

bool isBlank(char c) {
    return c == ' ' || c == '\t';
}

}  // namespace

void appendCsvField(std::string_view text, std::string& out) {
    const bool quoted = !text.empty() && (text.find_first_of(",\"\r\n") != std::string_view::npos ||
                                          isBlank(text.front()) || isBlank(text.back()));
    if (!quoted) {
        out += text;
        return;
    }
    out += '"';
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    out += '"';
}

}  // namespace meetpoint
