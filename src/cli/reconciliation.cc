#include "cli/reconciliation.h"

#include <fstream>

#include <boost/json.hpp>
#include <fmt/ostream.h>

#include "cli/exit_codes.h"
#include "cli/item_pages.h"
#include "cli/json_reading.h"
#include "cli/json_writing.h"
#include "cli/reconciliation_views.h"
#include "cli/task_command.h"
#include "http/parameters.h"

namespace meetpoint::cli {
namespace {

namespace json = boost::json;

using Options = ReconciliationOptions;
using Run = std::function<void(const Options&)>;

std::string pathOf(std::string path, const Options& options) {
    addToQuery(path, "carrierId", options.access.carrier);
    return path;
}

void printJson(std::ostream& out, const json::value& value) {
    fmt::print(out, "{}\n", json::serialize(value));
}

Result<void> runDay(ExchangeSession& session, const Options& options, std::ostream& out, std::ostream& err) {
    json::object body{{"date", options.date}};
    if (options.dryRun) body["dryRun"] = true;
    setNumber(body, "toleranceMs", options.toleranceMs);
    setNumber(body, "tolerancePerMille", options.tolerancePerMille);
    setText(body, "defaultRegion", options.region);
    TRY_ASSIGN(const json::value day, session.post(pathOf("/v1/reconciliation/runs", options), body));
    if (options.access.json) {
        printJson(out, day);
        return {};
    }
    printDay(out, day);
    if (!options.dryRun)
        fmt::print(err, "Its items: meetpoint reconciliation items {0}. Those of one state: --state missingAtCarrier\n",
                   options.date);
    return {};
}

Result<void> printDays(ExchangeSession& session, const Options& options, std::ostream& out, std::ostream& err) {
    std::string path = pathOf("/v1/reconciliation/days", options);
    addToQuery(path, "from", options.from);
    addToQuery(path, "to", options.to);
    addToQuery(path, "asOf", options.asOf);
    TRY_ASSIGN(const json::value answer, session.get(path));
    const json::array& days = arrayAt(answer, "/items");
    if (!options.access.json && !days.empty()) printDayHead(out);
    for (const json::value& day : days)
        options.access.json ? printJson(out, day) : printDayRow(out, day);
    if (days.empty() && !options.access.json)
        fmt::print(err, "None of these days has been reconciled. Run one: meetpoint reconciliation run DATE\n");
    return {};
}

Result<void> printOneDay(ExchangeSession& session, const Options& options, std::ostream& out) {
    std::string path = pathOf("/v1/reconciliation/days/" + http::percentEncode(options.date), options);
    addToQuery(path, "asOf", options.asOf);
    TRY_ASSIGN(const json::value day, session.get(path));
    options.access.json ? printJson(out, day) : printDay(out, day);
    return {};
}

Result<void> printItems(ExchangeSession& session, const Options& options, std::ostream& out, std::ostream& err) {
    std::string path = pathOf("/v1/reconciliation/items", options);
    addToQuery(path, "date", options.date);
    addToQuery(path, "state", options.state);
    addToQuery(path, "asOf", options.asOf);
    if (options.adjustments) addToQuery(path, "adjustments", "true");
    bool isFirst = true;
    TRY_ASSIGN(const std::size_t printed, eachItem(session, path, options.limit, err, [&](const json::value& item) {
                   if (std::exchange(isFirst, false) && !options.access.json) printItemHead(out);
                   options.access.json ? printJson(out, item) : printItemRow(out, item);
               }));
    if (options.access.json) return {};
    if (printed == 0)
        fmt::print(err, "There is no such item. Was the day run? meetpoint reconciliation day {}\n", options.date);
    else if (options.asOf.empty())
        fmt::print(err, "To dispute some: meetpoint tickets open --item {}/ITEM --title … --text …\n", options.date);
    return {};
}

std::string reportPath(const Options& options) {
    std::string path = pathOf("/v1/reconciliation/report", options);
    addToQuery(path, "date", options.date);
    addToQuery(path, "month", options.month);
    addToQuery(path, "period", options.period);
    addToQuery(path, "timeZone", options.timeZone);
    addToQuery(path, "language", options.language);
    return path;
}

Result<void> writeReport(ExchangeSession& session, const Options& options, const std::string& file,
                         std::string_view type, std::ostream& err) {
    TRY_ASSIGN(const auto answer, session.download(reportPath(options), {{"Accept", std::string(type)}}));
    std::ofstream to(file, std::ios::binary | std::ios::trunc);
    to << answer.body;
    if (!to.flush())
        return fail(Error{ErrorKind::unavailable, "file-not-writable", file + " cannot be written.", {}, {}, 0});
    fmt::print(err, "{}: written.\n", file);
    return {};
}

Result<void> report(ExchangeSession& session, const Options& options, std::ostream& out, std::ostream& err) {
    if (!options.html.empty()) TRY(writeReport(session, options, options.html, "text/html", err));
    if (!options.csv.empty()) TRY(writeReport(session, options, options.csv, "text/csv", err));
    if (!options.html.empty() || !options.csv.empty()) return {};
    TRY_ASSIGN(const json::value answer, session.get(reportPath(options)));
    if (options.access.json) {
        printJson(out, answer);
        return {};
    }
    printPeriodReport(out, answer);
    for (const json::value& day : arrayAt(answer, "/days"))
        if (textAt(day, "/status") == "neverReconciled") {
            fmt::print(err, "Days that were never reconciled are in no sum. Run one: meetpoint reconciliation run {}\n",
                       textAt(day, "/date"));
            break;
        }
    return {};
}

Result<void> work(const Options& options, std::ostream& out, std::ostream& err) {
    TRY_ASSIGN(auto session,
               ExchangeSession::open(options.access, {.readTimeout = minutes(30), .totalTimeout = hours(1)}));
    switch (options.task) {
        case ReconciliationTask::run:
            return runDay(session, options, out, err);
        case ReconciliationTask::days:
            return printDays(session, options, out, err);
        case ReconciliationTask::day:
            return printOneDay(session, options, out);
        case ReconciliationTask::items:
            return printItems(session, options, out, err);
        case ReconciliationTask::report:
            return report(session, options, out, err);
    }
    return {};
}

using Command = TaskCommand<Options>;

void addDate(const Command& command) {
    command.app->add_option("date", command.options->date, "The UTC day: 2026-11-15")->required();
}

void addAsOf(const Command& command) {
    command.app->add_option("--as-of", command.options->asOf, "As this run left it: its number");
}

void addReport(const Command& command) {
    Options& o = *command.options;
    command.app->add_option("date", o.date, "A day in the period: 2026-11-15");
    command.app->add_option("--month", o.month, "A calendar month instead: 2026-11");
    command.app->add_option("--period", o.period, "day if left out, month, billingCycle");
    command.app->add_option("--time-zone", o.timeZone, "IANA name of the zone of days and months; UTC if left out");
    command.app->add_option("--html", o.html, "Write one page that needs nothing else to this file");
    command.app->add_option("--csv", o.csv, "Write a line a figure to this file");
    command.app->add_option("--language", o.language, "Of the page: en, zh-Hant, ja");
}

}  // namespace

int runReconciliation(const ReconciliationOptions& options, std::ostream& out, std::ostream& err) {
    const auto ran = work(options, out, err);
    return ran ? exitFine : sayWhatWentWrong("reconciliation", ran.error(), err);
}

void addReconciliationCommand(CLI::App& app, Run run) {
    CLI::App* parent = app.add_subcommand("reconciliation", "Days of a running exchange: run, read, report");
    parent->require_subcommand(1);
    const Command once = addTask(*parent, ReconciliationTask::run, "run", "Reconcile a day now", run);
    addDate(once);
    Options& o = *once.options;
    once.app->add_flag("--dry-run", o.dryRun, "Keep nothing; other rules can be tried");
    once.app->add_option("--tolerance-ms", o.toleranceMs, "Of a dry run, instead of what is agreed");
    once.app->add_option("--tolerance-per-mille", o.tolerancePerMille, "The same; the larger of the two applies");
    once.app->add_option("--region", o.region, "Of a dry run: country of national numbers, e.g. CH");
    const Command days = addTask(*parent, ReconciliationTask::days, "days", "The newest report of each day", run);
    days.app->add_option("--from", days.options->from, "First day")->required();
    days.app->add_option("--to", days.options->to, "Day after the last")->required();
    addAsOf(days);
    const Command day = addTask(*parent, ReconciliationTask::day, "day", "The report of a day", run);
    addDate(day);
    addAsOf(day);
    const Command items = addTask(*parent, ReconciliationTask::items, "items", "The items of a day, call by call", run);
    addDate(items);
    addAsOf(items);
    items.app->add_option("--state", items.options->state, "missingAtCarrier, durationMismatch …");
    items.app->add_flag("--adjustments", items.options->adjustments, "Only what changed after the day was closed");
    items.app->add_option("--limit", items.options->limit, "So many at most; all if left out");
    addReport(addTask(*parent, ReconciliationTask::report, "report", "A day, a month or a billing cycle", run));
}

}  // namespace meetpoint::cli
