#include "cli/numbers.h"

#include "cli/exit_codes.h"
#include "cli/number_lists.h"
#include "cli/number_orders.h"
#include "cli/task_command.h"

namespace meetpoint::cli {
namespace {

using Run = std::function<void(const NumbersOptions&)>;

Result<int> work(const NumbersOptions& options, const Surroundings& around) {
    TRY_ASSIGN(auto session, ExchangeSession::open(options.access));
    switch (options.task) {
        case NumbersTask::list:
        case NumbersTask::search:
            TRY(listNumbers(session, options, around.out, around.err));
            return exitFine;
        case NumbersTask::history:
            TRY(printHistory(session, options, around.out));
            return exitFine;
        case NumbersTask::upload:
        case NumbersTask::release:
            return orderNumbers(session, options, around);
        case NumbersTask::assign:
        case NumbersTask::unassign:
            return moveAssignment(session, options, around);
    }
    return exitUsage;
}

using Command = TaskCommand<NumbersOptions>;

Command addNumbersTask(CLI::App& numbers, NumbersTask task, const char* name, const char* what, const Run& run) {
    const Command command = addTask(numbers, task, name, what, run);
    command.app->add_option("--tenant", command.options->access.tenant, "Id of the tenant");
    return command;
}

void addListOptions(const Command& command) {
    NumbersOptions& o = *command.options;
    command.app->add_option("--state", o.state, "available, assigned, assignmentPending …");
    command.app->add_option("--usage", o.usage, "callingUserAssignment …");
    command.app->add_option("--country", o.country, "ISO 3166-1 alpha-2");
    command.app->add_option("--starts-with", o.startsWith, "Digits that it begins with, the country code first");
    command.app->add_option("--contains", o.contains, "Digits anywhere in it");
    command.app->add_option("--target", o.target, "Id of the target that it is assigned to");
    command.app->add_option("--limit", o.limit, "So many numbers at most; all if left out");
}

void addWaiting(const Command& command) {
    command.app->add_flag("--dry-run", command.options->dryRun, "Say what would become of it, and change nothing");
    command.app->add_flag("--no-wait", command.options->noWait, "Give the operation's id and end");
}

CLI::Option* addOne(const Command& command) {
    return command.app->add_option("number", command.options->numbers, "A number, or its id")->expected(1);
}

void addOrders(CLI::App& numbers, const Run& run) {
    const Command upload = addNumbersTask(numbers, NumbersTask::upload, "upload", "Take numbers in for a tenant", run);
    const Command release =
        addNumbersTask(numbers, NumbersTask::release, "release", "Give numbers of a tenant back", run);
    for (const Command& command : {upload, release}) {
        command.app
            ->add_option("numbers", command.options->numbers,
                         "Numbers, files with a number a line or CSV, - for standard input")
            ->required();
        command.app->get_option("--tenant")->required();
        addWaiting(command);
    }
    NumbersOptions& o = *upload.options;
    upload.app->add_option("--usage", o.usage, "callingUserAssignment if left out");
    upload.app->add_option("--additional-usage", o.additionalUsage, "A second usage");
    upload.app->add_option("--country", o.country, "ISO 3166-1 alpha-2; else the number says");
    upload.app->add_option("--location", o.locationId, "Of the emergency address");
    upload.app->add_option("--calling-profile", o.callingProfileId, "The carrier's own");
    upload.app->add_option("--ticket", o.ticketId, "The carrier's own");
}

}  // namespace

int runNumbers(const NumbersOptions& options, std::istream& in, std::ostream& out, std::ostream& err, bool terminal) {
    const auto code = work(options, {in, out, err, terminal});
    return code ? *code : sayWhatWentWrong("numbers", code.error(), err);
}

void addNumbersCommand(CLI::App& app, std::function<void(const NumbersOptions&)> run) {
    CLI::App* numbers = app.add_subcommand("numbers", "Numbers of a running exchange: read, order, assign");
    numbers->require_subcommand(1);
    addListOptions(addNumbersTask(*numbers, NumbersTask::list, "list", "The numbers that you may see", run));
    const Command search = addNumbersTask(*numbers, NumbersTask::search, "search", "Find numbers", run);
    addOne(search);
    addListOptions(search);
    addOrders(*numbers, run);
    const Command assign = addNumbersTask(*numbers, NumbersTask::assign, "assign", "Assign a number to a target", run);
    addOne(assign)->required();
    assign.app->add_option("target", assign.options->assignTo, "A target's id, or a user's principal name")->required();
    assign.app->add_option("--category", assign.options->category, "primary if left out, private or alternate");
    assign.app->add_option("--sip-uri", assign.options->sipUri, "Instead of the target's own");
    addWaiting(assign);
    const Command unassign =
        addNumbersTask(*numbers, NumbersTask::unassign, "unassign", "Take a number from its target", run);
    addOne(unassign)->required();
    unassign.app->add_option("--reason", unassign.options->reason, "Kept in the number's history");
    addWaiting(unassign);
    addOne(addNumbersTask(*numbers, NumbersTask::history, "history", "Every step of a number's life", run))->required();
}

}  // namespace meetpoint::cli
