// JSON Schemas of records from the table of their public names (formats/wire).
#pragma once

#include "columns/records.h"
#include "http/json.h"

namespace meetpoint::api {

http::Schema recordSchema(columns::LaneKind lane);
// A page of a feed: items of that record, `next`, `hasMore`, `carrierId`.
http::Schema feedPageSchema(columns::LaneKind lane);

}  // namespace meetpoint::api
