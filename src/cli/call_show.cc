#include <boost/json.hpp>
#include <fmt/ostream.h>

#include "cli/calls.h"
#include "cli/exit_codes.h"
#include "cli/json_reading.h"
#include "http/parameters.h"

namespace meetpoint::cli {
namespace {

namespace json = boost::json;

void printFields(std::ostream& out, const json::value& record) {
    for (const auto& [name, value] : record.as_object())
        if (name != "streams") fmt::print(out, "{:<26}{}\n", std::string_view(name), shown(&value));
}

void printStreams(std::ostream& out, const json::value& call) {
    const json::array& streams = arrayAt(call, "/streams");
    if (streams.empty()) return;
    fmt::print(out, "\n{:<12}{:<10}{:>9}{:>11}{:>11}{:>9}{:>9}{:>10}{:>7}\n", "stream", "codec", "packets", "jitter ms",
               "max", "loss", "max", "round ms", "MOS");
    for (const json::value& stream : streams)
        fmt::print(out, "{:<12}{:<10}{:>9}{:>11}{:>11}{:>9}{:>9}{:>10}{:>7}\n", shownAt(stream, "/direction"),
                   shownAt(stream, "/codec"), shownAt(stream, "/packets"), shownAt(stream, "/jitterMsAvg"),
                   shownAt(stream, "/jitterMsMax"), shownAt(stream, "/lossRatioAvg"), shownAt(stream, "/lossRatioMax"),
                   shownAt(stream, "/roundTripMsAvg"), shownAt(stream, "/mos"));
}

void printVersions(std::ostream& out, const json::array& versions) {
    fmt::print(out, "\n{:<9}{:<13}{:<26}{:>9}{:>13}\n", "version", "completeness", "stored at", "sequence",
               "duration ms");
    for (const json::value& version : versions)
        fmt::print(out, "{:<9}{:<13}{:<26}{:>9}{:>13}\n", shownAt(version, "/version"),
                   shownAt(version, "/completeness"), shownAt(version, "/storedAt"), shownAt(version, "/sequence"),
                   shownAt(version, "/durationMs"));
}

// What both sides record, under the platform's name and the carrier's.
struct Pair {
    std::string_view ours, theirs;
};
constexpr Pair pairs[] = {
    {"callId", "recordId"},
    {"version", "revision"},
    {"direction", "direction"},
    {"ownNumber", "ownNumber"},
    {"callerNumber", "callerNumber"},
    {"calleeNumber", "calleeNumber"},
    {"invitedAt", "startedAt"},
    {"answeredAt", "answeredAt"},
    {"endedAt", "endedAt"},
    {"durationMs", "durationMs"},
    {"trunk", "trunk"},
    {"reference", "reference"},
};

void printBeside(std::ostream& out, const json::value& call, const json::value& duration) {
    fmt::print(out, "\n{:<26}{:<39}{}\n", "", "platform", "carrier");
    for (const auto& [ours, theirs] : pairs) {
        const std::string name = ours == theirs ? std::string(ours) : fmt::format("{}, {}", ours, theirs);
        fmt::print(out, "{:<26}{:<39}{}\n", name, shownAt(call, "/" + std::string(ours)),
                   shownAt(duration, "/" + std::string(theirs)));
    }
    for (const std::string_view theirs : {"startBasis", "durationBasis"})
        if (const json::value* basis = valueAt(duration, "/" + std::string(theirs)))
            fmt::print(out, "{:<26}{:<39}{}\n", theirs, "", shown(basis));
    const std::int64_t difference = integerAt(duration, "/durationMs") - integerAt(call, "/durationMs");
    fmt::print(out, "{:<26}{:+}\n", "theirs minus ours, ms", difference);
}

void print(std::ostream& out, const json::value& found, const json::array& versions) {
    const json::value& call = found.at("call");
    printFields(out, call);
    printStreams(out, call);
    printVersions(out, versions);
    const json::array& durations = arrayAt(found, "/durations");
    for (const json::value& duration : durations)
        printBeside(out, call, duration);
    if (durations.empty()) fmt::print(out, "\nThe carrier has sent no record of this call that is known to be one.\n");
}

Result<void> show(const CallShowOptions& options, std::ostream& out) {
    TRY_ASSIGN(auto session, ExchangeSession::open(options.access));
    const auto pathOf = [&](std::string_view more) {
        std::string path = "/v1/calls/" + http::percentEncode(options.callId) + std::string(more);
        addToQuery(path, "carrierId", options.access.carrier);
        return path;
    };
    TRY_ASSIGN(json::value found, session.get(pathOf("")));
    TRY_ASSIGN(const json::value versions, session.get(pathOf("/versions")));
    if (!valueAt(found, "/call")) return fail(internalError("the exchange answered without a call"));
    if (!options.access.json) {
        print(out, found, arrayAt(versions, "/items"));
        return {};
    }
    found.as_object()["versions"] = arrayAt(versions, "/items");
    fmt::print(out, "{}\n", json::serialize(found));
    return {};
}

}  // namespace

int runCallShow(const CallShowOptions& options, std::ostream& out, std::ostream& err) {
    const auto done = show(options, out);
    return done ? exitFine : sayWhatWentWrong("calls show", done.error(), err);
}

}  // namespace meetpoint::cli
