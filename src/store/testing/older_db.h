// A store as a program left it that was written before a step of the schema. For tests of upgrades; never part of the
// product.
#pragma once

#include "store/db.h"

namespace meetpoint::store::testing {

// Takes a store of all steps back to what programs of step 16 wrote: filters in the directory, blocks of the lower half
// of each lane without a calendar, entries of the key index without checks. It must be opened anew then.
Result<void> takeBackToStep16(Db& db);

}  // namespace meetpoint::store::testing
