// Findings: what stands out in how calls went, as a caller may see them.
#pragma once

#include "exchange/quality.h"
#include "quality/findings.h"

namespace meetpoint::exchange {

struct FindingRequest {
    std::optional<Id> carrierId;  // a carrier client that acts for several must name one
    std::optional<Id> tenantId;
    Instant from, to;  // of findings: those that begin in [from, to) or last into it
    Instant deadline{INT64_MAX};
};

// In order of their begin. Looks back over QualityLimits::findingHistory for what is usual. Codes "range-too-long",
// "too-many-groups" (QualityLimits::findingCells), "carrier-required", timeout "deadline-passed"; not-found.
Result<std::vector<quality::Finding>> readFindings(const QualityDesk& desk, const domain::Caller& caller,
                                                   const FindingRequest& request);

}  // namespace meetpoint::exchange
