// Sending the calls of CallLines to a server, and reading a carrier's feed back with everything counted.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/id.h"
#include "cli/api_client.h"
#include "exchange/upload_receipts.h"

namespace meetpoint::outside {

struct CallUpload {
    std::string path = "/v1/calls";
    std::uint64_t from = 0, to = 0;  // the indexes of the calls
    std::string key{};               // Idempotency-Key; "" for none
    std::function<void(std::uint64_t index, std::string& out)> line;
    std::function<void(std::uint64_t index)> beforePiece = [](std::uint64_t) {};  // told which call is next
};

// Sends the upload in pieces of `recordsPerPiece`. The counts, if it was acknowledged; an error, if the connection
// broke or the answer was another.
inline constexpr std::uint64_t recordsPerPiece = 500;
Result<exchange::UploadCounts> sendRecords(cli::ApiClient& client, const CallUpload& upload);

// A feed from its beginning to its end.
struct FeedRead {
    std::vector<std::string> ids;     // in the order of the feed
    std::vector<std::string> faults;  // gaps, what is out of its place, time of storing that goes back
};
// `idName` is the field that names a record. An error, if a page could not be had.
Result<FeedRead> readFeed(cli::ApiClient& client, const std::string& path, const std::string& idName);

}  // namespace meetpoint::outside
