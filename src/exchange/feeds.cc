#include "exchange/feeds.h"

#include "exchange/projection.h"

namespace meetpoint::exchange {
namespace {

std::string cursorName(store::LaneId lane) {
    return std::string(columns::name(lane.kind)) + "/" + std::to_string(lane.shardKey);
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

Result<FeedPage> readFeed(const Services& services, const Limits& limits, const CursorKey& cursors,
                          const domain::Caller& caller, const FeedRequest& request) {
    FeedPage page;
    TRY_ASSIGN(page.carrierId, carrierOf(caller, request.carrierId));
    const std::size_t limit = std::min(request.limit, limits.feedPage);
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto carrier, store::findCarrier(tx, page.carrierId));
        if (!carrier) return fail(notFound("There is no such carrier."));
        TRY(services.ledger.refresh(tx));
        page.lane = {carrier->shardKey, request.kind};
        if (request.cursor) {
            TRY_ASSIGN(page.nextSequence, cursors.read(*request.cursor, cursorName(page.lane), caller.clientId));
        } else {
            TRY_ASSIGN(page.nextSequence, services.lanes.firstKept(tx, page.lane));
        }
        TRY_ASSIGN(const store::LaneHead head, services.lanes.head(tx, page.lane));
        if (!request.cursor && request.fromEnd) page.nextSequence = head.nextSequence;
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
