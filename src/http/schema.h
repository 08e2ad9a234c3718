// Shapes to JSON Schema (2020-12, as OpenAPI 3.1 has it).
#pragma once

#include <map>
#include <string>

#include <boost/json/object.hpp>

#include "base/result.h"
#include "http/json.h"

namespace meetpoint::http {

// Named schemas (objects and enumerations) met so far, by name, and the shape that has each name.
struct SchemaComponents {
    std::map<std::string, boost::json::object> schemas;
    std::map<std::string, const Shape*> owners;
};

// The schema, as a reference to a component where the type has a name. Adds the components it needs. Codes
// "schema-name-clash", "bad-schema".
Result<boost::json::object> schemaDocument(const Schema& schema, SchemaComponents& components);

}  // namespace meetpoint::http
