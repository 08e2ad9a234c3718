#include "domain/port.h"

#include "domain/call.h"

namespace meetpoint::domain {
namespace {

constexpr std::string_view states = "requested,accepted,objected,cutOver,completed,cancelled";

}  // namespace

std::string_view name(PortState state) {
    return nameAt(states, static_cast<std::size_t>(state));
}

std::optional<PortState> readPortState(std::string_view word) {
    if (const auto index = indexIn(states, word)) return static_cast<PortState>(*index);
    return std::nullopt;
}

bool mayMove(PortState from, PortState to) {
    using enum PortState;
    switch (from) {
        case requested:
            return to == accepted || to == objected || to == cancelled;
        case accepted:
            return to == cutOver || to == cancelled;
        case cutOver:
            return to == completed;
        case objected:
        case completed:
        case cancelled:
            return false;
    }
    return false;
}

}  // namespace meetpoint::domain
