// Pages of records that a search found, as JSON.
#pragma once

#include "api/context.h"
#include "exchange/call_search.h"

namespace meetpoint::api {

// One record of a slice, appended; `carrierId` where somebody has it.
void appendRecord(const store::LaneSlice& slice, std::size_t row, const std::optional<Id>& carrierId, std::string& out);

// {"items":[…],"hasMore":…} with `next` and `searchedUpTo` where there may be more, and the Link header of a GET.
http::Response recordPage(const exchange::RecordPage& page, const http::Request& request);

// What a request says of the order and the part that it wants; the parameters are declared by addRangeParameters.
exchange::SearchRange rangeOf(const http::Request& request);
void addRangeParameters(http::EndpointBuilder& builder, std::string_view time);

}  // namespace meetpoint::api
