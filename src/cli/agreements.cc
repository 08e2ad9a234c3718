#include "cli/agreements.h"

#include <boost/json.hpp>
#include <fmt/ostream.h>

#include "cli/exit_codes.h"
#include "cli/item_pages.h"
#include "cli/json_reading.h"
#include "cli/json_writing.h"
#include "cli/task_command.h"
#include "http/parameters.h"

namespace meetpoint::cli {
namespace {

namespace json = boost::json;

using Options = AgreementsOptions;
using Run = std::function<void(const Options&)>;

std::string pathOf(const Options& options, std::string_view more = {}) {
    return "/v1/agreements/" + http::percentEncode(options.id) + std::string(more);
}

void printHead(std::ostream& out) {
    fmt::print(out, "{:<38}{:>4}  {:<11}{:<12}{:<10}{:>8}  {}\n", "agreement", "no.", "state", "valid from", "proposed",
               "version", "terms");
}

void printRow(std::ostream& out, const json::value& agreement) {
    const json::value* terms = valueAt(agreement, "/terms");
    fmt::print(out, "{:<38}{:>4}  {:<11}{:<12}{:<10}{:>8}  {}\n", textAt(agreement, "/id"),
               integerAt(agreement, "/number"), textAt(agreement, "/state"), textAt(agreement, "/validFrom"),
               textAt(agreement, "/proposedBy"), integerAt(agreement, "/version"),
               terms ? json::serialize(*terms) : "-");
}

void printOne(std::ostream& out, const json::value& agreement) {
    for (const auto& [name, value] : agreement.as_object())
        if (name != "terms") fmt::print(out, "{:<24}{}\n", std::string_view(name), shown(&value));
    if (const json::value* terms = valueAt(agreement, "/terms"); terms && terms->is_object())
        for (const auto& [name, value] : terms->get_object())
            fmt::print(out, "  {:<22}{}\n", std::string_view(name), shown(&value));
}

void sayWhatNext(const json::value& agreement, std::ostream& err) {
    if (textAt(agreement, "/state") != "proposed") return;
    fmt::print(err,
               "The other side than {} answers: meetpoint agreements sign {} --version {}, or decline … --reason …\n",
               textAt(agreement, "/proposedBy"), textAt(agreement, "/id"), integerAt(agreement, "/version"));
}

Result<void> print(const Options& options, const json::value& agreement, std::ostream& out, std::ostream& err) {
    if (options.access.json) {
        fmt::print(out, "{}\n", json::serialize(agreement));
        return {};
    }
    printOne(out, agreement);
    sayWhatNext(agreement, err);
    return {};
}

Result<void> list(ExchangeSession& session, const Options& options, std::ostream& out, std::ostream& err) {
    std::string path = "/v1/agreements";
    addToQuery(path, "carrierId", options.access.carrier);
    addToQuery(path, "state", options.state);
    addToQuery(path, "inForceOn", options.inForceOn);
    bool isFirst = true;
    TRY_ASSIGN(const std::size_t printed,
               eachItem(session, path, options.limit, err, [&](const json::value& agreement) {
                   if (std::exchange(isFirst, false) && !options.access.json) printHead(out);
                   if (options.access.json)
                       fmt::print(out, "{}\n", json::serialize(agreement));
                   else
                       printRow(out, agreement);
               }));
    if (printed == 0 && !options.access.json)
        fmt::print(err, "There is no such agreement. Propose one: meetpoint agreements propose --valid-from DATE\n");
    return {};
}

Result<void> show(ExchangeSession& session, const Options& options, std::ostream& out, std::ostream& err) {
    TRY_ASSIGN(json::value agreement, session.get(pathOf(options)));
    TRY_ASSIGN(const json::value history, session.get(pathOf(options, "/history")));
    if (options.access.json) {
        agreement.as_object()["history"] = arrayAt(history, "/items");
        return print(options, agreement, out, err);
    }
    printOne(out, agreement);
    fmt::print(out, "\n{:<9}{:<26}{:<10}{:<11}{:<38}{}\n", "version", "at", "side", "state", "client", "reason");
    for (const json::value& step : arrayAt(history, "/items"))
        fmt::print(out, "{:<9}{:<26}{:<10}{:<11}{:<38}{}\n", integerAt(step, "/version"), textAt(step, "/at"),
                   textAt(step, "/side"), textAt(step, "/state"), textAt(step, "/actor"), shownAt(step, "/reason"));
    sayWhatNext(agreement, err);
    return {};
}

Result<json::object> termsOf(const Options& options) {
    json::object terms{{"toleranceMs", numberOrText(options.toleranceMs)}};
    setNumber(terms, "tolerancePerMille", options.tolerancePerMille);
    if (!options.increments.empty()) {
        const std::size_t slash = options.increments.find('/');
        if (slash == std::string::npos)
            return fail(invalidInput("bad-increments", "Write --increments as two numbers of seconds: 60/60."));
        terms["increments"] = json::object{{"initialSeconds", numberOrText(options.increments.substr(0, slash))},
                                           {"stepSeconds", numberOrText(options.increments.substr(slash + 1))}};
    }
    setText(terms, "durationBasis", options.durationBasis);
    setText(terms, "timeZone", options.timeZone);
    setNumber(terms, "billingCycleStartDay", options.cycleStartDay);
    setNumber(terms, "dueAfterHours", options.dueAfterHours);
    setNumber(terms, "closeAfterHours", options.closeAfterHours);
    if (options.answeredOnly || options.noOnNet || !options.directions.empty()) {
        json::array directions{"inbound", "outbound"};
        if (!options.directions.empty()) directions = json::array(options.directions.begin(), options.directions.end());
        terms["scope"] = json::object{
            {"answeredOnly", options.answeredOnly}, {"directions", std::move(directions)}, {"onNet", !options.noOnNet}};
    }
    return terms;
}

Result<void> propose(ExchangeSession& session, const Options& options, std::ostream& out, std::ostream& err) {
    TRY_ASSIGN(json::object terms, termsOf(options));
    std::string path = "/v1/agreements";
    addToQuery(path, "carrierId", options.access.carrier);
    TRY_ASSIGN(const json::value agreement,
               session.post(path, json::object{{"validFrom", options.validFrom}, {"terms", std::move(terms)}}));
    return print(options, agreement, out, err);
}

Result<void> move(ExchangeSession& session, const Options& options, std::string_view state, std::ostream& out,
                  std::ostream& err) {
    json::object body{{"state", state}};
    setText(body, "reason", options.reason);
    // What is signed is what was read.
    TRY_ASSIGN(const json::value agreement,
               session.post(pathOf(options, "/state"), body, {{"If-Match", "\"" + options.version + "\""}}));
    return print(options, agreement, out, err);
}

Result<void> work(const Options& options, std::ostream& out, std::ostream& err) {
    TRY_ASSIGN(auto session, ExchangeSession::open(options.access));
    switch (options.task) {
        case AgreementsTask::list:
            return list(session, options, out, err);
        case AgreementsTask::show:
            return show(session, options, out, err);
        case AgreementsTask::propose:
            return propose(session, options, out, err);
        case AgreementsTask::sign:
            return move(session, options, "signed", out, err);
        case AgreementsTask::decline:
            return move(session, options, "declined", out, err);
        case AgreementsTask::withdraw:
            return move(session, options, "withdrawn", out, err);
    }
    return {};
}

using Command = TaskCommand<Options>;

void addTerms(const Command& command) {
    Options& o = *command.options;
    command.app->add_option("--valid-from", o.validFrom, "The first UTC day of calls that it holds for")->required();
    o.toleranceMs = "2000";
    command.app->add_option("--tolerance-ms", o.toleranceMs, "Differences of durations that both accept")
        ->capture_default_str();
    command.app->add_option("--tolerance-per-mille", o.tolerancePerMille, "The same, of the platform's duration");
    command.app->add_option("--increments", o.increments, "How the carrier charges: 60/60, 30/6, 1/1");
    command.app->add_option("--basis", o.durationBasis, "From where it counts: invite, ring, answer");
    command.app->add_option("--time-zone", o.timeZone, "IANA name of the zone of its times and billing cycles");
    command.app->add_option("--cycle-start", o.cycleStartDay, "Day of the month on which a billing cycle begins");
    command.app->add_option("--due-after-hours", o.dueAfterHours, "When the records of a day are due, after its end");
    command.app->add_option("--close-after-hours", o.closeAfterHours, "When a day is closed, after its end");
    command.app->add_flag("--answered-only", o.answeredOnly, "It records answered calls only");
    command.app->add_option("--direction", o.directions, "It records this direction; both if left out");
    command.app->add_flag("--no-on-net", o.noOnNet, "It records no calls between two of its own numbers");
}

}  // namespace

int runAgreements(const AgreementsOptions& options, std::ostream& out, std::ostream& err) {
    const auto ran = work(options, out, err);
    return ran ? exitFine : sayWhatWentWrong("agreements", ran.error(), err);
}

void addAgreementsCommand(CLI::App& app, Run run) {
    CLI::App* parent = app.add_subcommand("agreements", "What both sides of a running exchange have agreed");
    parent->require_subcommand(1);
    const Command list = addTask(*parent, AgreementsTask::list, "list", "In order of proposal", run);
    list.app->add_option("--state", list.options->state, "proposed, signed, declined, withdrawn");
    list.app->add_option("--in-force-on", list.options->inForceOn, "Those that hold for calls of this UTC day");
    list.app->add_option("--limit", list.options->limit, "So many at most; all if left out");
    const Command show = addTask(*parent, AgreementsTask::show, "show", "One agreement and its history", run);
    show.app->add_option("agreement", show.options->id, "Its id")->required();
    addTerms(addTask(*parent, AgreementsTask::propose, "propose", "Propose what is to hold from a day on", run));
    for (const auto& [task, name, what] :
         {std::tuple(AgreementsTask::sign, "sign", "Sign what the other side has proposed"),
          std::tuple(AgreementsTask::decline, "decline", "Decline what the other side has proposed"),
          std::tuple(AgreementsTask::withdraw, "withdraw", "Withdraw this side's proposal")}) {
        const Command command = addTask(*parent, task, name, what, run);
        command.app->add_option("agreement", command.options->id, "Its id")->required();
        command.app->add_option("--version", command.options->version, "As show gives it: what was read")->required();
        if (task == AgreementsTask::decline)
            command.app->add_option("--reason", command.options->reason, "Why")->required();
    }
}

}  // namespace meetpoint::cli
