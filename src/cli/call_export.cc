#include <filesystem>
#include <fstream>

#include <boost/json.hpp>
#include <fmt/ostream.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/id.h"
#include "cli/calls.h"
#include "cli/exit_codes.h"
#include "cli/json_reading.h"
#include "cli/outcome_text.h"
#include "cli/patience.h"

namespace meetpoint::cli {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

constexpr std::uint64_t pieceBytes = 8 << 20;  // of one request of the download
constexpr int watchedWaitSeconds = 1, unwatchedWaitSeconds = 30;
constexpr std::string_view interrupted = "interrupted";

Error fileError(const fs::path& file, const std::string& what) {
    return {ErrorKind::internal, "file-not-writable", file.string() + " " + what + ".", {}, {}, 0};
}

json::object wantedOf(const CallExportOptions& options) {
    json::object filter = options.filter;
    if (!options.access.carrier.empty()) filter["carrierId"] = options.access.carrier;
    if (!options.access.tenant.empty()) filter["tenantId"] = options.access.tenant;
    json::object wanted{{"kind", options.kind},
                        {"format", options.format},
                        {"compression", options.compression},
                        {"filter", std::move(filter)}};
    if (!options.timeZone.empty()) wanted["timeZone"] = options.timeZone;
    if (!options.columns.empty()) wanted["columns"] = json::array(options.columns.begin(), options.columns.end());
    return wanted;
}

bool isOpen(const json::value& job) {
    const std::string state = textAt(job, "/state");
    return state == "queued" || state == "running";
}

class Exporting {
public:
    Exporting(const CallExportOptions& options, Interruption& interruption, const ExportSurroundings& around)
        : options_(options),
          interruption_(interruption),
          around_(around),
          patience_(interruption, around.err),
          part_(options.file + ".part") {}

    Result<void> run(ExchangeSession& session) {
        if (fs::exists(options_.file))
            return fail(invalidInput("file-exists", "There is a file " + options_.file + " already."));
        id_ = options_.exportId;
        if (id_.empty()) TRY(begin(session));
        TRY_ASSIGN(const json::value job, finished(session));
        TRY(download(session, job));
        TRY(check(job));
        report(job);
        return {};
    }
    // Of the export, once there is one.
    const std::string& id() const { return id_; }

private:
    // Asks until there is an answer; should the connection break, asking again is the same.
    template <class Ask>
    auto patiently(Ask ask) -> decltype(ask()) {
        while (true) {
            auto answer = ask();
            if (interruption_.hasCome())
                return fail(Error{ErrorKind::unavailable, std::string(interrupted), "It was interrupted.", {}, {}, 0});
            if (answer) patience_.worked();
            if (answer || !Patience::mayPass(answer.error())) return answer;
            clearProgress();
            patience_.wait(answer.error());
        }
    }

    Result<void> begin(ExchangeSession& session) {
        SystemRandom random;
        const std::string key = "cli-" + formatId(makeId(SystemClock(), random));
        const json::object wanted = wantedOf(options_);
        TRY_ASSIGN(const json::value job, patiently([&] {
                       return session.post("/v1/exports", wanted, {{"Idempotency-Key", key}});
                   }));
        id_ = textAt(job, "/id");
        return {};
    }

    Result<json::value> finished(ExchangeSession& session) {
        const std::string path =
            fmt::format("/v1/exports/{}?wait={}", id_, around_.terminal ? watchedWaitSeconds : unwatchedWaitSeconds);
        while (true) {
            TRY_ASSIGN(json::value job, patiently([&] { return session.get(path); }));
            if (!isOpen(job)) return over(std::move(job));
            const json::value* progress = valueAt(job, "/progress");
            show(fmt::format("{} records written{}; export {} goes on without you too", grouped(countAt(job, "/rows")),
                             progress ? fmt::format(", {:.0f} %", numberAt(job, "/progress") * 100) : "", id_));
        }
    }

    // One that is not open any more.
    Result<json::value> over(json::value job) const {
        const std::string state = textAt(job, "/state");
        if (state == "failed")
            return fail(conflict("export-failed", "The export failed. " + textAt(job, "/failure/detail")));
        if (state == "cancelled") return fail(conflict("export-cancelled", "The export was cancelled."));
        if (state == "expired") return fail(conflict("export-expired", "What the export held is no longer kept."));
        return job;
    }

