// Records as an Apache Arrow IPC stream (application/vnd.apache.arrow.stream): any Arrow reader opens it as it comes.
// Calls and durations are one table, the media streams of calls another behind the same cursor; both carry `sequence`.
#pragma once

#include <span>

#include "columns/records.h"

namespace meetpoint::formats {

enum class ArrowTable { records, streams };

struct ArrowSlice {
    const columns::Records* records;
    std::span<const std::int64_t> sequences;  // one a record
    std::span<const Instant> storedAt;        // one a record
};

// Schema, a batch a slice, end of stream. `withInternal` adds the part that only some readers may see. `metadata` goes
// into the schema's custom metadata. The streams table is of calls only.
Bytes arrowStream(columns::LaneKind kind, ArrowTable table, std::span<const ArrowSlice> slices, bool withInternal,
                  const std::vector<std::pair<std::string, std::string>>& metadata = {});

}  // namespace meetpoint::formats
