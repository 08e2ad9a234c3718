// What each endpoint needs, restated by hand: who may use it at all, and what somebody else's thing looks
// like there. The test goes through the registry, so that an endpoint without a row here fails.
#pragma once

#include <set>

#include "api/world.h"

namespace meetpoint::tests {

// A request that names another's thing, and the same one with what does not exist.
struct ForeignThing {
    Party& asker;
    std::string what;     // "Alp asks for Bay's number"
    std::string foreign;  // path and query
    std::string absent;
    json::value foreignBody{}, absentBody{};
};

struct AccessRow {
    std::string operation;
    std::set<std::string> roles;  // that may use it; empty: anyone, without a token
    // Requests for other people's things; none where an endpoint names nothing.
    std::function<std::vector<ForeignThing>(World&)> foreign{};
};

std::vector<AccessRow> accessTable();

}  // namespace meetpoint::tests
