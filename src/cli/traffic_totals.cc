#include "cli/traffic_totals.h"

#include <fstream>
#include <istream>

#include <boost/json.hpp>
#include <fmt/ostream.h>

#include "cli/exit_codes.h"
#include "cli/json_reading.h"
#include "cli/task_command.h"

namespace meetpoint::cli {
namespace {

namespace json = boost::json;

using Options = TotalsOptions;
using Run = std::function<void(const Options&)>;

constexpr std::size_t largestFile = 4u << 20;  // bytes; the exchange takes no more at once

Result<std::string> contentOf(const std::string& name, std::istream& in) {
    std::ifstream file;
    if (name != "-") file.open(name, std::ios::binary);
    std::istream& from = name == "-" ? in : file;
    std::string text(largestFile + 1, '\0');
    if (from) from.read(text.data(), static_cast<std::streamsize>(text.size()));
    const bool isUnreadable = from.bad() || (name != "-" && !file.is_open());
    text.resize(isUnreadable ? 0 : static_cast<std::size_t>(from.gcount()));
    if (isUnreadable) return fail(invalidInput("file-not-readable", name + " cannot be read."));
    if (text.size() > largestFile)
        return fail(invalidInput("file-not-readable", name + " is larger than 4 MiB. Post it in pieces."));
    return text;
}

Result<void> post(ExchangeSession& session, const Options& options, std::istream& in, std::ostream& out,
                  std::ostream& err) {
    TRY_ASSIGN(const std::string body, contentOf(options.file, in));
    const std::size_t first = body.find_first_not_of(" \t\r\n");
    const bool isJson = first != std::string::npos && body[first] == '{';
    std::string path = "/v1/traffic-totals";
    addToQuery(path, "carrierId", options.access.carrier);
    TRY_ASSIGN(const json::value posting, session.send([&] {
        http::ClientRequest request{.method = "POST", .url = path, .body = body};
        request.headers.set("Content-Type", isJson ? "application/json" : "text/csv");
        return request;
    }));
    if (options.access.json) {
        fmt::print(out, "{}\n", json::serialize(posting));
        return {};
    }
    const json::array& hours = arrayAt(posting, "/hours");
    fmt::print(out, "{:<26}{:>9}  {}\n", "hour", "version", "outcome");
    for (const json::value& hour : hours)
        fmt::print(out, "{:<26}{:>9}  {}\n", textAt(hour, "/hour"), integerAt(hour, "/version"),
                   textAt(hour, "/outcome"));
    if (!hours.empty())
        fmt::print(err, "Beside the other side's: meetpoint totals list --from {} --to …\n",
                   textAt(hours.front(), "/hour"));
    return {};
}

// "12 calls, 340 s"; "-" where that source has said nothing.
std::string figure(const json::value& cell, const std::string& pointer) {
    if (!valueAt(cell, pointer)) return "-";
    return fmt::format("{} / {:.0f} s", integerAt(cell, pointer + "/calls"), numberAt(cell, pointer + "/seconds"));
}

Result<void> list(ExchangeSession& session, const Options& options, std::ostream& out, std::ostream& err) {
    std::string path = "/v1/traffic-totals";
    addToQuery(path, "carrierId", options.access.carrier);
    addToQuery(path, "from", options.from);
    addToQuery(path, "to", options.to);
    TRY_ASSIGN(const json::value answer, session.get(path));
    const json::array& cells = arrayAt(answer, "/items");
    if (!options.access.json && !cells.empty())
        fmt::print(out, "{:<26}{:<10}{:<10}{:>18}{:>18}{:>18}{:>18}\n", "hour", "direction", "answered",
                   "platform says", "carrier says", "calls stored", "durations stored");
    for (const json::value& cell : cells) {
        if (options.access.json)
            fmt::print(out, "{}\n", json::serialize(cell));
        else
            fmt::print(out, "{:<26}{:<10}{:<10}{:>18}{:>18}{:>18}{:>18}\n", textAt(cell, "/hour"),
                       textAt(cell, "/direction"), shownAt(cell, "/answered"), figure(cell, "/platform"),
                       figure(cell, "/carrier"), figure(cell, "/platformRecords"), figure(cell, "/carrierRecords"));
    }
    if (cells.empty() && !options.access.json) fmt::print(err, "Nothing is known of this time.\n");
    return {};
}

}  // namespace

int runTotals(const TotalsOptions& options, std::istream& in, std::ostream& out, std::ostream& err) {
    const auto work = [&]() -> Result<void> {
        TRY_ASSIGN(auto session,
                   ExchangeSession::open(options.access, {.readTimeout = minutes(10), .totalTimeout = minutes(15)}));
        return options.task == TotalsTask::post ? post(session, options, in, out, err)
                                                : list(session, options, out, err);
    };
    const auto ran = work();
    return ran ? exitFine : sayWhatWentWrong("totals", ran.error(), err);
}

void addTotalsCommand(CLI::App& app, Run run) {
    CLI::App* parent = app.add_subcommand("totals", "Traffic totals of a running exchange, by hour");
    parent->require_subcommand(1);
    const auto [post, posted] = addTask(*parent, TotalsTask::post, "post", "Say what this side had", run);
    post->add_option("file", posted->file,
                     "CSV with hour, direction, answered, calls, seconds; or JSON; - for standard input")
        ->required();
    const auto [list, listed] =
        addTask(*parent, TotalsTask::list, "list", "Both sides' totals beside those of the stored records", run);
    list->add_option("--from", listed->from, "First hour: RFC 3339")->required();
    list->add_option("--to", listed->to, "Hour after the last; at most 31 days")->required();
}

}  // namespace meetpoint::cli
