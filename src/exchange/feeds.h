// Feeds: a lane read from a cursor, in order of arrival, as its reader may see it.
#pragma once

#include "exchange/cursors.h"
#include "exchange/ledger_cache.h"
#include "exchange/services.h"

namespace meetpoint::exchange {

struct FeedRequest {
    columns::LaneKind kind = columns::LaneKind::calls;
    std::optional<Id> carrierId;        // where the caller acts for several, or is the platform
    std::optional<std::string> cursor;  // none: from the first record that is kept
    std::optional<Id> consumer;         // without a cursor: from what this feed consumer has committed
    bool fromEnd = false;               // without either: only what comes from now on
    std::size_t limit = 1'000;          // records; at most Limits::feedPage
};

struct FeedPage {
    Id carrierId;
    store::LaneId lane;
    std::vector<store::LaneSlice> slices;  // in order; together at most `limit` records
    std::string next;                      // where to go on, also when there is nothing more yet
    std::int64_t nextSequence = 1;
    bool hasMore = false;  // more is there already
    std::size_t rows() const;
};

// The cursor at a sequence of a lane, for that client.
std::string feedCursor(const CursorKey& cursors, store::LaneId lane, std::int64_t sequence, std::string_view clientId);

// The sequence that a cursor of that lane and client points at. Code "bad-cursor".
Result<std::int64_t> readFeedCursor(const CursorKey& cursors, store::LaneId lane, std::string_view cursor,
                                    std::string_view clientId);

// Codes: "bad-cursor", "cursor-expired" (gone), "carrier-required", not-found.
Result<FeedPage> readFeed(const Services& services, const Limits& limits, const CursorKey& cursors,
                          const domain::Caller& caller, const FeedRequest& request);

}  // namespace meetpoint::exchange
