// Timed uploads of calls to a server, and the arithmetic of medians, for benchmarks of the whole exchange.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "cli/api_client.h"

namespace meetpoint::bench {

double secondsSince(std::chrono::steady_clock::time_point start);

// The upper median; `values` is not empty.
double median(std::vector<double> values);
// The value that the share `share`, 0 to 1, of them does not exceed; `values` is not empty.
double percentile(std::vector<double> values, double share);

// Sends the whole body as one upload to /v1/calls; gives the seconds until the answer. An error, unless all `records`
// were stored, as calls that are new or as versions of others.
Result<double> upload(cli::ApiClient& platform, const std::string& body, std::uint64_t records);
// The same to another path: "/v1/durations".
Result<double> uploadTo(const std::string& path, cli::ApiClient& client, const std::string& body,
                        std::uint64_t records);

}  // namespace meetpoint::bench
