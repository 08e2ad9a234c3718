// What can be asked of calls, as conditions on their columns.
#pragma once

#include "base/hash.h"
#include "domain/call.h"
#include "domain/quality.h"
#include "exchange/record_filter.h"

namespace meetpoint::exchange {

// All that is given must hold, of a call as its reader sees it: digits that are masked, user ids and addresses that are
// hidden find nothing.
struct CallConditions {
    std::optional<Id> tenantId, userId;
    std::optional<std::string> ownNumber;            // E.164
    std::optional<std::string> ownNumberStartsWith;  // digits, the country code first
    std::optional<std::string> farEndNumber;         // as it is shown: E.164, masked, or as dialled
    std::optional<std::string> farEndNumberStartsWith;
    std::optional<std::string> sipCallId, correlationId, trunk, callType;
    std::optional<domain::Direction> direction;
    std::optional<domain::StreamQuality> quality;  // of the worst stream
    domain::QualityLimits qualityLimits;           // by which it is judged
    std::optional<std::int32_t> finalSipCode, q850Cause;
    std::optional<std::int64_t> minDurationMs, maxDurationMs;  // both included
    std::optional<bool> answered, emergency, isTest;           // what is not said of a call is not so
};

// Calls `use` with the public name of each condition and what it is set to.
template <class Conditions, class Use>
void eachCondition(Conditions& conditions, Use use) {
    use("tenantId", conditions.tenantId);
    use("userId", conditions.userId);
    use("ownNumber", conditions.ownNumber);
    use("ownNumberStartsWith", conditions.ownNumberStartsWith);
    use("farEndNumber", conditions.farEndNumber);
    use("farEndNumberStartsWith", conditions.farEndNumberStartsWith);
    use("sipCallId", conditions.sipCallId);
    use("correlationId", conditions.correlationId);
    use("trunk", conditions.trunk);
    use("callType", conditions.callType);
    use("direction", conditions.direction);
    use("quality", conditions.quality);
    use("finalSipCode", conditions.finalSipCode);
    use("q850Cause", conditions.q850Cause);
    use("minDurationMs", conditions.minDurationMs);
    use("maxDurationMs", conditions.maxDurationMs);
    use("answered", conditions.answered);
    use("emergency", conditions.emergency);
    use("isTest", conditions.isTest);
}

// `secret` is that of the blocks' filters. Codes "bad-number", "bad-number-part", "bad-range".
Result<RecordFilter> callFilter(const CallConditions& conditions, const KeyedHash& secret);

}  // namespace meetpoint::exchange
