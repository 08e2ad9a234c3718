#include "cli/durations.h"

#include <fstream>
#include <istream>

#include <boost/json.hpp>
#include <fmt/ostream.h>

#include "base/clock.h"
#include "base/id.h"
#include "cli/exit_codes.h"
#include "cli/item_pages.h"
#include "cli/json_reading.h"
#include "cli/task_command.h"
#include "http/parameters.h"

namespace meetpoint::cli {
namespace {

namespace json = boost::json;

using Options = DurationsOptions;
using Run = std::function<void(const Options&)>;

constexpr std::size_t pieceBytes = 1u << 20;  // of a file that is sent
// The exchange answers once it has read and stored everything.
const http::ClientOptions longWork{.readTimeout = hours(1), .writeTimeout = minutes(10), .totalTimeout = hours(6)};

Result<std::string> mediaTypeOf(const Options& options) {
    std::string format = options.format;
    std::string_view name = options.file;
    for (const std::string_view packed : {".gz", ".zst"})
        if (name.ends_with(packed)) name.remove_suffix(packed.size());
    if (format.empty()) format = name.ends_with(".csv") ? "csv" : name.ends_with(".json") ? "json" : "ndjson";
    if (format == "ndjson") return "application/x-ndjson";
    if (format == "json") return "application/json";
    if (format == "csv") return "text/csv";
    return fail(invalidInput("bad-format", "--format is ndjson, json or csv."));
}

std::string_view encodingOf(std::string_view file) {
    return file.ends_with(".gz") ? "gzip" : file.ends_with(".zst") ? "zstd" : "";
}

http::PullSource piecesOf(std::istream& from) {
    return [&from]() -> Result<std::optional<std::string>> {
        std::string piece(pieceBytes, '\0');
        from.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        if (from.bad()) return fail(invalidInput("file-not-readable", "The file cannot be read to its end."));
        piece.resize(static_cast<std::size_t>(from.gcount()));
        if (piece.empty()) return std::optional<std::string>();
        return std::optional(std::move(piece));
    };
}

struct Refused {
    std::int64_t records = 0;
};

// What became of the records, and those that were refused one by one.
Result<Refused> report(ExchangeSession& session, const Options& options, const json::value& answer, std::ostream& out,
                       std::ostream& err) {
    const Refused refused{integerAt(answer, "/counts/rejected") + integerAt(answer, "/counts/conflict")};
    const std::string id = textAt(answer, "/uploadId");
    if (options.access.json) {
        json::object shown = answer.as_object();
        shown.erase("results");
        fmt::print(out, "{}\n", json::serialize(shown));
    } else {
        fmt::print(out, "Upload {}\n", id);
        if (const json::value* counts = valueAt(answer, "/counts"); counts && counts->is_object())
            for (const auto& [outcome, count] : counts->get_object())
                if (count.is_number())
                    fmt::print(out, "{:>12} {}\n", json::serialize(count), std::string_view(outcome));
    }
    if (refused.records > 0) {
        TRY(eachItem(session, "/v1/uploads/" + http::percentEncode(id) + "/results", 0, err,
                     [&](const json::value& result) {
                         if (options.access.json)
                             fmt::print(out, "{}\n", json::serialize(result));
                         else
                             fmt::print(out, "line {:<9}{:<20}{:<10}{:<24}{} {}\n", integerAt(result, "/line"),
                                        shownAt(result, "/key"), textAt(result, "/status"), textAt(result, "/code"),
                                        textAt(result, "/pointer"), textAt(result, "/message"));
                     }));
        fmt::print(err, "Correct these records and send them again; the others are stored.\n");
    }
    if (!options.access.json)
        fmt::print(err, "Was it the wrong file? meetpoint durations withdraw {} --reason …\n", id);
    return refused;
}

Result<int> upload(ExchangeSession& session, const Options& options, std::istream& in, std::ostream& out,
                   std::ostream& err) {
    TRY_ASSIGN(const std::string mediaType, mediaTypeOf(options));
    std::ifstream file;
    if (options.file != "-") {
        file.open(options.file, std::ios::binary);
        if (!file) return fail(invalidInput("file-not-readable", options.file + " cannot be read."));
    }
    std::istream& from = options.file == "-" ? in : file;
    std::string key = options.idempotencyKey;
    if (key.empty()) {
        SystemRandom random;
        key = "cli-" + formatId(makeId(SystemClock(), random));
    }
    std::string path = "/v1/durations";
    addToQuery(path, "carrierId", options.access.carrier);
    addToQuery(path, "unit", options.unit);
    addToQuery(path, "basis", options.basis);
    addToQuery(path, "rounding", options.rounding);
    addToQuery(path, "roundingStepMs", options.roundingStepMs);
    const auto answer = session.send([&] {
        if (&from == &file) file.clear(), file.seekg(0);  // a second time after the token has expired
        http::ClientRequest request{.method = "POST", .url = path, .source = piecesOf(from)};
        request.headers.set("Content-Type", mediaType);
        request.headers.set("Idempotency-Key", key);
        if (const auto encoding = encodingOf(options.file); !encoding.empty())
            request.headers.set("Content-Encoding", std::string(encoding));
        if (options.lenient) request.headers.set("Prefer", "handling=lenient");
        return request;
    });
    if (!answer) {
        fmt::print(err, "What was stored stays. To go on, send the file again with --idempotency-key {}\n", key);
        return fail(answer.error());
    }
    TRY_ASSIGN(const Refused refused, report(session, options, *answer, out, err));
    return refused.records > 0 ? exitRefused : exitFine;
}

Result<int> listUploads(ExchangeSession& session, const Options& options, std::ostream& out, std::ostream& err) {
    bool isFirst = true;
    TRY_ASSIGN(
        const std::size_t printed,
        eachItem(session, "/v1/uploads?kind=durations", options.limit, err, [&](const json::value& one) {
            if (options.access.json) {
                fmt::print(out, "{}\n", json::serialize(one));
                return;
            }
            if (std::exchange(isFirst, false))
                fmt::print(out, "{:<38}{:<26}{:>10}{:>10}  {}\n", "upload", "begun at", "created", "rejected", "state");
            const std::string state = valueAt(one, "/withdrawnAt")  ? "withdrawn"
                                      : valueAt(one, "/finishedAt") ? "finished"
                                                                    : "broken off, or going on";
            fmt::print(out, "{:<38}{:<26}{:>10}{:>10}  {}\n", textAt(one, "/uploadId"), textAt(one, "/createdAt"),
                       shownAt(one, "/counts/created"), shownAt(one, "/counts/rejected"), state);
        }));
    if (printed == 0 && !options.access.json) fmt::print(err, "This client has sent nothing yet.\n");
    return exitFine;
}

Result<int> list(ExchangeSession& session, const Options& options, std::ostream& out, std::ostream& err) {
    std::string path = "/v1/durations";
    addToQuery(path, "carrierId", options.access.carrier);
    addToQuery(path, "from", options.from);
    addToQuery(path, "to", options.to);
    bool isFirst = true;
    TRY_ASSIGN(const std::size_t printed, eachItem(session, path, options.limit, err, [&](const json::value& one) {
                   if (options.access.json) {
                       fmt::print(out, "{}\n", json::serialize(one));
                       return;
                   }
                   if (std::exchange(isFirst, false))
                       fmt::print(out, "{:<26}{:<10}{:<17}{:<17}{:>12}  {:<9}{}\n", "started at", "direction", "caller",
                                  "callee", "duration ms", "revision", "record");
                   fmt::print(out, "{:<26}{:<10}{:<17}{:<17}{:>12}  {:<9}{}\n", textAt(one, "/startedAt"),
                              textAt(one, "/direction"), shownAt(one, "/callerNumber"), shownAt(one, "/calleeNumber"),
                              integerAt(one, "/durationMs"), shownAt(one, "/revision"), textAt(one, "/recordId"));
               }));
    if (printed == 0 && !options.access.json) fmt::print(err, "There is no such duration that you may see.\n");
    return exitFine;
}

Result<int> withdraw(ExchangeSession& session, const Options& options, std::ostream& out) {
    TRY_ASSIGN(const json::value done,
               session.post("/v1/uploads/" + http::percentEncode(options.uploadId) + "/withdraw",
                            json::object{{"reason", options.reason}}));
    if (options.access.json)
        fmt::print(out, "{}\n", json::serialize(done));
    else
        fmt::print(out,
                   "{} records taken back; {} have a later revision, which stays. The days that they belong to are run "
                   "again by themselves.\n",
                   integerAt(done, "/withdrawn"), integerAt(done, "/overtaken"));
    return exitFine;
}

Result<int> work(const Options& options, std::istream& in, std::ostream& out, std::ostream& err) {
    TRY_ASSIGN(auto session, ExchangeSession::open(options.access, longWork));
    switch (options.task) {
        case DurationsTask::upload:
            return upload(session, options, in, out, err);
        case DurationsTask::uploads:
            return listUploads(session, options, out, err);
        case DurationsTask::list:
            return list(session, options, out, err);
        case DurationsTask::withdraw:
            return withdraw(session, options, out);
    }
    return exitUsage;
}

}  // namespace

int runDurations(const DurationsOptions& options, std::istream& in, std::ostream& out, std::ostream& err) {
    const auto code = work(options, in, out, err);
    return code ? *code : sayWhatWentWrong("durations", code.error(), err);
}

void addDurationsCommand(CLI::App& app, Run run) {
    CLI::App* parent = app.add_subcommand("durations", "A carrier's durations at a running exchange");
    parent->require_subcommand(1);
    const auto [upload, sent] =
        addTask(*parent, DurationsTask::upload, "upload", "Send a file, plain, .gz or .zst, of any size", run);
    upload->add_option("file", sent->file, "NDJSON, a JSON array or CSV; - for standard input")->required();
    upload->add_option("--format", sent->format, "ndjson, json, csv; by the file's name if left out");
    upload->add_option("--idempotency-key", sent->idempotencyKey, "Of an upload that broke off");
    upload->add_option("--unit", sent->unit, "In which unit all durations are, whatever their field says: ms, s, min");
    upload->add_option("--basis", sent->basis,
                       "From where they count, where records do not say it: invite, ring, answer");
    auto* mode = upload->add_option("--rounding", sent->rounding, "How they are rounded: up, down, nearest");
    auto* step = upload->add_option("--rounding-step-ms", sent->roundingStepMs, "To which step");
    mode->needs(step);
    step->needs(mode);
    upload->add_flag("--lenient", sent->lenient, "Unknown fields are ignored and counted");
    const auto [uploads, receipts] =
        addTask(*parent, DurationsTask::uploads, "uploads", "What this client has sent, the newest first", run);
    uploads->add_option("--limit", receipts->limit, "So many at most; all if left out");
    const auto [list, listed] =
        addTask(*parent, DurationsTask::list, "list", "Durations that are stored, the latest first", run);
    list->add_option("--from", listed->from, "That began at this time or later: RFC 3339");
    list->add_option("--to", listed->to, "That began before this: RFC 3339");
    list->add_option("--limit", listed->limit, "So many at most; all if left out");
    const auto [withdraw, taken] = addTask(*parent, DurationsTask::withdraw, "withdraw", "Take an upload back", run);
    withdraw->add_option("upload", taken->uploadId, "Its id")->required();
    withdraw->add_option("--reason", taken->reason, "Why")->required();
}

}  // namespace meetpoint::cli
