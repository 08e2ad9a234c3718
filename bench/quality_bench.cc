// Key figures of all calls by carrier and hour, asked over HTTP from a client on the same machine, of a store whose
// blocks upkeep has merged.
//
//   quality_bench PROGRAM FOLDER RECORDS RUNS   measures; prints figures
#include <fstream>
#include <iostream>
#include <regex>
#include <thread>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "call_load.h"
#include "figure.h"
#include "support/call_lines.h"
#include "support/outside_world.h"
#include "support/server_process.h"

namespace {

using namespace meetpoint;
namespace fs = std::filesystem;
namespace json = boost::json;

constexpr int carriers = 8;
constexpr std::uint64_t callsPerUpload = 100'000;

// Blocks come of age at once, so that upkeep merges what was just stored.
Result<fs::path> writeConfiguration(const fs::path& folder) {
    const fs::path file = folder / "bench.toml";
    std::ofstream out(file);
    out << "[upkeep]\nblockAgeMs = 0\npauseMs = 100\n";
    if (!out.flush()) return fail(internalError("the configuration could not be written"));
    return file;
}

// Once nothing has been merged for a while, or after some minutes.
void waitForUpkeep(const fs::path& database) {
    std::uintmax_t before = 0;
    for (int quiet = 0, tries = 0; quiet < 5 && tries < 600; ++tries) {
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
        std::error_code unknown;
        const auto written = fs::last_write_time(database, unknown).time_since_epoch().count();
        quiet = static_cast<std::uintmax_t>(written) == before ? quiet + 1 : 0;
        before = static_cast<std::uintmax_t>(written);
    }
}

struct Question {
    std::string name, query;
};

Result<void> ask(cli::ApiClient& client, const Question& question, const std::string& range, std::uint64_t records,
                 int runs) {
    std::vector<double> milliseconds;
    for (int run = 0; run < runs; ++run) {
        const auto start = std::chrono::steady_clock::now();
        TRY_ASSIGN(const json::value answer, client.get("/v1/quality?" + range + question.query));
        milliseconds.push_back(bench::secondsSince(start) * 1'000);
        std::uint64_t calls = 0;
        for (const json::value& item : answer.at("items").as_array())
            calls += item.at("current").at("calls").at("bids").to_number<std::uint64_t>();
        if (calls != records) return fail(internalError(fmt::format("{} calls were counted", calls)));
    }
    bench::printFigure("quality." + question.name, bench::median(milliseconds), "ms");
    return {};
}

Result<void> measure(const fs::path& program, const fs::path& folder, std::uint64_t records, int runs) {
    fs::remove_all(folder);
    TRY_ASSIGN(const auto made, outside::runProgram(program, {"init", "sandbox", "--data", folder.string()}));
    if (made.exitCode != 0) return fail(internalError("init failed: " + made.output));
    TRY_ASSIGN(const fs::path settings, writeConfiguration(folder));
    TRY_ASSIGN(auto server,
               outside::ServerProcess::start(program, {"--data", folder.string(), "--config", settings.string()}));
    TRY_ASSIGN(const auto world, outside::makeWorld(server.url(), folder, 10'000, carriers));
    TRY_ASSIGN(auto platform, outside::logIn(server.url(), world.platform));
    const outside::CallLines calls{.first = SystemClock().now()};
    for (std::uint64_t at = 0; at < records; at += callsPerUpload) {
        const std::uint64_t end = std::min(records, at + callsPerUpload);
        TRY(bench::upload(platform, calls.lines(at, end), end - at));
    }
    waitForUpkeep(folder / "meetpoint.sqlite-wal");
    const Instant end = calls.first + milliseconds(calls.apart.ms * static_cast<std::int64_t>(records));
    const std::string range = "from=" + formatInstant(calls.first) + "&to=" + formatInstant(end) + "&limit=10000";
    for (const Question& question :
         {Question{"carrier-hour", "&groupBy=carrier&groupBy=hour"}, Question{"all-in-one", ""},
          Question{"trunk-direction-code", "&groupBy=trunk&groupBy=direction&groupBy=sipCode"},
          Question{"ratios-carrier-hour", "&groupBy=carrier&groupBy=hour&figures=none"}})
        TRY(ask(platform, question, range, records, runs));
    if (server.stop() != 0) return fail(internalError("the server did not stop cleanly"));
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() != 4) {
        std::cerr << "usage: quality_bench PROGRAM FOLDER RECORDS RUNS\n";
        return 2;
    }
    if (const auto done = measure(words[0], words[1], std::stoull(words[2]), std::stoi(words[3])); !done) {
        std::cerr << "quality_bench: " << done.error().message << " " << done.error().internal << "\n";
        return 3;
    }
    return 0;
}
