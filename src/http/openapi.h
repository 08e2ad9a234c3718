// The API document (OpenAPI 3.1) from the declared endpoints. The same registry always gives the same bytes.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "http/router.h"

namespace meetpoint::http {

struct OpenApiOptions {
    std::string title;
    std::string version;
    std::string description{};           // Markdown
    std::vector<std::string> servers{};  // URLs
    std::string tokenUrl = "/oauth2/token";
    std::vector<std::pair<std::string, std::string>> scopes{};  // name and meaning; those used are added
    std::vector<std::pair<std::string, std::string>> tags{};    // name and meaning, in order; those used are added
    // Every problem code with its meaning, for the schema of problems. May be empty.
    std::vector<std::pair<std::string, std::string>> problems{};
};

// Indented by two spaces, a newline at the end; paths in order of addition. Code "schema-name-clash" if two types of
// one name are used, "bad-schema" if a schema given as text is no JSON.
Result<std::string> writeOpenApi(const EndpointRegistry& registry, const OpenApiOptions& options);

}  // namespace meetpoint::http
