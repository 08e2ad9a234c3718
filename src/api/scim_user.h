// Users of a tenant's directory in SCIM 2.0's form (RFC 7643): what of it is kept, and how changes are read. Only what
// numbers need is kept; other attributes are let pass and forgotten.
#pragma once

#include <boost/json.hpp>

#include "store/ledger.h"

namespace meetpoint::api {

inline constexpr std::string_view scimUserSchema = "urn:ietf:params:scim:schemas:core:2.0:User";
inline constexpr std::string_view scimOurSchema = "urn:meetpoint:params:scim:schemas:User";  // sipUri, country

// `location` is the user's own address.
boost::json::object scimUser(const store::Target& user, const std::string& location);

// A whole user, of POST and PUT, into `user`: what is left out is taken away. Codes "bad-json", "scim-invalid-value"
// (userName is needed; a value of the wrong type).
Result<void> readScimUser(std::string_view body, store::Target& user);
// A PATCH (RFC 7644 §3.5.2) on a user. Codes "bad-json", "scim-invalid-value", "scim-invalid-path".
Result<void> patchScimUser(std::string_view body, store::Target& user);

// `userName eq "…"` or `externalId eq "…"` (RFC 7644 §3.4.2.2). Code "scim-invalid-filter" for any other.
Result<void> readScimFilter(std::string_view filter, store::TargetQuery& query);

}  // namespace meetpoint::api
