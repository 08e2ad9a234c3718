#include "http/shape.h"

#include <cctype>

#include "http/pattern.h"

namespace meetpoint::http {

bool Pattern::fits(std::string_view text) const {
    // std::regex recurses with the length of its input; a bound keeps it off the end of the stack.
    return expression && text.size() <= textBytesMax && std::regex_search(text.begin(), text.end(), *expression);
}

bool Field::required() const {
    if (shape().kind == ShapeKind::optional) return doc.required;
    return !doc.optional;
}

const Field* Shape::find(std::string_view name) const {
    for (const Field& field : fields)
        if (field.name == name) return &field;
    return nullptr;
}

namespace shape_detail {

std::shared_ptr<const Pattern> compile(std::string_view pattern) {
    if (pattern.empty()) return {};
    auto compiled = std::make_shared<Pattern>();
    try {
        compiled->expression.emplace(pattern.begin(), pattern.end(), std::regex::ECMAScript | std::regex::optimize);
    } catch (const std::regex_error&) {
        // A malformed pattern then fits nothing, which the first test of that type finds.
    }
    return compiled;
}

std::string shortTypeName(std::string_view qualified) {
    // What the two compilers call an unnamed namespace.
    for (const std::string_view unnamed : {"{anonymous}::", "(anonymous namespace)::"})
        if (const auto at = qualified.find(unnamed); at != qualified.npos)
            return shortTypeName(std::string(qualified.substr(0, at)) +
                                 std::string(qualified.substr(at + unnamed.size())));
    std::string out, word;
    const auto flush = [&] {
        if (!out.empty() && !word.empty()) out += "Of";
        out += word;
        word.clear();
    };
    for (const char c : qualified) {
        if (c == ':')
            word.clear();  // what came before was a namespace
        else if (std::isalnum(static_cast<unsigned char>(c)) || c == '_')
            word += c;
        else
            flush();
    }
    flush();
    return out;
}

std::string_view withoutUnderscore(std::string_view name) {
    if (name.ends_with('_')) name.remove_suffix(1);
    return name;
}

const Shape& textShape() {
    static const Shape shape{ShapeKind::text};
    return shape;
}

const Shape& anyShape() {
    static const Shape shape{ShapeKind::any};
    return shape;
}

}  // namespace shape_detail
}  // namespace meetpoint::http
