// Any bytes are read as JSON of a described type or refused; what was read comes back the same from its own writing.
#include <cstdint>
#include <cstdlib>

#include <boost/json/value.hpp>

#include "http/json.h"

namespace {

using namespace meetpoint;

enum class Kind { plain, fancy };
BOOST_DESCRIBE_ENUM(Kind, plain, fancy)

struct Part {
    std::string name;
    std::optional<Kind> kind;
    std::vector<Part> parts;
    static constexpr http::FieldDoc docs[] = {{.field = "name", .maxLength = 100, .pattern = "^[a-z]*$"},
                                              {.field = "parts", .maxLength = 10, .optional = true}};
};
BOOST_DESCRIBE_STRUCT(Part, (), (name, kind, parts))

struct Whole {
    std::optional<Id> id;
    std::optional<Instant> at;
    std::optional<std::int64_t> count;
    std::optional<std::uint8_t> small;
    std::optional<double> ratio;
    std::map<std::string, Part> parts;
    static constexpr http::FieldDoc docs[] = {{.field = "parts", .optional = true}};
};
BOOST_DESCRIBE_STRUCT(Whole, (), (id, at, count, small, ratio, parts))

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto whole = http::readJson<Whole>(text);
    if (whole) {
        const std::string once = http::writeJson(*whole);
        const auto again = http::readJson<Whole>(once);
        if (!again || http::writeJson(*again) != once) std::abort();
    }
    const auto any = http::readJson<boost::json::value>(text);
    if (any && !http::readJson<boost::json::value>(http::writeJson(*any))) std::abort();
    return 0;
}
