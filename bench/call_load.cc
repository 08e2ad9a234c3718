#include "call_load.h"

#include <algorithm>

#include <boost/json.hpp>

namespace meetpoint::bench {
namespace {

constexpr std::size_t pieceBytes = 256 * 1024;

std::uint64_t storedOf(const boost::json::value& counts) {
    std::uint64_t stored = 0;
    for (const char* result : {"created", "updated", "outdated"})
        stored += counts.at(result).to_number<std::uint64_t>();
    return stored;
}

}  // namespace

double secondsSince(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

double percentile(std::vector<double> values, double share) {
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::ranges::nth_element(values, at);
    return *at;
}

Result<double> upload(cli::ApiClient& platform, const std::string& body, std::uint64_t records) {
    return uploadTo("/v1/calls", platform, body, records);
}

Result<double> uploadTo(const std::string& path, cli::ApiClient& client, const std::string& body,
                        std::uint64_t records) {
    std::size_t at = 0;
    http::ClientRequest request{.method = "POST", .url = path};
    request.headers.set("Content-Type", "application/x-ndjson");
    request.source = [&]() -> Result<std::optional<std::string>> {
        if (at == body.size()) return std::nullopt;
        std::string piece = body.substr(at, pieceBytes);
        at += piece.size();
        return piece;
    };
    const auto start = std::chrono::steady_clock::now();
    TRY_ASSIGN(const http::ClientResponse response, client.send(std::move(request)));
    const double seconds = secondsSince(start);
    boost::json::error_code unreadable;
    const auto answer = boost::json::parse(response.body, unreadable);
    if (unreadable || response.status != 200 || storedOf(answer.at("counts")) != records)
        return fail(internalError("the upload was answered " + response.body.substr(0, 500)));
    return seconds;
}

}  // namespace meetpoint::bench
