// Errors in the form of OData 4 as Microsoft Graph has it: what endpoints in Graph's shape answer for everything that
// they refuse.
#pragma once

#include <memory>

#include "http/endpoint.h"

namespace meetpoint::api {

// {"error": {code, message, target, details, innerError}}. `code` is a word of Graph's, by the kind of error;
// innerError has our stable code, the request's id and the date.
std::shared_ptr<const http::ErrorForm> odataErrors();

}  // namespace meetpoint::api
