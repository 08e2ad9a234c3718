// Usage information for tenants: what was called, day by day, with whose duration counts and why.
#pragma once

#include "exchange/ledger_cache.h"
#include "exchange/services.h"

namespace meetpoint::exchange {

struct UsageRequest {
    std::optional<Id> tenantId;  // the caller's own where it is a tenant
    Day from, to;                // civil days of `zone`, [from, to)
    TimeZone zone = TimeZone::utc();
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

// In order of date and direction. Codes "range-too-long" (over 92 days), "tenant-required".
Result<std::vector<UsageRow>> readUsage(const Services& services, const domain::Caller& caller,
                                        const UsageRequest& request);

}  // namespace meetpoint::exchange
