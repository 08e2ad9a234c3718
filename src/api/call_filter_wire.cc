#include "api/call_filter_wire.h"

namespace meetpoint::api {

exchange::CallSearch searchOf(const CallFilter& filter) {
    exchange::CallSearch search;
    search.range = {filter.from, filter.to, filter.carrierId, filter.versions == WantedVersions::all,
                    filter.order != WantedOrder::ascending};
    search.callId = filter.callId;
    exchange::CallConditions& c = search.conditions;
    c.tenantId = filter.tenantId;
    c.userId = filter.userId;
    c.ownNumber = filter.ownNumber;
    c.ownNumberStartsWith = filter.ownNumberStartsWith;
    c.farEndNumber = filter.farEndNumber;
    c.farEndNumberStartsWith = filter.farEndNumberStartsWith;
    c.sipCallId = filter.sipCallId;
    c.correlationId = filter.correlationId;
    c.trunk = filter.trunk;
    c.callType = filter.callType;
    c.direction = as<domain::Direction>(filter.direction);
    c.quality = as<domain::StreamQuality>(filter.quality);
    c.finalSipCode = filter.finalSipCode;
    c.q850Cause = filter.q850Cause;
    c.minDurationMs = filter.minDurationMs;
    c.maxDurationMs = filter.maxDurationMs;
    c.answered = filter.answered;
    c.emergency = filter.emergency;
    c.isTest = filter.isTest;
    return search;
}

}  // namespace meetpoint::api
