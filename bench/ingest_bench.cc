// Durable ingest of call records: NDJSON over HTTP from a client on the same machine, every record acknowledged only
// when it is on disk. Beside it, what simdjson alone parses on one core, and the same records as CSV for a peer to
// load.
//
//   ingest_bench PROGRAM FOLDER RECORDS RUNS   measures; prints figures
//   ingest_bench --csv FOLDER RECORDS ROWS     writes FOLDER/part-0001.csv … of ROWS rows each, and FOLDER/columns
#include <algorithm>
#include <fstream>
#include <iostream>

#include <fmt/format.h>

#include "call_load.h"
#include "figure.h"
#include "simdjson_alone.h"
#include "support/call_lines.h"
#include "support/outside_world.h"
#include "support/server_process.h"

namespace {

using namespace meetpoint;
namespace fs = std::filesystem;

std::uint64_t bytesIn(const fs::path& folder) {
    std::uint64_t bytes = 0;
    for (const auto& file : fs::recursive_directory_iterator(folder))
        if (file.is_regular_file()) bytes += file.file_size();
    return bytes;
}

// What one run gave.
struct Run {
    double seconds = 0;
    double bytesPerRecord = 0;
    double peakMegabytes = 0;  // resident memory of the server
};

double peakMegabytesOf(pid_t process) {
    std::ifstream status("/proc/" + std::to_string(process) + "/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:")) return std::strtod(line.c_str() + 6, nullptr) / 1024;
    return 0;
}

Result<Run> ingestOnce(const fs::path& program, const fs::path& folder, std::uint64_t records) {
    fs::remove_all(folder);
    TRY_ASSIGN(const auto made, outside::runProgram(program, {"init", "sandbox", "--data", folder.string()}));
    if (made.exitCode != 0) return fail(internalError("init failed: " + made.output));
    TRY_ASSIGN(auto server, outside::ServerProcess::start(program, {"--data", folder.string()}));
    TRY_ASSIGN(const auto world, outside::makeWorld(server.url(), folder, 10'000));
    TRY_ASSIGN(auto platform, outside::logIn(server.url(), world.platform));
    const outside::CallLines calls{.first = SystemClock().now()};
    const std::string body = calls.lines(0, records);
    Run run;
    TRY_ASSIGN(run.seconds, bench::upload(platform, body, records));
    run.peakMegabytes = peakMegabytesOf(server.process());
    if (server.stop() != 0) return fail(internalError("the server did not stop cleanly"));
    run.bytesPerRecord = static_cast<double>(bytesIn(folder)) / static_cast<double>(records);
    return run;
}

// simdjson alone over the same lines: records a second on this core.
double parseAlone(std::uint64_t records) {
    const outside::CallLines calls{.first = SystemClock().now()};
    std::string body = calls.lines(0, records);
    body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
    const auto start = std::chrono::steady_clock::now();
    const std::size_t bytes = bench::walkAlone(body);
    return bytes == 0 ? 0 : static_cast<double>(records) / bench::secondsSince(start);
}

int writeCsv(const fs::path& folder, std::uint64_t records, std::uint64_t rows) {
    fs::create_directories(folder);
    const outside::CallLines calls{.first = SystemClock().now()};
    for (std::uint64_t from = 0, part = 1; from < records; from += rows, ++part) {
        std::string text;
        for (std::uint64_t i = from; i < std::min(records, from + rows); ++i)
            calls.appendCsv(i, text);
        std::ofstream file(folder / fmt::format("part-{:04}.csv", part));
        if (!(file << text).flush()) return 3;
    }
    std::ofstream(folder / "columns") << outside::CallLines::csvColumns;
    return 0;
}

int measure(const fs::path& program, const fs::path& folder, std::uint64_t records, int runs) {
    std::vector<double> seconds, bytes, memory;
    for (int run = 0; run < runs; ++run) {
        const auto done = ingestOnce(program, folder, records);
        if (!done) {
            std::cerr << "ingest_bench: " << done.error().message << " " << done.error().internal << "\n";
            return 3;
        }
        seconds.push_back(done->seconds);
        bytes.push_back(done->bytesPerRecord);
        memory.push_back(done->peakMegabytes);
    }
    fs::remove_all(folder);
    const double rate = static_cast<double>(records) / bench::median(seconds);
    const double parse = parseAlone(std::min<std::uint64_t>(records, 500'000));
    bench::printFigure("ingest.meetpoint", rate, "records/s");
    bench::printFigure("ingest.simdjson-alone", parse, "records/s");
    bench::printFigure("ingest.of-simdjson-alone", rate / parse, "x");
    bench::printFigure("ingest.bytes-per-record", bench::median(bytes), "bytes");
    bench::printFigure("ingest.peak-memory", bench::median(memory), "MB");
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() == 4 && words[0] == "--csv")
        return writeCsv(words[1], std::stoull(words[2]), std::stoull(words[3]));
    if (words.size() == 4) return measure(words[0], words[1], std::stoull(words[2]), std::stoi(words[3]));
    std::cerr << "usage: ingest_bench PROGRAM FOLDER RECORDS RUNS | --csv FOLDER RECORDS ROWS\n";
    return 2;
}
