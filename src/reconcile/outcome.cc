#include "reconcile/outcome.h"

#include <algorithm>

#include "base/hash.h"

namespace meetpoint::reconcile {

bool Item::isDifference() const {
    return differs(state) && !repeatedByBoth;
}

bool Outcome::hasDifferences() const {
    return std::ranges::any_of(items, &Item::isDifference);
}

Id itemId(const Items& items, const Item& item, const columns::Records& calls, const columns::Records& durations) {
    using columns::Part;
    std::vector<Id> callIds;
    std::vector<std::string_view> recordIds;
    for (const std::uint32_t row : items.ours(item))
        callIds.push_back(calls.part(Part::core)[columns::CallCore::callId].id(row));
    for (const std::uint32_t row : items.theirs(item))
        recordIds.push_back(durations.part(Part::core)[columns::DurationCore::recordId].text(row));
    return ItemIds().of(callIds, recordIds);
}

Id ItemIds::of(std::span<const Id> calls, std::span<const std::string_view> records) {
    // The two kinds of key never meet: a call's key is a UUID after "c/", a duration's its text after "d/". So a call's
    // is the smaller one, and the smallest of several is that of the smallest id.
    if (!calls.empty()) {
        key_.resize(2 + 36);
        key_[0] = 'c', key_[1] = '/';
        formatIdTo(std::ranges::min(calls), key_.data() + 2);
    } else {
        key_ = "d/";
        key_ += std::ranges::min(records);
    }
    hash_.restart();
    hash_.add(viewOf(key_));
    const Sha256 hash = hash_.finish();
    Id id = idFromBytes(ByteView(hash).first(16));
    id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0F) | 0x80);  // RFC 9562: version 8, made by our own rule
    id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3F) | 0x80);
    return id;
}

}  // namespace meetpoint::reconcile
