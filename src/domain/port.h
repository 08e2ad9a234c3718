// A port: a number on its way from one carrier to another. The losing carrier accepts or objects, the gaining one
// completes; between them lies the instant at which the number changes hands.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace meetpoint::domain {

enum class PortState : std::uint8_t {
    requested,  // the losing carrier has yet to answer
    accepted,   // may be completed from its date on
    objected,   // by the losing carrier; ended
    cutOver,    // the number has changed hands; the gaining carrier's side is being brought up
    completed,
    cancelled,  // by the gaining carrier; ended
};
std::string_view name(PortState state);
std::optional<PortState> readPortState(std::string_view word);

// Whether a port may go from one state to another.
bool mayMove(PortState from, PortState to);

}  // namespace meetpoint::domain
