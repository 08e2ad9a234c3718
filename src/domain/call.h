// The closed sets that a call and a duration record are described with, in the order in which they are stored.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace meetpoint::domain {

enum class Direction : std::uint8_t { inbound, outbound };  // seen from the tenant
enum class Completeness : std::uint8_t { provisional, final };
enum class FarEndPresentation : std::uint8_t { allowed, restricted, unavailable };
enum class TimeBasis : std::uint8_t { invite, ring, answer };  // where a start or a duration is counted from

// Index of `word` in a comma-separated list of names ("inbound,outbound"); nothing if it is not one of them.
std::optional<std::uint8_t> indexIn(std::string_view names, std::string_view word);
// The name at that index; empty if there is none.
std::string_view nameAt(std::string_view names, std::size_t index);

}  // namespace meetpoint::domain
