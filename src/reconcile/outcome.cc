#include "reconcile/outcome.h"

#include <algorithm>

#include "base/hash.h"

namespace meetpoint::reconcile {

bool Item::isDifference() const {
    switch (state) {
        case State::matched:
        case State::matchedWithinTolerance:
        case State::outsideMutualInterval:
        case State::outsideScope:
            return false;
        case State::duplicateAtPlatform:
        case State::duplicateAtCarrier:
            return !repeatedByBoth;
        default:
            return true;
    }
}

bool Outcome::hasDifferences() const {
    return std::ranges::any_of(items, &Item::isDifference);
}

Id itemId(const Outcome& outcome, const Item& item, const columns::Records& calls, const columns::Records& durations) {
    using columns::Part;
    // The two kinds of key never meet: a call's key is a UUID after "c/", a duration's its text after "d/".
    std::string smallest;
    const auto offer = [&](std::string key) {
        if (smallest.empty() || key < smallest) smallest = std::move(key);
    };
    const auto& callIds = calls.part(Part::core)[columns::CallCore::callId];
    for (const std::uint32_t row : outcome.ours(item))
        offer("c/" + formatId(callIds.id(row)));
    const auto& recordIds = durations.part(Part::core)[columns::DurationCore::recordId];
    for (const std::uint32_t row : outcome.theirs(item))
        offer("d/" + std::string(recordIds.text(row)));
    const Sha256 hash = sha256(viewOf(smallest));
    Id id = idFromBytes(ByteView(hash).first(16));
    id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0F) | 0x80);  // RFC 9562: version 8, made by our own rule
    id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3F) | 0x80);
    return id;
}

}  // namespace meetpoint::reconcile
