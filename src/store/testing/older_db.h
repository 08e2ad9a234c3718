// A store as a program knows it that was written before a step of the schema: what it says to the database lacks what
// came with that step. For tests of rolling upgrades; never part of the product.
#pragma once

#include "store/db.h"

namespace meetpoint::store::testing {

// Before step 6: no calendar of blocks, and nothing in the table of their filters. Those that such a program would have
// put into the directory are left out: every block may hold everything.
std::unique_ptr<Db> withoutCalendar(std::unique_ptr<Db> db);

}  // namespace meetpoint::store::testing
