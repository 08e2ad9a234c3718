// Many small readings of one snapshot, on as many threads as the process gives away for it.
#pragma once

#include <functional>

#include "exchange/services.h"

namespace meetpoint::exchange {

// Reads one thing of several; the same at any time. Called by several threads at once.
using ReadOne = std::function<Result<void>(store::Tx& tx, std::size_t at)>;

// Calls `read` for each number below `count`, in no order: in `tx`, or on another thread in a transaction of its own,
// whose snapshot may be a later one. What fails there is called once more, in `tx`; the first error there ends it.
// Blocks until all is done.
Result<void> readTogether(const Services& services, store::Tx& tx, std::size_t count, const ReadOne& read);

}  // namespace meetpoint::exchange
