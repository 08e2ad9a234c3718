// The items of a day as they are now, as a run left them, or what changed after the day was closed.
#pragma once

#include <functional>

#include "exchange/cursors.h"
#include "exchange/services.h"

namespace meetpoint::exchange {

struct ItemRequest {
    std::optional<Id> carrierId;
    Day day;
    std::optional<std::string> state;
    std::optional<std::int64_t> asOf;  // as this run left them; else as they are now
    bool onlyAdjustments = false;      // those that changed after the day was closed, gone ones too
    std::optional<std::string> cursor;
    std::size_t limit = 100;
};
struct ItemPage {
    Id carrierId;
    columns::Records items{columns::LaneKind::items};
    std::vector<std::uint64_t> sequences;
    std::vector<Instant> storedAt;
    std::optional<std::string> next;
};
// In order of sequence. Codes "carrier-required", "bad-cursor", "bad-value".
Result<ItemPage> listItems(const Services& services, const CursorKey& cursors, const domain::Caller& caller,
                           const ItemRequest& request);

using UseItem = std::function<void(const store::LaneSlice&, std::size_t row)>;
// Calls `use` with each item that stands now for a call in [from, to) (not gone), block by block.
Result<void> scanItems(store::Tx& tx, const Services& services, std::int64_t shardKey, Instant from, Instant to,
                       const UseItem& use);

}  // namespace meetpoint::exchange
