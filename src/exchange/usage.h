// Usage information for tenants: what was called, day by day, with whose duration counts and why.
#pragma once

#include "exchange/periods.h"
#include "exchange/services.h"

namespace meetpoint::exchange {

struct UsageRequest {
    std::optional<Id> tenantId;   // the caller's own where it is a tenant
    std::optional<Id> carrierId;  // its calls alone
    // Civil days of `zone`, [from, to); or a period instead.
    Day from, to;
    TimeZone zone = TimeZone::utc();
    std::optional<PeriodRequest> period;
};

struct UsageSource {
    std::int64_t calls = 0;  // answered ones
    std::int64_t durationMs = 0;
};

struct UsageRow {
    Day date;
    bool outbound = false;
    std::int64_t calls = 0;
    std::int64_t answered = 0;
    std::int64_t durationMs = 0;  // of the durations that count
    // Where the carrier's duration counts, by reason: matched, or asAgreed where the difference is wholly what was
    // agreed about increments and basis, or settledDispute.
    std::map<std::string, UsageSource> carrier;
    // Where the platform's does: notReconciled, missingAtCarrier, durationMismatch, openDispute, settledDispute, …
    std::map<std::string, UsageSource> platform;
};

struct UsageReport {
    std::optional<reconcile::PeriodKind> period;  // nothing: days that were named
    Instant from, to;
    TimeZone zone = TimeZone::utc();
    std::vector<UsageRow> rows;  // in order of date and direction
};
// A billing cycle is that of the agreement with the named carrier, or with the only one that the tenant has ever signed
// a consent with. Codes "range-too-long" (over 92 days), "tenant-required", "carrier-required", "bad-period",
// not-found.
Result<UsageReport> readUsage(const Services& services, const domain::Caller& caller, const UsageRequest& request);

}  // namespace meetpoint::exchange
