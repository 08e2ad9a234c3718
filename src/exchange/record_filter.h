// What a reader asks of records: conditions on columns, each of which says what it reads, so that a scan reads that and
// no more. For searches; exports and key figures ask the same way.
#pragma once

#include <functional>

#include "columns/records.h"

namespace meetpoint::exchange {

// One record that is asked.
struct RecordView {
    const columns::Records& records;
    std::size_t row;
    std::span<const std::uint32_t> streamOffsets;  // columns::streamOffsets, where the network part was read
};

struct Condition {
    columns::Part part = columns::Part::core;  // that it reads besides core
    std::vector<int> core;                     // columns of core
    std::vector<int> columns;                  // columns of `part`, where that is another
    // Whether a record may meet it as its reader sees it and not as it is stored: what is hidden can make it true.
    bool hiddenMayMeet = false;
    std::function<bool(const RecordView&)> holds;
};

struct RecordFilter {
    std::vector<Condition> conditions;  // all must hold of what the reader sees
    // Values that every record which meets them has in its block's filter: other parties' numbers (columns::numberHash)
    // and signalling ids (signallingIdHash).
    std::vector<std::uint64_t> hashes;
    std::optional<std::uint64_t> ownNumber;  // that all of them have (numberHash)
};

}  // namespace meetpoint::exchange
