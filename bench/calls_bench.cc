// The call records of a week in one store: how fast they are stored, over HTTP from a client on the same machine and
// every record acknowledged only when it is on disk; how soon they are found; what they take on disk. Beside it, what
// simdjson alone parses on one core, and the same records as files for peers to load.
//
//   calls_bench PROGRAM FOLDER CALLS RUNS   measures; prints figures
//   calls_bench --write FOLDER CALLS        writes what CallHistory::write writes, 10,000 records a part
#include <algorithm>
#include <iostream>

#include "base/clock.h"
#include "call_history.h"
#include "call_load.h"
#include "call_questions.h"
#include "figure.h"
#include "merged_store.h"
#include "past_world.h"
#include "process_use.h"
#include "simdjson_alone.h"
#include "support/server_process.h"

namespace meetpoint::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t recordsPerUpload = 500'000, recordsPerPart = 10'000;
constexpr std::uint64_t growth = 20;  // calls by id are asked for also when this share has arrived

// All processes of one measurement make the same history.
CallHistory historyOf(std::uint64_t calls) {
    return CallHistory(calls, startOf(dayOf(SystemClock().now())));
}

std::uint64_t bytesIn(const fs::path& folder) {
    std::uint64_t bytes = 0;
    for (const auto& file : fs::recursive_directory_iterator(folder))
        if (file.is_regular_file()) bytes += file.file_size();
    return bytes;
}

// What the runs gave, a value each.
struct Runs {
    std::vector<double> rate, firstRate, lastRate;  // records/s of all uploads, of the first one, of the last one
    std::vector<double> processorMicroseconds;      // of the server, a record
    std::vector<double> earlyMegabytes,
        peakMegabytes;  // resident memory of the server after the first upload, at the end
};

class CallsBench {
public:
    CallsBench(fs::path program, fs::path folder, std::uint64_t calls)
        : program_(std::move(program)), folder_(std::move(folder)), history_(historyOf(calls)) {}

    Result<void> run(int runs) {
        Runs measured;
        for (int i = 0; i + 1 < runs; ++i)
            TRY(ingest(measured, false));
        TRY(ingest(measured, true));
        print(measured);
        TRY(question(runs));
        fs::remove_all(folder_);
        return {};
    }

private:
    Result<outside::ServerProcess> serve(std::string_view settings = {}) const {
        TRY_ASSIGN(const fs::path file, writeConfiguration(folder_, settings));
        return outside::ServerProcess::start(program_, {"--data", folder_.string(), "--config", file.string()});
    }

    // A store of its own, filled; `isLast`: it stays, and calls are asked for by id on the way.
    Result<void> ingest(Runs& runs, bool isLast) {
        TRY_ASSIGN(world_, makePastWorld(folder_, history_.begin() - days(1), CallHistory::carriers));
        TRY_ASSIGN(auto server, serve());
        TRY_ASSIGN(auto platform, outside::logIn(server.url(), world_.platform));
        const std::uint64_t all = history_.arrivals().size();
        std::vector<double> rates;
        double seconds = 0;
        const double processorBefore = processorSecondsOf(server.process());
        for (std::uint64_t from = 0; from < all; from += recordsPerUpload) {
            const std::uint64_t to = std::min(all, from + recordsPerUpload);
            TRY_ASSIGN(const double took, upload(platform, history_.json(from, to), to - from));
            rates.push_back(static_cast<double>(to - from) / took);
            seconds += took;
            if (from == 0) runs.earlyMegabytes.push_back(peakMegabytesOf(server.process()));
            if (isLast && from < all / growth && to >= all / growth) {
                TRY_ASSIGN(auto questions, CallQuestions::logIn(server.url(), world_, history_));
                TRY_ASSIGN(earlyById_, questions.readById("by-id-of-a-twentieth", to));
            }
        }
        runs.processorMicroseconds.push_back((processorSecondsOf(server.process()) - processorBefore) * 1e6 /
                                             static_cast<double>(all));
        runs.rate.push_back(static_cast<double>(all) / seconds);
        runs.firstRate.push_back(rates.front());
        runs.lastRate.push_back(rates.back());
        runs.peakMegabytes.push_back(peakMegabytesOf(server.process()));
        if (server.stop() != 0) return fail(internalError("the server did not stop cleanly"));
        return {};
    }

    void print(const Runs& runs) const {
        const double rate = median(runs.rate);
        const double alone = parseAlone();
        printFigure("calls.ingest", rate, "records/s");
        printFigure("calls.simdjson-alone", alone, "records/s");
        printFigure("calls.ingest-of-simdjson-alone", rate / alone, "x");
        printFigure("calls.ingest-processor", median(runs.processorMicroseconds), "µs a record");
        printFigure("calls.ingest-into-empty", median(runs.firstRate), "records/s");
        printFigure("calls.ingest-into-full", median(runs.lastRate), "records/s");
        printFigure("calls.full-of-empty", median(runs.lastRate) / median(runs.firstRate), "x");
        printFigure("calls.peak-memory-early", median(runs.earlyMegabytes), "MB");
        printFigure("calls.peak-memory", median(runs.peakMegabytes), "MB");
    }

    // simdjson over the same lines: records a second on this core.
    double parseAlone() const {
        const std::uint64_t records = std::min<std::uint64_t>(history_.arrivals().size(), recordsPerUpload);
        std::string body = history_.json(0, records);
        body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
        const auto start = std::chrono::steady_clock::now();
        const std::size_t bytes = walkAlone(body);
        return bytes == 0 ? 0 : static_cast<double>(records) / secondsSince(start);
    }

    Result<void> question(int runs) {
        TRY_ASSIGN(auto server, serve(mergingAtOnce));
        waitForUpkeep(folder_ / "meetpoint.sqlite-wal");
        TRY_ASSIGN(auto questions, CallQuestions::logIn(server.url(), world_, history_));
        TRY_ASSIGN(const double byId, questions.readById("by-id", history_.arrivals().size()));
        printFigure("calls.by-id-growth", byId / earlyById_, "x");
        TRY(questions.searchByNumber());
        TRY(questions.readFeed());
        TRY(questions.readQuality(runs));
        if (server.stop() != 0) return fail(internalError("the server did not stop cleanly"));
        printFigure("calls.bytes-per-record",
                    static_cast<double>(bytesIn(folder_)) / static_cast<double>(history_.arrivals().size()), "bytes");
        return {};
    }

    fs::path program_, folder_;
    CallHistory history_;
    outside::OutsideWorld world_;
    double earlyById_ = 0;
};

int report(const Result<void>& done) {
    if (done) return 0;
    std::cerr << "calls_bench: " << done.error().message << " " << done.error().internal << "\n";
    return 3;
}

}  // namespace
}  // namespace meetpoint::bench

int main(int argc, char** argv) {
    using namespace meetpoint::bench;
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() == 3 && words[0] == "--write")
        return report(historyOf(std::stoull(words[2])).write(words[1], recordsPerPart));
    if (words.size() == 4)
        return report(CallsBench(words[0], words[1], std::stoull(words[2])).run(std::stoi(words[3])));
    std::cerr << "usage: calls_bench PROGRAM FOLDER CALLS RUNS | --write FOLDER CALLS\n";
    return 2;
}
