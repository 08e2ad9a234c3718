// The two sides of what platform and one carrier settle between them: agreements, traffic totals, tickets.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "domain/access.h"

namespace meetpoint::domain {

enum class Side : std::uint8_t { platform, carrier };

std::string_view name(Side side);  // "platform"
std::optional<Side> readSide(std::string_view word);
Side otherSide(Side side);
// The side that a role speaks for; nothing for those that are neither.
std::optional<Side> sideOf(Role role);

}  // namespace meetpoint::domain
