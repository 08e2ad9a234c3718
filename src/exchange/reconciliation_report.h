// The report of a carrier's day, month or billing cycle: summed from the items as they stand now, so that it says what
// the items say, whichever way the period cuts the days. Docs: docs/guide/reconciliation.md.
#pragma once

#include "exchange/periods.h"
#include "exchange/services.h"
#include "reconcile/report_data.h"

namespace meetpoint::exchange {

struct ReportRequest {
    std::optional<Id> carrierId;
    PeriodRequest period;
};
struct PeriodReport {
    Id carrierId;
    reconcile::Report report;
};
// Reads the period's items a day at a time, each day as one snapshot: blocks for as long as that takes. Memory depends
// on the limits and on what differs within one hour alone. Codes "carrier-required", "bad-period", not-found.
Result<PeriodReport> readReport(const Services& services, const Limits& limits, const domain::Caller& caller,
                                const ReportRequest& request);

}  // namespace meetpoint::exchange
