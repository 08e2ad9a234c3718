// Reconciling a carrier's day: both sides' newest records in, items and a report out. A run stores only the items that
// differ from the run before, so the state of a day is the newest row of each item (exchange/reconciliation_items).
#pragma once

#include "exchange/ledger_cache.h"
#include "exchange/services.h"
#include "store/receipts.h"
#include "store/reconciliation_days.h"

namespace meetpoint::exchange {

// What a run goes by: the agreement in force on its day, and the carrier's own settings where that says nothing.
struct RunRules {
    Duration tolerance;
    std::int64_t tolerancePerMille = 0;
    std::string defaultRegion;  // ISO 3166-1 alpha-2, of national numbers
    Duration recordsDue;        // after the day's end
    std::optional<SignedAgreement> agreement;
};
RunRules rulesOf(const LedgerCache::View& ledger, const Limits& limits, const store::Carrier& carrier, Day day);

struct DayReport {
    Id carrierId;
    store::ReconciliationRun run;  // `report` is JSON: counts, totals, diagnosis; run 0: a dry run, not kept
    store::ReconciliationDay day;
};

// The carrier that a caller may see the reconciliation of. Codes "carrier-required", not-found.
Result<store::Carrier> reconciledCarrier(const Services& services, const domain::Caller& caller,
                                         const std::optional<Id>& named);

// Reconciles a UTC day by its rules and stores what changed in the name of `writer`. Blocks for as long as that takes.
Result<DayReport> reconcileDay(const Services& services, const Limits& limits, const store::Carrier& carrier, Day day,
                               std::string_view writer);

struct RunRequest {
    std::optional<Id> carrierId;
    Day day;
    bool isDryRun = false;  // nothing is kept
    // Other rules than those of the carrier; in a dry run only.
    std::optional<Duration> tolerance;
    std::optional<std::int64_t> tolerancePerMille;
    std::optional<std::string> defaultRegion;
};
// The same on request. Codes "carrier-required", "bad-date" for a day that has not begun, "dry-run-required".
Result<DayReport> runDay(const Services& services, const Limits& limits, const domain::Caller& caller,
                         const RunRequest& request);

// The newest report of a day, or of each day in [from, to); of the runs up to `asOf` where it is given. Not-found where
// the day was not run.
Result<DayReport> findDayReport(const Services& services, const domain::Caller& caller,
                                const std::optional<Id>& carrierId, Day day, std::optional<std::int64_t> asOf);
Result<std::vector<DayReport>> listDayReports(const Services& services, const domain::Caller& caller,
                                              const std::optional<Id>& carrierId, Day from, Day to,
                                              std::optional<std::int64_t> asOf);
// Every run of a day, newest first.
Result<std::vector<DayReport>> listRuns(const Services& services, const domain::Caller& caller,
                                        const std::optional<Id>& carrierId, Day day);

}  // namespace meetpoint::exchange
