#include "http/json_parse.h"

#include <charconv>
#include <cmath>
#include <set>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <fmt/format.h>

#include "http/json.h"

namespace meetpoint::http {
namespace {

namespace json = boost::json;
using boost::system::error_code;

constexpr std::size_t duplicatesMax = 100;

// Builds the tree, and remembers where it is so that a repeated member can be named.
class TreeBuilder {
public:
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_string_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = std::size_t(-1);

    json::value_stack stack;
    std::vector<Fault> duplicates;

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_object_begin(error_code&) {
        levels_.push_back({});
        return true;
    }
    bool on_object_end(std::size_t count, error_code&) {
        levels_.pop_back();
        stack.push_object(count);
        countItem();
        return true;
    }
    bool on_array_begin(error_code&) {
        levels_.push_back({.array = true});
        return true;
    }
    bool on_array_end(std::size_t count, error_code&) {
        levels_.pop_back();
        stack.push_array(count);
        countItem();
        return true;
    }
    bool on_key_part(json::string_view part, std::size_t, error_code&) {
        key_.append(part.data(), part.size());
        stack.push_chars(part);
        return true;
    }
    bool on_key(json::string_view part, std::size_t, error_code&) {
        key_.append(part.data(), part.size());
        stack.push_key(part);
        Level& level = levels_.back();
        level.step = std::move(key_);
        key_.clear();
        if (!level.keys.insert(level.step).second && duplicates.size() < duplicatesMax)
            duplicates.push_back({pointer(), "duplicate-field", "It stands here more than once.", 0});
        return true;
    }
    bool on_string_part(json::string_view part, std::size_t, error_code&) {
        stack.push_chars(part);
        return true;
    }
    bool on_string(json::string_view part, std::size_t, error_code&) {
        stack.push_string(part);
        countItem();
        return true;
    }
    bool on_number_part(json::string_view part, error_code&) {
        number_.append(part.data(), part.size());
        return true;
    }
    bool on_int64(std::int64_t value, json::string_view, error_code&) {
        number_.clear();
        stack.push_int64(value);
        countItem();
        return true;
    }
    bool on_uint64(std::uint64_t value, json::string_view, error_code&) {
        number_.clear();
        stack.push_uint64(value);
        countItem();
        return true;
    }
    bool on_double(double value, json::string_view part, error_code& error) {
        // The library's own reading may be a last digit off; the standard's is the nearest double.
        number_.append(part.data(), part.size());
        double nearest = 0;
        const auto read = std::from_chars(number_.data(), number_.data() + number_.size(), nearest);
        if (read.ec == std::errc() && read.ptr == number_.data() + number_.size()) value = nearest;
        number_.clear();
        if (!std::isfinite(value)) {  // "1e999999": no number we could write again
            error = json::error::exponent_overflow;
            return false;
        }
        stack.push_double(value);
        countItem();
        return true;
    }
    bool on_bool(bool value, error_code&) {
        stack.push_bool(value);
        countItem();
        return true;
    }
    bool on_null(error_code&) {
        stack.push_null();
        countItem();
        return true;
    }
    bool on_comment_part(json::string_view, error_code&) { return true; }
    bool on_comment(json::string_view, error_code&) { return true; }

private:
    struct Level {
        bool array = false;
        std::size_t index = 0;
        std::string step{};
        std::set<std::string> keys{};
    };

    void countItem() {
        if (!levels_.empty() && levels_.back().array) ++levels_.back().index;
    }
    std::string pointer() const {
        std::string path;
        for (const Level& level : levels_)
            path = pointerTo(path, level.array ? std::to_string(level.index) : level.step);
        return path;
    }

    std::vector<Level> levels_;
    std::string key_;
    std::string number_;  // the text of a number so far
};

Error syntaxError(std::string_view text, std::size_t at, const std::string& why) {
    const std::string_view before = text.substr(0, at);
    const std::size_t line = 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
    const std::size_t lineStart = before.rfind('\n') == before.npos ? 0 : before.rfind('\n') + 1;
    Error error = invalidInput("bad-json", fmt::format("Line {}, column {}: {}.", line, at - lineStart + 1, why));
    error.faults.push_back({"", "bad-json", why, line});
    return error;
}

}  // namespace

Result<ParsedJson> parseJson(std::string_view text, std::size_t depth) {
    if (text.find_first_not_of(" \t\r\n") == text.npos)
        return fail(invalidInput("bad-json", "The body is empty; JSON is expected."));
    json::parse_options options;
    options.max_depth = depth;
    try {
        json::basic_parser<TreeBuilder> parser(options);
        parser.handler().stack.reset();
        error_code error;
        const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
        if (!error && used < text.size()) error = json::error::extra_data;
        if (error) return fail(syntaxError(text, std::min(used, text.size()), error.message()));
        return ParsedJson{parser.handler().stack.release(), std::move(parser.handler().duplicates)};
    } catch (const std::exception& exception) {
        return fail(internalError(fmt::format("the JSON parser threw: {}", exception.what())));
    }
}

}  // namespace meetpoint::http
