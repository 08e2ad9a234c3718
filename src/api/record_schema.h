// JSON Schemas of records from the table of their public names (formats/wire).
#pragma once

#include "columns/records.h"
#include "http/json.h"

namespace meetpoint::api {

http::Schema recordSchema(columns::LaneKind lane);
// A page of a feed: items of that record, `next`, `hasMore`, `carrierId`.
http::Schema feedPageSchema(columns::LaneKind lane);
// A page of a list that ends: items of that record, `carrierId`, and `next` unless it is the last.
http::Schema listPageSchema(columns::LaneKind lane);

// A call with the carrier's duration records of it.
http::Schema callInFullSchema();
// A duration record and all its revisions.
http::Schema durationInFullSchema();
// A page of a search: items of that record, `hasMore`, and `next` and `searchedUpTo` where there may be more.
http::Schema searchPageSchema(columns::LaneKind lane);
// All versions of a call.
http::Schema callVersionsSchema();

}  // namespace meetpoint::api
