// Every endpoint as it is declared, with no store behind it: for what reads declarations, such as the API
// document and the tests that go through all endpoints. The handlers must not be called.
#pragma once

#include <memory>

#include "http/router.h"

namespace meetpoint::api {

class DeclaredEndpoints {
public:
    // `version` is the program's.
    static Result<std::unique_ptr<DeclaredEndpoints>> make(std::string version);
    ~DeclaredEndpoints();

    const http::EndpointRegistry& registry() const;
    // What is committed as api/openapi.json.
    Result<std::string> document() const;

private:
    struct Surroundings;
    explicit DeclaredEndpoints(std::unique_ptr<Surroundings> surroundings);
    std::unique_ptr<Surroundings> surroundings_;
};

}  // namespace meetpoint::api
