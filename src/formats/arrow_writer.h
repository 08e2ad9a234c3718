// Records as an Apache Arrow IPC stream (application/vnd.apache.arrow.stream): any Arrow reader opens it as it comes.
// Calls and durations are one table, the media streams of calls another behind the same cursor; both carry `sequence`.
#pragma once

#include <span>

#include "columns/records.h"

namespace meetpoint::formats {

enum class ArrowTable { records, streams };

// Which table, and what of it.
struct ArrowShape {
    columns::LaneKind kind = columns::LaneKind::calls;
    ArrowTable table = ArrowTable::records;         // streams: of calls only
    bool withParties = true, withInternal = false;  // parts that only some readers may see
    bool withCarrier = false;                       // a column `carrierId`, where records of several stand together
    std::vector<std::string> columns;               // only these; empty: all
};
// The table's fields, in order.
std::vector<const columns::Field*> arrowFields(const ArrowShape& shape);

struct ArrowSlice {
    const columns::Records* records;
    std::span<const std::int64_t> sequences;        // one a record
    std::span<const Instant> storedAt;              // one a record
    std::span<const std::optional<Id>> carriers{};  // one a record, where the shape has them
};

using ArrowMetadata = std::vector<std::pair<std::string, std::string>>;

// A stream is a head, any number of batches, and columns::endOfStream(). `metadata` goes into the schema's custom
// metadata.
Bytes arrowHead(const ArrowShape& shape, const ArrowMetadata& metadata = {});
Bytes arrowBatch(const ArrowShape& shape, const ArrowSlice& slice);
// All of it, a batch a slice.
Bytes arrowStream(const ArrowShape& shape, std::span<const ArrowSlice> slices, const ArrowMetadata& metadata = {});

}  // namespace meetpoint::formats
