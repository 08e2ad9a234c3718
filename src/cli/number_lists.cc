#include "cli/number_lists.h"

#include <boost/json.hpp>
#include <fmt/ostream.h>

#include "base/id.h"
#include "cli/json_reading.h"
#include "cli/number_input.h"

namespace meetpoint::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t pageSize = 1'000;  // numbers of one request; the exchange's largest

void printLine(std::ostream& out, const json::value& object) {
    fmt::print(out, "{}\n", json::serialize(object));
}

void printHead(std::ostream& out) {
    fmt::print(out, "{:<17}{:<19}{:<8}{:<27}{}\n", "number", "state", "country", "usage", "assigned to");
}

void printRow(std::ostream& out, const json::value& number) {
    const std::string sipUri = textAt(number, "/sipUri"), type = textAt(number, "/targetType");
    fmt::print(out, "{:<17}{:<19}{:<8}{:<27}{}\n", textAt(number, "/telephoneNumber"), textAt(number, "/state"),
               textAt(number, "/country"), textAt(number, "/usage"), type.empty() ? "-" : type + " " + sipUri);
}

// A number written without its plus.
std::string withPlus(const std::string& number) {
    return number.starts_with('+') ? number : "+" + number;
}

void set(json::object& body, const char* name, const std::string& value) {
    if (!value.empty()) body[name] = value;
}

// One page; as a search in a body, so that no number stands in an address that proxies log.
Result<json::value> page(ExchangeSession& session, const NumbersOptions& options, const std::string& cursor,
                         std::size_t limit) {
    json::object body{{"limit", limit}};
    set(body, "carrierId", options.access.carrier);
    set(body, "tenantId", options.access.tenant);
    set(body, "targetId", options.target);
    set(body, "state", options.state);
    set(body, "usage", options.usage);
    set(body, "country", options.country);
    set(body, "startsWith", options.startsWith);
    set(body, "contains", options.contains);
    set(body, "cursor", cursor);
    if (!options.numbers.empty()) set(body, "telephoneNumber", withPlus(options.numbers.front()));
    return session.post("/v1/numbers/search", body);
}

}  // namespace

Result<void> listNumbers(ExchangeSession& session, const NumbersOptions& options, std::ostream& out,
                         std::ostream& err) {
    std::string cursor;
    std::size_t printed = 0;
    do {
        const std::size_t left = options.limit == 0 ? pageSize : options.limit - printed;
        TRY_ASSIGN(const json::value found, page(session, options, cursor, std::min(left, pageSize)));
        for (const json::value& number : arrayAt(found, "/items")) {
            if (printed++ == 0 && !options.access.json) printHead(out);
            options.access.json ? printLine(out, number) : printRow(out, number);
        }
        cursor = textAt(found, "/next");
    } while (!cursor.empty() && (options.limit == 0 || printed < options.limit));
    if (!cursor.empty()) fmt::print(err, "There are more; --limit {} ends the list here.\n", options.limit);
    if (printed == 0 && !options.access.json) fmt::print(err, "There is no such number that you may see.\n");
    return {};
}

Result<json::value> findNumber(ExchangeSession& session, const NumbersOptions& options, const std::string& numberOrId) {
    if (!looksLikeNumber(numberOrId) && parseId(numberOrId)) return session.get("/v1/numbers/" + numberOrId);
    NumbersOptions only;
    only.access = options.access;
    only.numbers = {numberOrId};
    TRY_ASSIGN(const json::value found, page(session, only, "", 2));
    // One that another carrier has yet to port away stands beside the one that is live.
    const json::value* live = nullptr;
    for (const json::value& number : arrayAt(found, "/items"))
        if (!live || textAt(number, "/state") != "portingIn") live = &number;
    if (!live) return fail(notFound("There is no number " + numberOrId + ", or it is not yours."));
    return *live;
}

Result<void> printHistory(ExchangeSession& session, const NumbersOptions& options, std::ostream& out) {
    TRY_ASSIGN(const json::value number, findNumber(session, options, options.numbers.front()));
    TRY_ASSIGN(const json::value history, session.get("/v1/numbers/" + textAt(number, "/id") + "/history"));
    if (!options.access.json)
        fmt::print(out, "{:<26}{:<9}{:<22}{:<19}{}\n", "at", "version", "action", "state", "what else");
    for (const json::value& step : arrayAt(history, "/items")) {
        if (options.access.json) {
            printLine(out, step);
            continue;
        }
        std::string more = textAt(step, "/sipUri");
        if (const std::string reason = textAt(step, "/reason"); !reason.empty())
            more += (more.empty() ? "" : " ") + ("(" + reason + ")");
        fmt::print(out, "{:<26}{:<9}{:<22}{:<19}{}\n", textAt(step, "/at"), integerAt(step, "/version"),
                   textAt(step, "/action"), textAt(step, "/state"), more.empty() ? "-" : more);
    }
    return {};
}

}  // namespace meetpoint::cli
