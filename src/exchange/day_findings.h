// What a run said of its day, read back from the report that it left: the causes that its data show, and where they
// show something else than was agreed.
#pragma once

#include "reconcile/report_data.h"
#include "store/receipts.h"

namespace meetpoint::exchange {

// Adds them to the report. Internal where the stored report cannot be read.
Result<void> addFindings(const store::ReconciliationRun& run, reconcile::Report& report);

}  // namespace meetpoint::exchange
