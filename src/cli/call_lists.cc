#include <boost/json.hpp>
#include <fmt/ostream.h>

#include "cli/calls.h"
#include "cli/exit_codes.h"
#include "cli/json_reading.h"

namespace meetpoint::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t pageSize = 1'000;  // calls of one request; the exchange's largest

// The other party as it is shown, or why it is not.
std::string farEndOf(const json::value& call) {
    const bool isOutbound = textAt(call, "/direction") == "outbound";
    std::string number = textAt(call, isOutbound ? "/calleeNumber" : "/callerNumber");
    if (number.empty()) number = textAt(call, "/farEndPresentation");
    return number.empty() ? "-" : number;
}

std::string orDash(const json::value& call, std::string_view pointer) {
    return valueAt(call, pointer) ? std::to_string(integerAt(call, pointer)) : "-";
}

void printHead(std::ostream& out) {
    fmt::print(out, "{:<26}{:<10}{:<17}{:<17}{:>12}  {:<5}{:<6}{:<18}{}\n", "invited at", "direction", "own number",
               "far end", "duration ms", "SIP", "Q.850", "trunk", "call id");
}

void printRow(std::ostream& out, const json::value& call) {
    const std::string own = textAt(call, "/ownNumber"), trunk = textAt(call, "/trunk");
    fmt::print(out, "{:<26}{:<10}{:<17}{:<17}{:>12}  {:<5}{:<6}{:<18}{}\n", textAt(call, "/invitedAt"),
               textAt(call, "/direction"), own.empty() ? "-" : own, farEndOf(call), integerAt(call, "/durationMs"),
               orDash(call, "/finalSipCode"), orDash(call, "/q850Cause"), trunk.empty() ? "-" : trunk,
               textAt(call, "/callId"));
}

// One page; as a search in a body, so that no number stands in an address that proxies log.
Result<json::value> page(ExchangeSession& session, const CallSearchOptions& options, const std::string& cursor,
                         std::size_t limit) {
    json::object body = options.filter;
    body["limit"] = limit;
    body["order"] = options.oldestFirst ? "ascending" : "descending";
    if (!options.access.carrier.empty()) body["carrierId"] = options.access.carrier;
    if (!options.access.tenant.empty()) body["tenantId"] = options.access.tenant;
    if (!cursor.empty()) body["cursor"] = cursor;
    return session.post("/v1/calls/search", body);
}

Result<void> search(const CallSearchOptions& options, std::ostream& out, std::ostream& err) {
    TRY_ASSIGN(auto session, ExchangeSession::open(options.access));
    std::string cursor;
    std::size_t printed = 0;
    do {
        const std::size_t left = options.limit == 0 ? pageSize : options.limit - printed;
        TRY_ASSIGN(const json::value found, page(session, options, cursor, std::min(left, pageSize)));
        for (const json::value& call : arrayAt(found, "/items")) {
            if (printed++ == 0 && !options.access.json) printHead(out);
            options.access.json ? fmt::print(out, "{}\n", json::serialize(call)) : printRow(out, call);
        }
        out.flush();
        cursor = textAt(found, "/next");
    } while (!cursor.empty() && (options.limit == 0 || printed < options.limit));
    if (!cursor.empty()) fmt::print(err, "There may be more; --limit {} ends the list here.\n", options.limit);
    if (printed == 0 && !options.access.json) fmt::print(err, "There is no such call that you may see.\n");
    return {};
}

}  // namespace

int runCallSearch(const CallSearchOptions& options, std::ostream& out, std::ostream& err) {
    const auto done = search(options, out, err);
    return done ? exitFine : sayWhatWentWrong("calls search", done.error(), err);
}

const FeedView& callFeed() {
    static const FeedView view{"calls follow", "calls", &printHead, &printRow};
    return view;
}

}  // namespace meetpoint::cli
