#include "store/feed_consumers.h"

namespace meetpoint::store {
namespace {

constexpr std::string_view select =
    "SELECT shard_key, id, carrier_id, kind, name, next_sequence, created_at, committed_at FROM feed_consumers WHERE ";

FeedConsumer readConsumer(const Row& row) {
    FeedConsumer consumer;
    consumer.lane = {row.integer(0), static_cast<columns::LaneKind>(row.integer(3))};
    consumer.id = row.id(1);
    consumer.carrierId = row.id(2);
    consumer.name = row.text(4);
    consumer.nextSequence = row.integer(5);
    consumer.createdAt = row.instant(6);
    consumer.committedAt = row.optionalInstant(7);
    return consumer;
}

Result<std::vector<FeedConsumer>> selectWhere(Tx& tx, std::string_view condition,
                                              std::initializer_list<Value> parameters) {
    std::vector<FeedConsumer> consumers;
    TRY(tx.query(std::string(select) + std::string(condition), parameters,
                 [&](const Row& row) { consumers.push_back(readConsumer(row)); }));
    return consumers;
}

Result<std::optional<FeedConsumer>> onlyOne(Result<std::vector<FeedConsumer>> found) {
    if (!found) return fail(std::move(found).error());
    return found->empty() ? std::nullopt : std::optional(std::move(found->front()));
}

}  // namespace

Result<void> insertFeedConsumer(Tx& tx, const FeedConsumer& consumer) {
    TRY_ASSIGN(const std::int64_t inserted,
               tx.execute("INSERT INTO feed_consumers (shard_key, id, carrier_id, kind, name, next_sequence, "
                          "created_at) VALUES ($1, $2, $3, $4, $5, $6, $7) "
                          "ON CONFLICT (shard_key, kind, name) DO NOTHING",
                          {consumer.lane.shardKey, consumer.id, consumer.carrierId, consumer.lane.kindNumber(),
                           std::string_view(consumer.name), consumer.nextSequence, consumer.createdAt}));
    if (inserted == 0)
        return fail(conflict("feed-consumer-exists", "This feed has a consumer of that name. Take another name."));
    return {};
}

Result<std::optional<FeedConsumer>> findFeedConsumer(Tx& tx, std::int64_t shardKey, const Id& id) {
    return onlyOne(selectWhere(tx, "shard_key = $1 AND id = $2", {shardKey, id}));
}

Result<std::optional<FeedConsumer>> findFeedConsumerAnywhere(Tx& tx, const Id& id) {
    return onlyOne(selectWhere(tx, "id = $1", {id}));
}

Result<std::vector<FeedConsumer>> listFeedConsumers(Tx& tx, std::int64_t shardKey) {
    return selectWhere(tx, "shard_key = $1 ORDER BY id", {shardKey});
}

Result<bool> moveFeedConsumer(Tx& tx, const FeedConsumer& consumer, std::int64_t nextSequence, Instant at) {
    TRY_ASSIGN(const std::int64_t moved, tx.execute("UPDATE feed_consumers SET next_sequence = $3, committed_at = $4 "
                                                    "WHERE shard_key = $1 AND id = $2",
                                                    {consumer.lane.shardKey, consumer.id, nextSequence, at}));
    return moved > 0;
}

Result<bool> deleteFeedConsumer(Tx& tx, std::int64_t shardKey, const Id& id) {
    TRY_ASSIGN(const std::int64_t deleted,
               tx.execute("DELETE FROM feed_consumers WHERE shard_key = $1 AND id = $2", {shardKey, id}));
    return deleted > 0;
}

}  // namespace meetpoint::store
