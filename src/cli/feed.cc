#include "cli/feed.h"

#include <CLI/CLI.hpp>
#include <fmt/ostream.h>

#include "cli/json_reading.h"

namespace meetpoint::cli {
namespace {

void printHead(std::ostream& out) {
    fmt::print(out, "{:<26}{:<8}{:<17}{:<19}{}\n", "at", "seq", "number", "state", "SIP URI");
}

void printEvent(std::ostream& out, const boost::json::value& event) {
    const std::string sipUri = textAt(event, "/sipUri");
    fmt::print(out, "{:<26}{:<8}{:<17}{:<19}{}\n", textAt(event, "/occurredAt"), integerAt(event, "/sequence"),
               textAt(event, "/number"), textAt(event, "/state"), sipUri.empty() ? "-" : sipUri);
}

}  // namespace

const FeedView& assignmentFeed() {
    static const FeedView view{"feed", "assignments", &printHead, &printEvent};
    return view;
}

void addFeedCommand(CLI::App& app, std::function<void(const FeedOptions&)> run) {
    CLI::App* feed = app.add_subcommand("feed", "What happens at a running exchange, event by event");
    feed->require_subcommand(1);
    auto options = std::make_shared<FeedOptions>();
    CLI::App* command = feed->add_subcommand("assignments", "What happened to the carrier's numbers");
    addFeedOptions(*command, *options);
    command->add_flag("--follow", options->follow, "Go on until Ctrl-C, printing each event as it comes");
    command->callback([options, run = std::move(run)] { run(*options); });
}

}  // namespace meetpoint::cli
