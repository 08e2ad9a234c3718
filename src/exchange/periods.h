// Which time a day, a month or a billing cycle is. Docs: docs/guide/reconciliation.md.
#pragma once

#include "exchange/ledger_cache.h"
#include "reconcile/report_data.h"

namespace meetpoint::exchange {

struct PeriodRequest {
    reconcile::PeriodKind kind = reconcile::PeriodKind::day;
    Day day;                       // a civil day in it
    std::optional<TimeZone> zone;  // of days and months, UTC if left out; a billing cycle has the agreement's
};

struct Period {
    reconcile::PeriodKind kind = reconcile::PeriodKind::day;
    Instant from, to;  // [from, to)
    TimeZone zone = TimeZone::utc();
};

// A billing cycle is that of the agreement in force on the day: it begins on `billingCycleStartDay`, at the first
// instant of that day in the agreement's zone (UTC where it names none), and lasts to the next such day; without an
// agreement it is the calendar month in UTC. Where an agreement with another start day or zone comes into force, the
// running cycle ends there and the next begins, so that cycles follow each other without a gap. Code "bad-period" for a
// cycle with a zone.
Result<Period> periodOf(const LedgerCache::View& ledger, const Id& carrier, const PeriodRequest& request);

}  // namespace meetpoint::exchange
