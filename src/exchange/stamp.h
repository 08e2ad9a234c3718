// Whose record is it? Each record that comes in is judged by who held its own number at the time of the call, stamped
// with that, and sorted into the lane it belongs to. Stamped once, never re-derived.
#pragma once

#include "columns/records.h"
#include "exchange/ledger_cache.h"

namespace meetpoint::exchange {

// Records of one lane, and where each stood in the batch that they came in.
struct LaneGroup {
    std::int64_t shardKey = 0;
    columns::Records records;
    std::vector<std::uint32_t> rows;
    std::vector<std::uint32_t> fingerprints;
};

struct Refusal {
    std::uint32_t row;
    std::string code;
    std::string message;
    std::string pointer;
};

struct Stamped {
    std::vector<LaneGroup> groups;  // in order of shard key
    std::vector<Refusal> refusals;
};

// The lane of calls whose own number nobody held, or without a consent that covers them: the platform alone reads it.
inline constexpr std::int64_t unattributedShard = 0;

// Stamps holder, tenant, reference and mask. No call is refused here. `fingerprints` are columns::fingerprints() of the
// records.
Stamped stampCalls(const LedgerCache::View& ledger, columns::Records records, std::vector<std::uint32_t> fingerprints,
                   Instant now);

// A carrier's durations. One whose number the carrier held within `slack` of its start is its own; one that names a
// number held by somebody else is refused ("number-not-yours"), as is one that no consent covers ("consent-missing");
// one whose number nobody holds is kept, flagged.
Stamped stampDurations(const LedgerCache::View& ledger, columns::Records records,
                       std::vector<std::uint32_t> fingerprints, const store::Carrier& carrier, Duration slack,
                       Instant now);

}  // namespace meetpoint::exchange
