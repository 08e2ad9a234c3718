#include "exchange/feed_consumers.h"

#include "exchange/feeds.h"
#include "exchange/parties.h"
#include "store/statements.h"

namespace meetpoint::exchange {
namespace {

using store::FeedConsumer;
using store::Tx;

Error noSuchConsumer() {
    return notFound("There is no such feed consumer.");
}

Result<FeedConsumerView> viewOf(Tx& tx, const Services& services, FeedConsumer consumer) {
    FeedConsumerView view{std::move(consumer), 0, {}};
    const std::int64_t next = view.consumer.nextSequence;
    TRY_ASSIGN(const store::LaneHead head, services.lanes.head(tx, view.consumer.lane));
    view.unread = head.nextSequence - next;
    if (view.unread == 0) return view;
    TRY_ASSIGN(const auto entry, store::entryAt(tx, view.consumer.lane, next));
    if (entry) view.oldestUnreadAt = entry->storedAt;
    return view;
}

Result<FeedConsumer> visibleConsumer(Tx& tx, const domain::Caller& caller, const Id& id) {
    TRY_ASSIGN(auto consumer, store::findFeedConsumerAnywhere(tx, id));
    if (!consumer || !carrierOf(caller, consumer->carrierId)) return fail(noSuchConsumer());
    return std::move(*consumer);
}

}  // namespace

Result<FeedConsumerView> makeFeedConsumer(const Services& services, const Limits& limits, const Id& carrierId,
                                          const NewFeedConsumer& wanted) {
    store::Carrier carrier;
    TRY(services.db.read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(carrier, carrierIn(tx, carrierId));
        return {};
    }));
    FeedConsumer consumer{{carrier.shardKey, wanted.kind},
                          makeId(services.clock, services.random),
                          carrierId,
                          wanted.name,
                          1,
                          services.clock.now(),
                          {}};
    FeedConsumerView view;
    TRY(services.db.write(store::recordsWrite(carrier.shardKey, 1), [&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto others, store::listFeedConsumers(tx, carrier.shardKey));
        if (others.size() >= limits.feedConsumers)
            return fail(conflict("too-many-feed-consumers", "A carrier has at most " +
                                                                std::to_string(limits.feedConsumers) +
                                                                " feed consumers. Remove one first."));
        TRY_ASSIGN(const store::LaneHead head, services.lanes.head(tx, consumer.lane));
        TRY_ASSIGN(consumer.nextSequence, services.lanes.firstKept(tx, consumer.lane));
        if (wanted.fromEnd) consumer.nextSequence = head.nextSequence;
        TRY(store::insertFeedConsumer(tx, consumer));
        TRY_ASSIGN(view, viewOf(tx, services, consumer));
        return {};
    }));
    return view;
}

Result<std::vector<FeedConsumerView>> listFeedConsumers(const Services& services, const Id& carrierId) {
    std::vector<FeedConsumerView> views;
    TRY(services.db.read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(const store::Carrier carrier, carrierIn(tx, carrierId));
        TRY_ASSIGN(const auto consumers, store::listFeedConsumers(tx, carrier.shardKey));
        for (const FeedConsumer& consumer : consumers) {
            TRY_ASSIGN(FeedConsumerView view, viewOf(tx, services, consumer));
            views.push_back(std::move(view));
        }
        return {};
    }));
    return views;
}

Result<FeedConsumerView> findFeedConsumer(const Services& services, const domain::Caller& caller, const Id& id) {
    FeedConsumerView view;
    TRY(services.db.read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(FeedConsumer consumer, visibleConsumer(tx, caller, id));
        TRY_ASSIGN(view, viewOf(tx, services, std::move(consumer)));
        return {};
    }));
    return view;
}

Result<FeedConsumerView> commitFeedConsumer(const Services& services, const CursorKey& cursors,
                                            const domain::Caller& caller, const Id& id, std::string_view cursor,
                                            bool mayRewind) {
    TRY_ASSIGN(const FeedConsumerView found, findFeedConsumer(services, caller, id));
    const store::LaneId lane = found.consumer.lane;
    TRY_ASSIGN(const std::int64_t position, readFeedCursor(cursors, lane, cursor, caller.clientId));
    FeedConsumerView view;
    TRY(services.db.write(store::recordsWrite(lane.shardKey, 1), [&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(auto consumer, store::findFeedConsumer(tx, lane.shardKey, id));
        if (!consumer) return fail(noSuchConsumer());
        if (position < consumer->nextSequence && !mayRewind)
            return fail(
                conflict("cursor-behind",
                         "The consumer has already committed more than this. Send \"rewind\": true to go back."));
        consumer->nextSequence = position;
        consumer->committedAt = services.clock.now();
        TRY(store::moveFeedConsumer(tx, *consumer, position, *consumer->committedAt));
        TRY_ASSIGN(view, viewOf(tx, services, std::move(*consumer)));
        return {};
    }));
    return view;
}

Result<void> deleteFeedConsumer(const Services& services, const domain::Caller& caller, const Id& id) {
    TRY_ASSIGN(const FeedConsumerView found, findFeedConsumer(services, caller, id));
    const std::int64_t shardKey = found.consumer.lane.shardKey;
    return services.db.write(store::recordsWrite(shardKey, 1), [&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(const bool deleted, store::deleteFeedConsumer(tx, shardKey, id));
        if (!deleted) return fail(noSuchConsumer());
        return {};
    });
}

}  // namespace meetpoint::exchange
