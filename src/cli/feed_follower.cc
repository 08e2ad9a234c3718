#include "cli/feed_follower.h"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/ostream.h>

#include "cli/exit_codes.h"
#include "cli/json_reading.h"
#include "cli/patience.h"

namespace meetpoint::cli {
namespace {

namespace json = boost::json;

constexpr int waitSeconds = 60;  // of one long poll

// Reads on from page to page; where it is stands in `cursor`.
class Follower {
public:
    Follower(const FeedOptions& options, const FeedView& view, Interruption& interruption, std::ostream& out,
             std::ostream& err)
        : options_(options),
          view_(view),
          interruption_(interruption),
          out_(out),
          patience_(interruption, err),
          cursor_(options.cursor) {}

    Result<void> run(ExchangeSession& session) {
        if (!options_.access.json) view_.printHead(out_);
        out_.flush();
        while (!interruption_.hasCome()) {
            const auto page = session.get(path());
            if (!page && interruption_.hasCome()) break;
            if (!page && !(options_.follow && Patience::mayPass(page.error()))) return fail(page.error());
            if (!page) {
                patience_.wait(page.error());
                continue;
            }
            take(*page);
            const json::value* more = valueAt(*page, "/hasMore");
            if (!options_.follow && !(more && more->is_bool() && more->get_bool())) break;
        }
        return {};
    }
    const std::string& cursor() const { return cursor_; }

private:
    std::string path() const {
        std::string path = "/v1/feeds/" + view_.feed;
        addToQuery(path, "carrierId", options_.access.carrier);
        addToQuery(path, "cursor", cursor_);
        if (cursor_.empty()) addToQuery(path, "from", options_.from);
        if (options_.follow) addToQuery(path, "wait", std::to_string(waitSeconds));
        return path;
    }
    void take(const json::value& page) {
        patience_.worked();
        for (const json::value& record : arrayAt(page, "/items"))
            print(record);
        out_.flush();
        cursor_ = textAt(page, "/next");
    }
    void print(const json::value& record) {
        if (options_.access.json)
            fmt::print(out_, "{}\n", json::serialize(record));
        else
            view_.printRow(out_, record);
    }

    const FeedOptions& options_;
    const FeedView& view_;
    Interruption& interruption_;
    std::ostream& out_;
    Patience patience_;
    std::string cursor_;
};

}  // namespace

void addFeedOptions(CLI::App& command, FeedOptions& options) {
    addAccessOptions(command, options.access);
    CLI::Option* cursor = command.add_option("--cursor", options.cursor, "Where an earlier reading ended");
    command.add_option("--from", options.from, "first (what is kept), or now: only what comes from now on")
        ->check(CLI::IsMember({"first", "now"}))
        ->excludes(cursor);
}

int runFeed(const FeedOptions& options, const FeedView& view, Interruption& interruption, std::ostream& out,
            std::ostream& err) {
    http::ClientOptions client;
    client.connectTimeout = seconds(5);
    client.readTimeout = seconds(waitSeconds + 30);
    auto session = ExchangeSession::open(options.access, client);
    if (!session) return sayWhatWentWrong(view.command, session.error(), err);
    interruption.onComing([&] { session->cancel(); });
    Follower follower(options, view, interruption, out, err);
    const auto ran = follower.run(*session);
    interruption.onComing({});
    const int code = ran ? exitFine : sayWhatWentWrong(view.command, ran.error(), err);
    if (!follower.cursor().empty()) fmt::print(err, "To go on from here: --cursor {}\n", follower.cursor());
    return code;
}

int runFeed(const FeedOptions& options, const FeedView& view, std::ostream& out, std::ostream& err) {
    Interruption interruption;
    const SignalWatch watch(interruption);
    return runFeed(options, view, interruption, out, err);
}

}  // namespace meetpoint::cli
