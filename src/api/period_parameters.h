// Parameters that say of which day, month or billing cycle something is asked.
#pragma once

#include "exchange/periods.h"
#include "http/endpoint.h"

namespace meetpoint::api {

// `date`, `month`, `period`, `timeZone`.
void addPeriodParameters(http::EndpointBuilder& builder);

// Whether any of them is given but `timeZone`.
bool namesPeriod(const http::ParameterValues& query);

// A month is that of `month`, or that of `date` with `period=month`. Codes "bad-period" where that is too much or too
// little, "unknown-time-zone".
Result<exchange::PeriodRequest> periodRequestOf(const http::ParameterValues& query);

}  // namespace meetpoint::api
