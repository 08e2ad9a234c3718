// What a run of a carrier's day reads: of the calls and durations of that time only what reconciliation looks at, block
// by block, so that the records themselves are never held together.
#pragma once

#include "exchange/services.h"
#include "reconcile/side_input.h"

namespace meetpoint::exchange {

struct DayRecords {
    reconcile::SideInput calls{columns::LaneKind::calls}, durations{columns::LaneKind::durations};
};

// The newest records of both lanes in the day and the margin around it; those that were stored after `dueAt` are late.
// With `threads` above 1 the two lanes are read
// at once, where the store has a connection free for it. Blocks until all is read.
Result<DayRecords> readDay(const Services& services, std::int64_t shardKey, Day day, Duration margin, Instant dueAt,
                           std::size_t threads);

}  // namespace meetpoint::exchange
