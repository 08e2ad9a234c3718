#include "cli/feed.h"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/ostream.h>

#include "cli/exit_codes.h"
#include "cli/json_reading.h"

namespace meetpoint::cli {
namespace {

namespace json = boost::json;

constexpr int waitSeconds = 60;  // of one long poll
constexpr Duration firstPause = seconds(1), longestPause = seconds(30);

// Something that may pass by itself: the exchange is being restarted, or is overloaded.
bool mayPass(const Error& error) {
    return error.kind == ErrorKind::unavailable || error.kind == ErrorKind::timeout ||
           error.kind == ErrorKind::rateLimited || error.kind == ErrorKind::internal;
}

void printEvent(std::ostream& out, bool asJson, const json::value& event) {
    if (asJson) {
        fmt::print(out, "{}\n", json::serialize(event));
        return;
    }
    const std::string sipUri = textAt(event, "/sipUri");
    fmt::print(out, "{:<26}{:<8}{:<17}{:<19}{}\n", textAt(event, "/at"), integerAt(event, "/sequence"),
               textAt(event, "/number"), textAt(event, "/state"), sipUri.empty() ? "-" : sipUri);
}

// Reads on from page to page; where it is stands in `cursor`.
class Follower {
public:
    Follower(const FeedOptions& options, Interruption& interruption, std::ostream& out, std::ostream& err)
        : options_(options), interruption_(interruption), out_(out), err_(err), cursor_(options.cursor) {}

    Result<void> run(ExchangeSession& session) {
        if (!options_.access.json)
            fmt::print(out_, "{:<26}{:<8}{:<17}{:<19}{}\n", "at", "seq", "number", "state", "SIP URI");
        out_.flush();
        while (!interruption_.hasCome()) {
            const auto page = session.get(path());
            if (!page && interruption_.hasCome()) break;
            if (!page && !(options_.follow && mayPass(page.error()))) return fail(page.error());
            if (!page) {
                pause(page.error());
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
        std::string path = "/v1/feeds/assignments";
        addToQuery(path, "carrierId", options_.access.carrier);
        addToQuery(path, "cursor", cursor_);
        if (cursor_.empty()) addToQuery(path, "from", options_.from);
        if (options_.follow) addToQuery(path, "wait", std::to_string(waitSeconds));
        return path;
    }
    void take(const json::value& page) {
        if (isAway_) fmt::print(err_, "The exchange answers again.\n");
        isAway_ = false;
        pause_ = firstPause;
        for (const json::value& event : arrayAt(page, "/items"))
            printEvent(out_, options_.access.json, event);
        out_.flush();
        cursor_ = textAt(page, "/next");
    }
    void pause(const Error& error) {
        if (!isAway_) fmt::print(err_, "{} It is tried again until it works; Ctrl-C ends it.\n", error.message);
        isAway_ = true;
        interruption_.waitFor(pause_);
        pause_ = std::min(Duration{pause_.ms * 2}, longestPause);
    }

    const FeedOptions& options_;
    Interruption& interruption_;
    std::ostream &out_, &err_;
    std::string cursor_;
    bool isAway_ = false;
    Duration pause_ = firstPause;
};

}  // namespace

int runAssignmentFeed(const FeedOptions& options, Interruption& interruption, std::ostream& out, std::ostream& err) {
    http::ClientOptions client;
    client.connectTimeout = seconds(5);
    client.readTimeout = seconds(waitSeconds + 30);
    auto session = ExchangeSession::open(options.access, client);
    if (!session) return sayWhatWentWrong("feed", session.error(), err);
    interruption.onComing([&] { session->cancel(); });
    Follower follower(options, interruption, out, err);
    const auto ran = follower.run(*session);
    interruption.onComing({});
    const int code = ran ? exitFine : sayWhatWentWrong("feed", ran.error(), err);
    if (!follower.cursor().empty()) fmt::print(err, "To go on from here: --cursor {}\n", follower.cursor());
    return code;
}

int runAssignmentFeed(const FeedOptions& options, std::ostream& out, std::ostream& err) {
    Interruption interruption;
    const SignalWatch watch(interruption);
    return runAssignmentFeed(options, interruption, out, err);
}

void addFeedCommand(CLI::App& app, std::function<void(const FeedOptions&)> run) {
    CLI::App* feed = app.add_subcommand("feed", "What happens at a running exchange, event by event");
    feed->require_subcommand(1);
    auto options = std::make_shared<FeedOptions>();
    CLI::App* command = feed->add_subcommand("assignments", "What happened to the carrier's numbers");
    addAccessOptions(*command, options->access);
    command->add_flag("--follow", options->follow, "Go on until Ctrl-C, printing each event as it comes");
    CLI::Option* cursor = command->add_option("--cursor", options->cursor, "Where an earlier reading ended");
    command->add_option("--from", options->from, "first (what is kept), or now: only what comes from now on")
        ->check(CLI::IsMember({"first", "now"}))
        ->excludes(cursor);
    command->callback([options, run = std::move(run)] { run(*options); });
}

}  // namespace meetpoint::cli
