// Which records of a block a reader is after: columns that conditions need are read first, the rest not at all. The
// answer is always that of the records as the reader may see them (exchange/projection).
#pragma once

#include "exchange/record_filter.h"
#include "exchange/record_lanes.h"
#include "store/block_calendar.h"

namespace meetpoint::exchange {

struct MatchRequest {
    columns::LaneKind kind = columns::LaneKind::calls;
    domain::Role role = domain::Role::auditor;
    Instant seenAt;              // when the reader looks: what is shown of a record shrinks with its age
    std::optional<Id> tenantId;  // only its records
    RecordFilter filter;
    Instant from{INT64_MIN}, to{INT64_MAX};  // of the lane's time column, [from, to)
    bool newestOnly = true;                  // not the rows that a later version superseded
};

// The rows of a block that match, in order, and of each its key, version and time.
struct BlockMatch {
    std::vector<std::uint32_t> rows;
    columns::Batch core;  // a row for each of `rows`; other columns are absent
};

class BlockMatcher {
public:
    BlockMatcher(const Services& services, MatchRequest request);

    const MatchRequest& request() const { return request_; }
    // Narrows what follows to a time within the request's.
    void narrow(Instant from, Instant to);

    // Nothing where no block lies in exactly that place any more. Code "corrupt-data".
    Result<std::optional<BlockMatch>> match(store::Tx& tx, store::LaneId lane, const store::BlockPlace& place) const;
    // The same of named rows in two steps. First which of them the snapshot of `tx` has to be looked at; none where no
    // block lies in exactly that place any more.
    Result<std::vector<std::uint32_t>> rowsToMatch(store::Tx& tx, store::LaneId lane, const store::BlockPlace& place,
                                                   std::vector<std::uint32_t> rows) const;
    // Then what of them matches, with all of core; also in a later snapshot, as long as the block lies there. Code
    // "corrupt-data".
    Result<BlockMatch> matchRows(store::Tx& tx, store::LaneId lane, const store::BlockPlace& place,
                                 const std::vector<std::uint32_t>& rows) const;
    // Whether one record matches, time and version aside; `projected` as the reader may see it, with every part that a
    // condition reads.
    bool matches(const RecordView& projected) const;

private:
    bool isOfTenant(const columns::Batch& core, std::size_t row) const;
    bool meetsCore(const columns::Records& core, std::size_t row) const;
    bool isInTime(std::int64_t ms) const { return ms >= request_.from.ms && ms < request_.to.ms; }
    Result<BlockMatch> matchCore(ByteView data, const store::BlockPlace& place, const store::BlockState& state) const;
    Result<BlockMatch> matchCoreOf(ByteView data, const std::vector<std::uint32_t>& rows) const;
    Result<BlockMatch> matchHiddenParts(store::Tx& tx, store::LaneId lane, const store::BlockPlace& place,
                                        BlockMatch match) const;
    Result<std::vector<std::uint32_t>> rowsByHiddenParts(store::Tx& tx, store::LaneId lane,
                                                         const store::BlockPlace& place,
                                                         std::vector<std::uint32_t> rows) const;
    std::vector<std::uint32_t> rowsAsSeen(const columns::Records& stored, std::vector<std::uint32_t> rows) const;

    const Services& services_;
    MatchRequest request_;
    columns::ColumnSet time_, identity_;                         // of core: time; key, version and time
    columns::ColumnSet coreConditions_{{false}};                 // of core: what its conditions read, perhaps nothing
    std::array<columns::ColumnSet, columns::partCount> wanted_;  // what all conditions read
    std::vector<columns::Part> hiddenParts_;                     // parts besides core that conditions read
};

}  // namespace meetpoint::exchange
