// Commands that have tasks below them, each with options of its own: `meetpoint tickets list`, `… show`.
#pragma once

#include <functional>
#include <memory>

#include <CLI/CLI.hpp>

#include "cli/exchange_session.h"

namespace meetpoint::cli {

template <class Options>
struct TaskCommand {
    CLI::App* app;
    std::shared_ptr<Options> options;  // filled in when the line is parsed
};

// Declares one task with what every command on a running exchange takes; `run` is called once the line is parsed.
// Options has members `task` and `access`.
template <class Options>
TaskCommand<Options> addTask(CLI::App& parent, decltype(Options::task) task, const char* name, const char* what,
                             const std::function<void(const Options&)>& run) {
    auto options = std::make_shared<Options>();
    options->task = task;
    CLI::App* command = parent.add_subcommand(name, what);
    addAccessOptions(*command, options->access);
    command->callback([options, run] { run(*options); });
    return {command, options};
}

}  // namespace meetpoint::cli
