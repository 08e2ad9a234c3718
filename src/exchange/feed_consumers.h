// Consumers of feeds: named readers of a carrier's feeds whose place the exchange keeps. A consumer reads from what it
// has committed, and commits what it has done with: after a crash it goes on there, and gets nothing less than it
// missed.
#pragma once

#include "exchange/cursors.h"
#include "exchange/services.h"
#include "store/feed_consumers.h"

namespace meetpoint::exchange {

struct NewFeedConsumer {
    columns::LaneKind kind = columns::LaneKind::calls;
    std::string name;
    bool fromEnd = false;  // only what comes from now on; else from the first record that is kept
};

// How far a consumer is behind its feed.
struct FeedConsumerView {
    store::FeedConsumer consumer;
    std::int64_t unread = 0;                // records
    std::optional<Instant> oldestUnreadAt;  // when the first of them was stored; none where it is no longer kept
};

// `carrier` as carrierOf() gives it. Codes "feed-consumer-exists", "too-many-feed-consumers" (conflict), not-found.
Result<FeedConsumerView> makeFeedConsumer(const Services& services, const Limits& limits, const Id& carrier,
                                          const NewFeedConsumer& wanted);
// All of the carrier, in order of making.
Result<std::vector<FeedConsumerView>> listFeedConsumers(const Services& services, const Id& carrier);
// Of a carrier that the caller may act for, as the platform of any. Code not-found.
Result<FeedConsumerView> findFeedConsumer(const Services& services, const domain::Caller& caller, const Id& id);
// Everything before the cursor is done with. Going back needs `mayRewind`: of several workers a slow one must not undo
// what others have committed. Codes not-found, "bad-cursor", "cursor-behind" (conflict).
Result<FeedConsumerView> commitFeedConsumer(const Services& services, const CursorKey& cursors,
                                            const domain::Caller& caller, const Id& id, std::string_view cursor,
                                            bool mayRewind);
// Code not-found.
Result<void> deleteFeedConsumer(const Services& services, const domain::Caller& caller, const Id& id);

}  // namespace meetpoint::exchange
