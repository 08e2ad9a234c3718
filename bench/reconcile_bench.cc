// One carrier's day reconciled, from stored records of both sides to stored items: every call stands on both sides, the
// carrier's clock is ahead, and it knows the signalling's id of every second call.
//
//   reconcile_bench PROGRAM FOLDER CALLS RUNS   measures; prints figures
//   reconcile_bench --write FOLDER CALLS        writes both sides as CSV for peers: FOLDER/ours, FOLDER/theirs
#include <fstream>
#include <iostream>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/clock.h"
#include "call_load.h"
#include "figure.h"
#include "merged_store.h"
#include "past_world.h"
#include "process_use.h"
#include "support/call_lines.h"
#include "support/server_process.h"

namespace meetpoint::bench {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using outside::CallLines;

constexpr std::uint64_t recordsPerUpload = 500'000;
constexpr CallLines::Recorder carrierRecorder{.clockAhead = seconds(37), .knowsSipCallId = true};

Day yesterday() {
    return Day{dayOf(SystemClock().now()).number - 1};
}

// The calls are spread over the day.
CallLines dayOfCalls(std::uint64_t calls) {
    constexpr Duration spread = hours(23);
    return {.first = startOf(yesterday()) + minutes(10),
            .apart = milliseconds(std::max<std::int64_t>(1, spread.ms / static_cast<std::int64_t>(calls)))};
}

Result<cli::ApiClient> patientClient(const std::string& url, const outside::Login& login) {
    http::ClientOptions options;
    options.readTimeout = options.totalTimeout = minutes(30);
    cli::ApiClient client(url, options);
    TRY(client.logIn(login.clientId, login.secret));
    return client;
}

template <class Append>
Result<void> send(cli::ApiClient& client, const std::string& path, std::uint64_t calls, Append append) {
    for (std::uint64_t from = 0; from < calls; from += recordsPerUpload) {
        const std::uint64_t to = std::min(calls, from + recordsPerUpload);
        std::string body;
        for (std::uint64_t i = from; i < to; ++i)
            append(i, body);
        TRY(uploadTo(path, client, body, to - from));
    }
    return {};
}

struct Measured {
    double seconds = 0, peakMegabytes = 0, idleMegabytes = 0;
    double reportSeconds = 0, reportMegabytes = 0;  // of the day's report, above the idle server's
};

Result<outside::ServerProcess> startServer(const fs::path& program, const fs::path& folder) {
    TRY_ASSIGN(const fs::path configuration, writeConfiguration(folder));
    return outside::ServerProcess::start(program, {"--data", folder.string(), "--config", configuration.string()});
}

Result<void> sendBoth(const fs::path& program, const fs::path& folder, const outside::OutsideWorld& world,
                      std::uint64_t calls) {
    const CallLines lines = dayOfCalls(calls);
    TRY_ASSIGN(auto server, startServer(program, folder));
    TRY_ASSIGN(auto platform, patientClient(server.url(), world.platform));
    TRY(send(platform, "/v1/calls", calls, [&](auto i, std::string& out) { lines.appendJson(i, {}, out); }));
    // Only now: the server does not keep a connection for minutes on which nothing is asked.
    TRY_ASSIGN(auto carrier, patientClient(server.url(), world.carrier));
    TRY(send(carrier, "/v1/durations", calls,
             [&](auto i, std::string& out) { lines.appendDuration(i, carrierRecorder, out); }));
    // A day that is over is reconciled when upkeep has long been done with what came in.
    waitForUpkeep(folder / "meetpoint.sqlite-wal");
    if (server.stop() != 0) return fail(internalError("the server did not stop cleanly"));
    return {};
}

// The report of the day, by a server that has done nothing yet.
Result<void> readReport(const fs::path& program, const fs::path& folder, const outside::OutsideWorld& world,
                        std::uint64_t calls, Measured& measured) {
    TRY_ASSIGN(auto server, startServer(program, folder));
    TRY_ASSIGN(auto carrier, patientClient(server.url(), world.carrier));
    const double idleMegabytes = residentMegabytesOf(server.process());
    const auto start = std::chrono::steady_clock::now();
    TRY_ASSIGN(const json::value report, carrier.get("/v1/reconciliation/report?date=" + formatDay(yesterday())));
    measured.reportSeconds = secondsSince(start);
    measured.reportMegabytes = peakMegabytesOf(server.process()) - idleMegabytes;
    if (report.at("ours").at("calls").to_number<std::uint64_t>() != calls)
        return fail(internalError("the day was reported as " + json::serialize(report)));
    if (server.stop() != 0) return fail(internalError("the server did not stop cleanly"));
    return {};
}

// A store of its own each time, so that every item is new; and a server that has done nothing yet, so that its memory
// is that of the run.
Result<Measured> runOnce(const fs::path& program, const fs::path& folder, std::uint64_t calls) {
    TRY_ASSIGN(const auto world, makePastWorld(folder, dayOfCalls(calls).first - days(1), 1));
    TRY(sendBoth(program, folder, world, calls));
    TRY_ASSIGN(auto server, startServer(program, folder));
    TRY_ASSIGN(auto carrier, patientClient(server.url(), world.carrier));
    const double idleMegabytes = residentMegabytesOf(server.process());
    const auto start = std::chrono::steady_clock::now();
    TRY_ASSIGN(const json::value day,
               carrier.post("/v1/reconciliation/runs", json::object{{"date", formatDay(yesterday())}}));
    Measured measured{secondsSince(start), peakMegabytesOf(server.process()), idleMegabytes};
    const auto matched = day.at("report").at("counts").at("matched").to_number<std::uint64_t>();
    if (matched != calls) return fail(internalError("the day was reconciled to " + json::serialize(day)));
    if (server.stop() != 0) return fail(internalError("the server did not stop cleanly"));
    TRY(readReport(program, folder, world, calls, measured));
    return measured;
}

Result<void> measure(const fs::path& program, const fs::path& folder, std::uint64_t calls, int runs) {
    std::vector<double> seconds, megabytes, ofRun, reportSeconds, ofReport;
    for (int run = 0; run < runs; ++run) {
        TRY_ASSIGN(const Measured measured, runOnce(program, folder, calls));
        seconds.push_back(measured.seconds);
        megabytes.push_back(measured.peakMegabytes);
        ofRun.push_back(measured.peakMegabytes - measured.idleMegabytes);
        reportSeconds.push_back(measured.reportSeconds);
        ofReport.push_back(measured.reportMegabytes);
    }
    fs::remove_all(folder);
    printFigure("reconcile.seconds", median(seconds), "s");
    printFigure("reconcile.rate", 2 * static_cast<double>(calls) / median(seconds), "records/s");
    printFigure("reconcile.peak-memory", median(megabytes), "MB");
    printFigure("reconcile.bytes-a-record", median(ofRun) * 1024 * 1024 / (2 * static_cast<double>(calls)),
                "bytes of memory above the idle server's");
    printFigure("reconcile.report-seconds", median(reportSeconds), "s");
    printFigure("reconcile.report-memory", median(ofReport), "MB above the idle server's");
    return {};
}

Result<void> write(const fs::path& folder, std::uint64_t calls) {
    fs::create_directories(folder);
    const CallLines lines = dayOfCalls(calls);
    std::ofstream ours(folder / "ours"), theirs(folder / "theirs");
    for (std::uint64_t i = 0; i < calls; ++i) {
        const auto row = lines.sidesOf(i, carrierRecorder);
        ours << row.ours << '\n';
        theirs << row.theirs << '\n';
    }
    if (!ours.flush() || !theirs.flush()) return fail(internalError("the sides could not be written"));
    return {};
}

int report(const Result<void>& done) {
    if (done) return 0;
    std::cerr << "reconcile_bench: " << done.error().message << " " << done.error().internal << "\n";
    return 3;
}

}  // namespace
}  // namespace meetpoint::bench

int main(int argc, char** argv) {
    using namespace meetpoint::bench;
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() == 3 && words[0] == "--write") return report(write(words[1], std::stoull(words[2])));
    if (words.size() == 4) return report(measure(words[0], words[1], std::stoull(words[2]), std::stoi(words[3])));
    std::cerr << "usage: reconcile_bench PROGRAM FOLDER CALLS RUNS | --write FOLDER CALLS\n";
    return 2;
}
