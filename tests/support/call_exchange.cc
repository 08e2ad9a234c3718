#include "support/call_exchange.h"

#include <charconv>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace meetpoint::outside {
namespace {

constexpr std::size_t faultsKept = 20;

Result<exchange::UploadCounts> countsOf(const std::string& body) {
    boost::json::error_code unreadable;
    const boost::json::value answer = boost::json::parse(body, unreadable);
    if (unreadable) return fail(internalError("not JSON: " + body.substr(0, 500)));
    return exchange::countsFromJson(boost::json::serialize(answer.at("counts")));
}

// The text between the last `mark` and the quotation mark after it.
std::string_view textAfter(std::string_view body, std::string_view mark) {
    const std::size_t at = body.rfind(mark);
    if (at == std::string_view::npos) return {};
    return body.substr(at + mark.size(), body.find('"', at + mark.size()) - at - mark.size());
}

// Takes the records of pages in their order, and sees to it that nothing is missing between them.
class FeedChecker {
public:
    explicit FeedChecker(const std::string& idName) : idMark_("\"" + idName + "\":\"") {}

    void take(std::string_view body) {
        constexpr std::string_view sequenceMark = "\"sequence\":", storedMark = "\"storedAt\":\"";
        // Every record has both, each once; the id may stand on either side of them.
        std::size_t idAt = 0, at = 0;
        while ((at = body.find(sequenceMark, at)) != std::string_view::npos) {
            at += sequenceMark.size();
            std::uint64_t sequence = 0;
            std::from_chars(body.data() + at, body.data() + body.size(), sequence);
            idAt = body.find(idMark_, idAt) + idMark_.size();
            read_.ids.emplace_back(body.substr(idAt, body.find('"', idAt) - idAt));
            if (sequence != read_.ids.size())
                fault(fmt::format("record {} has the sequence number {}", read_.ids.size(), sequence));
        }
        for (at = body.find(storedMark); at != std::string_view::npos; at = body.find(storedMark, at)) {
            at += storedMark.size();
            const std::string_view stored = body.substr(at, body.find('"', at) - at);
            if (stored < stored_) fault(fmt::format("storedAt goes back from {} to {}", stored_, stored));
            stored_ = stored;
        }
    }

    FeedRead done() && { return std::move(read_); }
    std::size_t taken() const { return read_.ids.size(); }

private:
    void fault(std::string what) {
        if (read_.faults.size() < faultsKept) read_.faults.push_back(std::move(what));
    }

    std::string idMark_, stored_;
    FeedRead read_;
};

}  // namespace

Result<exchange::UploadCounts> sendRecords(cli::ApiClient& client, const CallUpload& upload) {
    http::ClientRequest request{.method = "POST", .url = upload.path};
    request.headers.set("Content-Type", "application/x-ndjson");
    if (!upload.key.empty()) request.headers.set("Idempotency-Key", upload.key);
    std::uint64_t at = upload.from;
    request.source = [&]() -> Result<std::optional<std::string>> {
        upload.beforePiece(at);
        if (at == upload.to) return std::nullopt;
        std::string piece;
        for (const std::uint64_t stop = std::min(upload.to, at + recordsPerPiece); at < stop; ++at)
            upload.line(at, piece);
        return piece;
    };
    TRY_ASSIGN(const auto response, client.send(std::move(request)));
    if (response.status != 200)
        return fail(internalError(fmt::format("the upload was answered {}: {}", response.status, response.body)));
    return countsOf(response.body);
}

Result<FeedRead> readFeed(cli::ApiClient& client, const std::string& path, const std::string& idName) {
    FeedChecker checker(idName);
    std::string cursor;
    while (true) {
        http::ClientRequest request{.method = "GET",
                                    .url = path + "?limit=10000" + (cursor.empty() ? "" : "&cursor=" + cursor)};
        request.headers.set("Accept", "application/json");
        TRY_ASSIGN(const auto page, client.send(std::move(request)));
        if (page.status != 200)
            return fail(internalError(fmt::format("the feed answered {}: {}", page.status, page.body.substr(0, 500))));
        const std::size_t before = checker.taken();
        checker.take(page.body);
        cursor = textAfter(page.body, "],\"next\":\"");
        if (page.body.find("\"hasMore\":true") == std::string::npos || checker.taken() == before) break;
    }
    return std::move(checker).done();
}

}  // namespace meetpoint::outside
