// Consumers of feeds: readers whose place in a lane is kept for them. Every function runs inside the caller's
// transaction.
#pragma once

#include <optional>

#include "store/keys.h"

namespace meetpoint::store {

struct FeedConsumer {
    LaneId lane;
    Id id;
    Id carrierId;
    std::string name;
    std::int64_t nextSequence = 1;  // the first record that it has not committed
    Instant createdAt;
    std::optional<Instant> committedAt;
};
// Code "feed-consumer-exists" (conflict) where the lane has one of that name.
Result<void> insertFeedConsumer(Tx& tx, const FeedConsumer& consumer);
Result<std::optional<FeedConsumer>> findFeedConsumer(Tx& tx, std::int64_t shardKey, const Id& id);
// Of whichever carrier; for transactions that only read.
Result<std::optional<FeedConsumer>> findFeedConsumerAnywhere(Tx& tx, const Id& id);
// Of one carrier, in order of id, which is that of making.
Result<std::vector<FeedConsumer>> listFeedConsumers(Tx& tx, std::int64_t shardKey);
// False where there is none.
Result<bool> moveFeedConsumer(Tx& tx, const FeedConsumer& consumer, std::int64_t nextSequence, Instant at);
Result<bool> deleteFeedConsumer(Tx& tx, std::int64_t shardKey, const Id& id);

}  // namespace meetpoint::store
