#include "cli/calls.h"

#include <CLI/CLI.hpp>

#include "cli/call_filter_options.h"

namespace meetpoint::cli {
namespace {

void addSearch(CLI::App& calls, std::function<void(const CallSearchOptions&)> run) {
    auto options = std::make_shared<CallSearchOptions>();
    CLI::App* command = calls.add_subcommand("search", "Find calls, the latest first");
    addAccessOptions(*command, options->access);
    command->add_option("--tenant", options->access.tenant, "Id of the tenant");
    addCallFilter(*command, options->filter);
    command->add_flag("--oldest-first", options->oldestFirst, "The earliest call first");
    command->add_option("--limit", options->limit, "So many calls at most; all if left out");
    command->callback([options, run = std::move(run)] { run(*options); });
}

void addShow(CLI::App& calls, std::function<void(const CallShowOptions&)> run) {
    auto options = std::make_shared<CallShowOptions>();
    CLI::App* command = calls.add_subcommand("show", "One call in full: streams, versions, the carrier's record");
    addAccessOptions(*command, options->access);
    command->add_option("call", options->callId, "The call's id")->required();
    command->callback([options, run = std::move(run)] { run(*options); });
}

void addFollow(CLI::App& calls, std::function<void(const FeedOptions&)> run) {
    auto options = std::make_shared<FeedOptions>();
    options->follow = true;
    CLI::App* command = calls.add_subcommand("follow", "Calls as they are stored, until Ctrl-C");
    addFeedOptions(*command, *options);
    command->callback([options, run = std::move(run)] { run(*options); });
}

void addExport(CLI::App& calls, std::function<void(const CallExportOptions&)> run) {
    auto options = std::make_shared<CallExportOptions>();
    CLI::App* command = calls.add_subcommand("export", "Calls or durations as a file, whatever their number");
    addAccessOptions(*command, options->access);
    command->add_option("--tenant", options->access.tenant, "Id of the tenant");
    command->add_option("file", options->file, "Where it goes; it must not be there yet")->required();
    CLI::Option* earlier = command->add_option("--export", options->exportId, "Id of an export that was begun before");
    command->add_option("--kind", options->kind, "calls or durations")->capture_default_str()->excludes(earlier);
    command->add_option("--format", options->format, "csv, ndjson or arrow")->capture_default_str()->excludes(earlier);
    command->add_option("--compression", options->compression, "none, gzip or zstd")
        ->capture_default_str()
        ->excludes(earlier);
    command->add_option("--columns", options->columns, "Names, with commas between; all if left out")
        ->delimiter(',')
        ->excludes(earlier);
    command->add_option("--time-zone", options->timeZone, "Of times: Europe/Zurich; UTC if left out")
        ->excludes(earlier);
    addCallFilter(*command, options->filter);
    command->callback([options, run = std::move(run)] { run(*options); });
}

}  // namespace

void addCallsCommand(CLI::App& app, CallCommands run) {
    CLI::App* calls = app.add_subcommand("calls", "Calls of a running exchange: search, show, follow, export");
    calls->require_subcommand(1);
    addSearch(*calls, std::move(run.search));
    addShow(*calls, std::move(run.show));
    addFollow(*calls, std::move(run.follow));
    addExport(*calls, std::move(run.exported));
}

}  // namespace meetpoint::cli
