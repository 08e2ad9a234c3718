// Searching calls, and listing durations: in order of time, as their reader may see them.
#pragma once

#include "exchange/call_filter.h"
#include "exchange/cursors.h"
#include "exchange/time_scan.h"

namespace meetpoint::exchange {

// What searches of every kind of record say.
struct SearchRange {
    std::optional<Instant> from, to;  // of the calls' time, [from, to)
    std::optional<Id> carrierId;
    bool allVersions = false;  // else only the newest
    bool descending = true;    // the latest call first; calls of one instant by their key, in the same direction
    std::size_t limit = 100;   // at most Limits::searchPage
    std::optional<std::string> cursor;
};

struct CallSearch {
    SearchRange range;
    CallConditions conditions;
    std::optional<Id> callId;
};

struct RecordPage {
    ScannedPage records;
    std::optional<std::string> next;      // where there may be more
    std::optional<Instant> searchedUpTo;  // with `next`: up to where the page has looked
};

// The calls that the caller may see and that meet what is given. A page ends when it is full or has done as much work
// as one page may; `next` then goes on. Each page shows what is newest when it is read. Codes "bad-cursor",
// "cursor-expired" (gone), "carrier-required", "bad-number", "bad-number-part", "bad-range", not-found. These block on
// the store.
Result<RecordPage> searchCalls(const Services& services, const Limits& limits, const CursorKey& cursors,
                               const domain::Caller& caller, const CallSearch& search);

struct DurationList {
    SearchRange range;
    std::optional<Id> tenantId;
};
Result<RecordPage> listDurations(const Services& services, const Limits& limits, const CursorKey& cursors,
                                 const domain::Caller& caller, const DurationList& list);

// The same for readers that keep their own place: a search that was checked, and then a page of it. They say in
// `request.seenAt` when they look, and in `scan` from where and how far.
struct PreparedSearch {
    SearchRange range;
    MatchRequest request;
    TimeScan scan;
};
// Codes "bad-range", "bad-number", "bad-number-part".
Result<PreparedSearch> prepareCalls(const Services& services, const CallSearch& search);
Result<PreparedSearch> prepareDurations(const DurationList& list);
// Codes "cursor-expired" (gone), "carrier-required", not-found. Blocks on the store.
Result<ScannedPage> readPage(const Services& services, const Limits& limits, const domain::Caller& caller,
                             PreparedSearch search);

}  // namespace meetpoint::exchange