    // Goes on behind what is there of an earlier run; If-Range makes sure that it is of the same bytes.
    Result<void> download(ExchangeSession& session, const json::value& job) {
        const auto size = countAt(job, "/bytes");
        std::error_code absent;
        std::uint64_t have = fs::exists(part_, absent) ? fs::file_size(part_, absent) : 0;
        std::ofstream out(part_, std::ios::binary | std::ios::app);
        if (!out) return fail(fileError(part_, "cannot be written"));
        while (have < size) {
            const std::string range = fmt::format("bytes={}-{}", have, std::min(have + pieceBytes, size) - 1);
            TRY_ASSIGN(const auto piece, patiently([&] {
                           return session.download(
                               textAt(job, "/content"),
                               {{"Range", range}, {"If-Range", "\"" + textAt(job, "/sha256") + "\""}});
                       }));
            if (piece.status != 206) return fail(internalError("the exchange gave another part than was asked for"));
            out.write(piece.body.data(), static_cast<std::streamsize>(piece.body.size()));
            if (!out.flush()) return fail(fileError(part_, "cannot be written to its end"));
            have += piece.body.size();
            show(fmt::format("{} of {} bytes downloaded", grouped(have), grouped(size)));
        }
        return {};
    }

    Result<void> check(const json::value& job) {
        std::ifstream in(part_, std::ios::binary);
        Sha256Builder hash;
        std::vector<char> piece(1 << 20);
        while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())) || in.gcount() > 0)
            hash.add(viewOf(std::string_view(piece.data(), static_cast<std::size_t>(in.gcount()))));
        if (in.bad()) return fail(fileError(part_, "cannot be read"));
        if (toHex(hash.finish()) != textAt(job, "/sha256"))
            return fail(Error{ErrorKind::corrupt,
                              "file-spoilt",
                              part_.string() + " is not what the exchange has written: its SHA-256 differs. Remove it.",
                              {},
                              {},
                              0});
        std::error_code failed;
        fs::rename(part_, options_.file, failed);
        if (failed) return fail(fileError(part_, "cannot be renamed: " + failed.message()));
        return {};
    }

    void report(const json::value& job) {
        clearProgress();
        if (options_.access.json)
            fmt::print(around_.out, "{}\n", json::serialize(job));
        else
            fmt::print(around_.out, "{}: {} records, {} bytes, SHA-256 {}\n", options_.file,
                       grouped(countAt(job, "/rows")), grouped(countAt(job, "/bytes")), textAt(job, "/sha256"));
    }

    static std::uint64_t countAt(const json::value& job, std::string_view pointer) {
        return static_cast<std::uint64_t>(std::max<std::int64_t>(0, integerAt(job, pointer)));
    }
    void show(const std::string& line) {
        if (!around_.terminal) return;
        fmt::print(around_.err, "\r\033[K{}", line);
        around_.err.flush();
    }
    void clearProgress() {
        if (around_.terminal) fmt::print(around_.err, "\r\033[K");
    }

    const CallExportOptions& options_;
    Interruption& interruption_;
    const ExportSurroundings& around_;
    Patience patience_;
    fs::path part_;
    std::string id_;
};

}  // namespace

int runCallExport(const CallExportOptions& options, Interruption& interruption, const ExportSurroundings& around) {
    auto session = ExchangeSession::open(options.access);
    if (!session) return sayWhatWentWrong("calls export", session.error(), around.err);
    interruption.onComing([&] { session->cancel(); });
    Exporting exporting(options, interruption, around);
    const auto done = exporting.run(*session);
    interruption.onComing({});
    if (done) return exitFine;
    const int code = sayWhatWentWrong("calls export", done.error(), around.err);
    if (!exporting.id().empty())
        fmt::print(around.err, "To go on: meetpoint calls export {} --export {}\n", options.file, exporting.id());
    return code;
}

int runCallExport(const CallExportOptions& options, std::ostream& out, std::ostream& err, bool terminal) {
    Interruption interruption;
    const SignalWatch watch(interruption);
    return runCallExport(options, interruption, {out, err, terminal});
}

}  // namespace meetpoint::cli
