#include "domain/side.h"

#include "domain/call.h"

namespace meetpoint::domain {
namespace {

constexpr std::string_view sides = "platform,carrier";

}  // namespace

std::string_view name(Side side) {
    return nameAt(sides, static_cast<std::size_t>(side));
}

std::optional<Side> readSide(std::string_view word) {
    if (const auto index = indexIn(sides, word)) return static_cast<Side>(*index);
    return std::nullopt;
}

Side otherSide(Side side) {
    return side == Side::platform ? Side::carrier : Side::platform;
}

std::optional<Side> sideOf(Role role) {
    switch (role) {
        case Role::platform:
            return Side::platform;
        case Role::carrier:
            return Side::carrier;
        case Role::tenant:
        case Role::auditor:
            return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace meetpoint::domain
