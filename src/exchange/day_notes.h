// Which days have records that no run of reconciliation has seen: noted from the calendar of blocks, after the records
// were stored, so that an upload pays nothing for it.
#pragma once

#include "exchange/services.h"

namespace meetpoint::exchange {

// Whether records of a carrier were stored that are not noted yet.
Result<bool> hasUnnoted(store::Tx& tx, const store::Lanes& lanes, std::int64_t shardKey);

// Notes the days of all records that were stored before the call, and the days beside them, whose calls they may belong
// to. Safe to call from several nodes at once. True: there were any.
Result<bool> noteNewRecords(const Services& services, std::int64_t shardKey);

}  // namespace meetpoint::exchange
