#include "cli/tickets.h"

#include <boost/json.hpp>
#include <fmt/ostream.h>

#include "cli/exit_codes.h"
#include "cli/item_pages.h"
#include "cli/json_reading.h"
#include "cli/json_writing.h"
#include "cli/outcome_text.h"
#include "cli/task_command.h"
#include "http/parameters.h"

namespace meetpoint::cli {
namespace {

namespace json = boost::json;

using Options = TicketsOptions;
using Run = std::function<void(const Options&)>;

std::string pathOf(const Options& options, std::string_view more = {}) {
    return "/v1/tickets/" + http::percentEncode(options.id) + std::string(more);
}

// The two halves of "HALF<separator>HALF"; nothing where there is no separator.
std::optional<std::pair<std::string, std::string>> halves(const std::string& text, char separator) {
    const std::size_t at = text.find(separator);
    if (at == std::string::npos) return std::nullopt;
    return std::pair(text.substr(0, at), text.substr(at + 1));
}

void printHead(std::ostream& out) {
    fmt::print(out, "{:<38}{:<9}{:<20}{:<10}{:<26}{}\n", "ticket", "kind", "state", "to act", "due", "title");
}

void printRow(std::ostream& out, const json::value& ticket) {
    fmt::print(out, "{:<38}{:<9}{:<20}{:<10}{:<26}{}\n", textAt(ticket, "/id"), textAt(ticket, "/kind"),
               textAt(ticket, "/state"), textAt(ticket, "/ownerSide"), shownAt(ticket, "/dueAt"),
               textAt(ticket, "/title"));
}

// What the side whose turn it is can do.
void sayWhatNext(const json::value& ticket, std::ostream& err) {
    const std::string state = textAt(ticket, "/state"), id = textAt(ticket, "/id");
    const std::int64_t version = integerAt(ticket, "/version");
    if (state == "settlementProposed")
        fmt::print(err,
                   "The other side than {} answers: meetpoint tickets accept {} --version {}, or refuse … --reason …\n",
                   textAt(ticket, "/settlement/proposedBy"), id, version);
    else if (state == "open" || state == "inProgress")
        fmt::print(err, "It is {}'s turn: meetpoint tickets reply {} TEXT, or propose {} --settlement TEXT\n",
                   textAt(ticket, "/ownerSide"), id, id);
    else if (state == "settled" || state == "rejected")
        fmt::print(err, "The side that opened it ends it for good: meetpoint tickets close {}\n", id);
}

void printTicket(std::ostream& out, const json::value& ticket) {
    for (const auto& [name, value] : ticket.as_object()) {
        if (name == "description" || name == "settlement" || name == "attachments") continue;
        if (value.is_array() && value.get_array().empty()) continue;
        fmt::print(out, "{:<14}{}\n", std::string_view(name), shown(&value));
    }
    out << '\n' << wrapped(textAt(ticket, "/description"), 0);
    if (!textAt(ticket, "/settlement/proposedBy").empty())
        out << wrapped(fmt::format("Settlement of {}: {}", textAt(ticket, "/settlement/proposedBy"),
                                   textAt(ticket, "/settlement/text")),
                       0);
    for (const json::value& item : arrayAt(ticket, "/settlement/items"))
        fmt::print(out, "  {}: {} counts\n", textAt(item, "/itemId"), textAt(item, "/counts"));
    for (const json::value& attachment : arrayAt(ticket, "/attachments"))
        fmt::print(out, "  {} ({}, {} bytes), attachment {}\n", textAt(attachment, "/name"),
                   textAt(attachment, "/mediaType"), integerAt(attachment, "/bytes"), textAt(attachment, "/id"));
}

void print(const Options& options, const json::value& ticket, std::ostream& out, std::ostream& err) {
    if (options.access.json) {
        fmt::print(out, "{}\n", json::serialize(ticket));
        return;
    }
    printTicket(out, ticket);
    sayWhatNext(ticket, err);
}

Result<void> list(ExchangeSession& session, const Options& options, std::ostream& out, std::ostream& err) {
    std::string path = "/v1/tickets";
    addToQuery(path, "carrierId", options.access.carrier);
    addToQuery(path, "kind", options.kind);
    addToQuery(path, "state", options.state);
    addToQuery(path, "status", options.status);
    addToQuery(path, "ownerSide", options.ownerSide);
    addToQuery(path, "dueBefore", options.dueBefore);
    bool isFirst = true;
    TRY_ASSIGN(const std::size_t printed, eachItem(session, path, options.limit, err, [&](const json::value& ticket) {
                   if (std::exchange(isFirst, false) && !options.access.json) printHead(out);
                   if (options.access.json)
                       fmt::print(out, "{}\n", json::serialize(ticket));
                   else
                       printRow(out, ticket);
               }));
    if (printed == 0 && !options.access.json) fmt::print(err, "There are no such tickets.\n");
    return {};
}

Result<void> show(ExchangeSession& session, const Options& options, std::ostream& out, std::ostream& err) {
    TRY_ASSIGN(json::value ticket, session.get(pathOf(options)));
    json::array history;
    TRY(eachItem(session, pathOf(options, "/history"), 0, err,
                 [&](const json::value& step) { history.push_back(step); }));
    if (options.access.json) {
        ticket.as_object()["history"] = std::move(history);
        print(options, ticket, out, err);
        return {};
    }
    printTicket(out, ticket);
    out << '\n';
    for (const json::value& step : history) {
        const std::string text = textAt(step, "/text");
        out << wrapped(fmt::format("{}  {} {}{}", textAt(step, "/at"), textAt(step, "/side"), textAt(step, "/action"),
                                   text.empty() ? "" : ": " + text),
                       0);
    }
    sayWhatNext(ticket, err);
    return {};
}

Result<json::object> newTicketOf(const Options& options) {
    json::object body{{"kind", options.items.empty() ? "trouble" : "dispute"}};
    if (!options.kind.empty()) body["kind"] = options.kind;
    body["title"] = options.title;
    body["description"] = options.text;
    setText(body, "trunk", options.trunk);
    setText(body, "finding", options.finding);
    setText(body, "owner", options.owner);
    setText(body, "reference", options.reference);
    setText(body, "dueAt", options.dueAt);
    if (!options.calls.empty()) body["callIds"] = json::array(options.calls.begin(), options.calls.end());
    if (options.items.empty()) return body;
    json::array items;
    for (const std::string& item : options.items) {
        const auto parts = halves(item, '/');
        if (!parts) return fail(invalidInput("bad-item", "Write --item as its day and its id: 2026-11-15/ITEM."));
        items.push_back(json::object{{"date", parts->first}, {"itemId", parts->second}});
    }
    body["items"] = std::move(items);
    return body;
}

Result<void> open(ExchangeSession& session, const Options& options, std::ostream& out, std::ostream& err) {
    TRY_ASSIGN(const json::object body, newTicketOf(options));
    std::string path = "/v1/tickets";
    addToQuery(path, "carrierId", options.access.carrier);
    TRY_ASSIGN(const json::value ticket, session.post(path, body));
    print(options, ticket, out, err);
    return {};
}

Result<void> reply(ExchangeSession& session, const Options& options, std::ostream& out) {
    TRY_ASSIGN(const json::value step,
               session.post(pathOf(options, "/comments"), json::object{{"text", options.text}}));
    if (options.access.json)
        fmt::print(out, "{}\n", json::serialize(step));
    else
        fmt::print(out, "Said, as step {}. Both sides read it: meetpoint tickets show {}\n", integerAt(step, "/step"),
                   options.id);
    return {};
}

Result<void> move(ExchangeSession& session, const Options& options, std::ostream& out, std::ostream& err) {
    json::object body{{"action", options.action}};
    setText(body, "reason", options.reason);
    setText(body, "settlement", options.settlement);
    setText(body, "counts", options.counts);
    json::array items;
    for (const std::string& item : options.items) {
        const auto parts = halves(item, '=');
        if (!parts)
            return fail(invalidInput("bad-item", "Write --item as its id and whose duration counts: ITEM=carrier."));
        items.push_back(json::object{{"itemId", parts->first}, {"counts", parts->second}});
    }
    if (!items.empty()) body["items"] = std::move(items);
    std::string version = options.version;
    if (version.empty()) {
        TRY_ASSIGN(const json::value now, session.get(pathOf(options)));
        version = std::to_string(integerAt(now, "/version"));
    }
    TRY_ASSIGN(const json::value ticket,
               session.post(pathOf(options, "/state"), body, {{"If-Match", "\"" + version + "\""}}));
    print(options, ticket, out, err);
    return {};
}

Result<void> work(const Options& options, std::ostream& out, std::ostream& err) {
    TRY_ASSIGN(auto session, ExchangeSession::open(options.access));
    switch (options.task) {
        case TicketsTask::list:
            return list(session, options, out, err);
        case TicketsTask::show:
            return show(session, options, out, err);
        case TicketsTask::open:
            return open(session, options, out, err);
        case TicketsTask::reply:
            return reply(session, options, out);
        case TicketsTask::move:
            return move(session, options, out, err);
    }
    return {};
}

using Command = TaskCommand<Options>;

Command addTicketTask(CLI::App& parent, TicketsTask task, const char* name, const char* what, const Run& run) {
    const Command command = addTask(parent, task, name, what, run);
    command.app->add_option("ticket", command.options->id, "Its id")->required();
    return command;
}

void addList(const Command& command) {
    Options& o = *command.options;
    command.app->add_option("--kind", o.kind, "trouble or dispute");
    command.app->add_option("--state", o.state, "open, inProgress, settlementProposed, settled, rejected …");
    command.app->add_option("--status", o.status, "open: those that have not ended; over: those that have");
    command.app->add_option("--to-act", o.ownerSide, "Those on which this side has to act: platform or carrier");
    command.app->add_option("--due-before", o.dueBefore, "RFC 3339");
    command.app->add_option("--limit", o.limit, "So many at most; all if left out");
}

void addOpen(const Command& command) {
    Options& o = *command.options;
    command.app->add_option("--title", o.title, "In a few words")->required();
    command.app->add_option("--text", o.text, "What it is about")->required();
    command.app->add_option("--kind", o.kind, "dispute where items are named, else trouble");
    command.app->add_option("--item", o.items, "Of a dispute: DATE/ITEM; may be repeated");
    command.app->add_option("--call", o.calls, "Of trouble: a call's id; may be repeated");
    command.app->add_option("--trunk", o.trunk, "Of trouble");
    command.app->add_option("--finding", o.finding, "Of trouble: a finding in words");
    command.app->add_option("--owner", o.owner, "Who looks after it on this side");
    command.app->add_option("--reference", o.reference, "This side's own id of it");
    command.app->add_option("--due", o.dueAt, "By when it should be settled: RFC 3339");
}

void addMoves(CLI::App& parent, const Run& run) {
    struct Move {
        const char *action, *what;
        bool needsReason, needsVersion;
    };
    constexpr Move moves[] = {{"start", "Take it up", false, false},
                              {"propose", "Propose how to settle it", false, false},
                              {"accept", "Accept the settlement that was read", false, true},
                              {"refuse", "Refuse the settlement that was read", true, true},
                              {"reject", "Reject what the other side has opened", true, false},
                              {"withdraw", "Withdraw what this side has opened", true, false},
                              {"reopen", "Take up anew what was settled or rejected", true, false},
                              {"close", "End for good what this side has opened", false, false}};
    for (const Move& move : moves) {
        const Command command = addTicketTask(parent, TicketsTask::move, move.action, move.what, run);
        Options& o = *command.options;
        o.action = move.action;
        CLI::Option* version = command.app->add_option("--version", o.version, "As show gives it: what was read");
        if (move.needsVersion) version->required();
        if (move.needsReason) command.app->add_option("--reason", o.reason, "Why")->required();
        if (o.action != "propose") continue;
        command.app->add_option("--settlement", o.settlement, "In words");
        command.app->add_option("--counts", o.counts, "Of a dispute: whose duration counts, platform or carrier");
        command.app->add_option("--item", o.items, "Those that differ from --counts: ITEM=carrier; may be repeated");
    }
}

}  // namespace

int runTickets(const TicketsOptions& options, std::ostream& out, std::ostream& err) {
    const auto ran = work(options, out, err);
    return ran ? exitFine : sayWhatWentWrong("tickets", ran.error(), err);
}

void addTicketsCommand(CLI::App& app, Run run) {
    CLI::App* parent = app.add_subcommand("tickets", "Trouble and disputes of a running exchange");
    parent->require_subcommand(1);
    addList(addTask(*parent, TicketsTask::list, "list", "The newest first", run));
    addTicketTask(*parent, TicketsTask::show, "show", "One ticket with everything that was said and done", run);
    addOpen(addTask(*parent, TicketsTask::open, "open", "Open a ticket", run));
    const Command reply = addTicketTask(*parent, TicketsTask::reply, "reply", "Say something", run);
    reply.app->add_option("text", reply.options->text, "What is said")->required();
    addMoves(*parent, run);
}

}  // namespace meetpoint::cli
