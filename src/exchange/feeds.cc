#include "exchange/feeds.h"

#include "exchange/parties.h"
#include "exchange/projection.h"
#include "store/feed_consumers.h"

namespace meetpoint::exchange {
namespace {

std::string cursorName(store::LaneId lane) {
    return std::string(columns::name(lane.kind)) + "/" + std::to_string(lane.shardKey);
}

// Where a request begins that says nothing of the end.
Result<std::int64_t> beginningOf(store::Tx& tx, const Services& services, const CursorKey& cursors,
                                 const domain::Caller& caller, const FeedRequest& request, store::LaneId lane) {
    if (request.cursor) return readFeedCursor(cursors, lane, *request.cursor, caller.clientId);
    if (!request.consumer) return services.lanes.firstKept(tx, lane);
    TRY_ASSIGN(const auto consumer, store::findFeedConsumer(tx, lane.shardKey, *request.consumer));
    if (!consumer || consumer->lane != lane) return fail(notFound("This feed has no such consumer."));
    return consumer->nextSequence;
}

}  // namespace

std::size_t FeedPage::rows() const {
    std::size_t rows = 0;
    for (const auto& slice : slices)
        rows += slice.sequences.size();
    return rows;
}

std::string feedCursor(const CursorKey& cursors, store::LaneId lane, std::int64_t sequence, std::string_view clientId) {
    return cursors.write(cursorName(lane), sequence, clientId);
}

Result<std::int64_t> readFeedCursor(const CursorKey& cursors, store::LaneId lane, std::string_view cursor,
                                    std::string_view clientId) {
    return cursors.read(cursor, cursorName(lane), clientId);
}

Result<FeedPage> readFeed(const Services& services, const Limits& limits, const CursorKey& cursors,
                          const domain::Caller& caller, const FeedRequest& request) {
    FeedPage page;
    TRY_ASSIGN(page.carrierId, carrierOf(caller, request.carrierId));
    const std::size_t limit = std::min(request.limit, limits.feedPage);
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(const store::Carrier carrier, carrierIn(tx, page.carrierId));
        TRY(services.ledger.refresh(tx));
        page.lane = {carrier.shardKey, request.kind};
        TRY_ASSIGN(page.nextSequence, beginningOf(tx, services, cursors, caller, request, page.lane));
        TRY_ASSIGN(const store::LaneHead head, services.lanes.head(tx, page.lane));
        if (!request.cursor && !request.consumer && request.fromEnd) page.nextSequence = head.nextSequence;
        while (page.rows() < limit && page.nextSequence < head.nextSequence) {
            TRY_ASSIGN(auto slice, services.lanes.readFrom(tx, page.lane, page.nextSequence, limit - page.rows(),
                                                           store::PartSet::all()));
            slice.records =
                project(services.ledger.view(), std::move(slice.records), caller.role, services.clock.now());
            page.nextSequence = slice.sequences.back() + 1;
            page.slices.push_back(std::move(slice));
        }
        page.hasMore = page.nextSequence < head.nextSequence;
        return {};
    }));
    page.next = feedCursor(cursors, page.lane, page.nextSequence, caller.clientId);
    return page;
}

}  // namespace meetpoint::exchange
