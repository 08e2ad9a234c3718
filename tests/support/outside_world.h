// A small world made through the API alone: a carrier, a tenant with its consent, and the numbers that CallLines uses.
#pragma once

#include <filesystem>
#include <string>

#include "base/id.h"
#include "cli/api_client.h"

namespace meetpoint::outside {

struct Login {
    std::string clientId, secret;
};

struct OutsideWorld {
    Login platform, carrier, tenant;
    Id carrierId, tenantId;
};

// The first client of a store in `folder`, as `meetpoint init` left it there.
Result<Login> firstLogin(const std::filesystem::path& folder);

// Makes the world in the server at `url` through `firstLogin`, that of the store's first client. `numbers` is at most
// 10,000; where there are several carriers, each has as many of them, one after another, and the world's is the first.
Result<OutsideWorld> makeWorld(const std::string& url, const Login& firstLogin, std::uint64_t numbers,
                               std::uint64_t carriers = 1);
// The same by what `meetpoint init` left in `folder`.
Result<OutsideWorld> makeWorld(const std::string& url, const std::filesystem::path& folder, std::uint64_t numbers,
                               std::uint64_t carriers = 1);

// A client that is logged in.
Result<cli::ApiClient> logIn(const std::string& url, const Login& login);

}  // namespace meetpoint::outside
