// Reconciling a carrier's day: both sides' newest records in, items and a report out. A run stores only the items that
// differ from the run before, so the state of a day is the newest row of each item.
#pragma once

#include "exchange/cursors.h"
#include "exchange/ledger_cache.h"
#include "exchange/services.h"
#include "store/receipts.h"

namespace meetpoint::exchange {

struct DayReport {
    Id carrierId;
    store::ReconciliationRun run;  // `report` is JSON: counts, totals, diagnosis
};

// Reconciles the UTC day now and stores what changed. Blocks for as long as that takes. Codes "carrier-required",
// "bad-date" for a day that has not begun.
Result<DayReport> runDay(const Services& services, const Limits& limits, const domain::Caller& caller,
                         const std::optional<Id>& carrierId, Day day);

// The newest report of a day, or of each day in [from, to). Not-found where the day was never run.
Result<DayReport> findDayReport(const Services& services, const domain::Caller& caller,
                                const std::optional<Id>& carrierId, Day day);
Result<std::vector<DayReport>> listDayReports(const Services& services, const domain::Caller& caller,
                                              const std::optional<Id>& carrierId, Day from, Day to);

struct ItemRequest {
    std::optional<Id> carrierId;
    Day day;
    std::optional<std::string> state;
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
// The day's items as they are now, in order of sequence.
Result<ItemPage> listItems(const Services& services, const CursorKey& cursors, const domain::Caller& caller,
                           const ItemRequest& request);

// Calls `use` with each item that stands for the day (not gone), block by block.
Result<void> scanItems(store::Tx& tx, const Services& services, std::int64_t shardKey, Instant from, Instant to,
                       const std::function<void(const store::LaneSlice&, std::size_t row)>& use);

}  // namespace meetpoint::exchange
