// The same exchange on both stores: durable ingest into PostgreSQL through one node and through two at once, and the
// pages of a carrier's call feed from PostgreSQL and from SQLite.
//
//   store_bench PROGRAM FOLDER RECORDS RUNS POSTGRES_FOLDER   prints figures; the server's socket lies in
//   POSTGRES_FOLDER
#include <atomic>
#include <iostream>
#include <thread>

#include <boost/json.hpp>

#include "call_load.h"
#include "figure.h"
#include "support/call_lines.h"
#include "support/outside_world.h"
#include "support/server_process.h"

namespace {

using namespace meetpoint;
namespace fs = std::filesystem;

// A store that is new: a folder, or a schema of its own in the database.
struct FreshStore {
    fs::path folder;
    std::vector<std::string> where;  // options of init and serve
};

Result<FreshStore> freshFolder(const fs::path& folder) {
    fs::remove_all(folder);
    return FreshStore{folder, {"--data", folder.string()}};
}

Result<FreshStore> freshSchema(const fs::path& folder, const std::string& socket) {
    static std::atomic<int> number = 0;
    const std::string schema = "bench_" + std::to_string(number++);
    const auto made =
        outside::runProgram("/usr/bin/psql", {"-X", "-q", "-h", socket, "-U", "meetpoint", "-d", "postgres", "-c",
                                              "CREATE SCHEMA " + schema, "-c", "CHECKPOINT"});
    if (!made || made->exitCode != 0) return fail(internalError("no schema could be made"));
    fs::remove_all(folder);
    return FreshStore{
        folder,
        {"--database", "postgresql://meetpoint@/postgres?host=" + socket + "&options=-csearch_path%3D" + schema}};
}

struct Run {
    double ingestSeconds = 0;
    double pageMilliseconds = 0;     // median of the feed's pages of 10,000 calls, as Arrow
    double qualityMilliseconds = 0;  // key figures of all calls by carrier and hour
};

Result<double> ingest(const std::vector<outside::ServerProcess>& nodes, const outside::Login& login,
                      std::uint64_t records) {
    const outside::CallLines calls{.first = SystemClock().now()};
    const std::uint64_t share = records / nodes.size();
    std::vector<std::string> bodies;
    for (std::size_t i = 0; i < nodes.size(); ++i)
        bodies.push_back(calls.lines(i * share, (i + 1) * share));
    std::vector<Result<double>> seconds(nodes.size());
    std::vector<std::thread> senders;
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < nodes.size(); ++i)
        senders.emplace_back([&, i] {
            auto client = outside::logIn(nodes[i].url(), login);
            if (client)
                seconds[i] = bench::upload(*client, bodies[i], share);
            else
                seconds[i] = fail(client.error());
        });
    for (std::thread& sender : senders)
        sender.join();
    const double all = bench::secondsSince(start);
    for (const auto& one : seconds)
        if (!one) return fail(one.error());
    return all;
}

Result<double> medianPage(const std::string& url, const outside::Login& login, std::uint64_t records) {
    TRY_ASSIGN(auto carrier, outside::logIn(url, login));
    std::vector<double> milliseconds;
    std::string cursor;
    // A page is named by the cursor of the one before, which the Link header holds.
    for (std::uint64_t read = 0; read < records; read += 10'000) {
        http::ClientRequest request{.method = "GET", .url = cursor.empty() ? "/v1/feeds/calls?limit=10000" : cursor};
        request.headers.set("Accept", "application/vnd.apache.arrow.stream");
        const auto start = std::chrono::steady_clock::now();
        TRY_ASSIGN(const auto page, carrier.send(std::move(request)));
        milliseconds.push_back(bench::secondsSince(start) * 1000);
        const std::string link(page.headers.value("Link"));
        if (page.status != 200 || link.empty()) return fail(internalError("the feed ended before its end"));
        cursor = link.substr(1, link.find('>') - 1);
    }
    return bench::median(milliseconds);
}

Result<double> quality(const std::string& url, const outside::Login& login, std::uint64_t records) {
    TRY_ASSIGN(auto platform, outside::logIn(url, login));
    const Instant now = SystemClock().now();
    const auto start = std::chrono::steady_clock::now();
    TRY_ASSIGN(const auto answer, platform.get("/v1/quality?groupBy=carrier&groupBy=hour&limit=10000&from=" +
                                               formatInstant(now - days(1)) + "&to=" + formatInstant(now + days(2))));
    const double milliseconds = bench::secondsSince(start) * 1000;
    std::uint64_t calls = 0;
    for (const auto& item : answer.at("items").as_array())
        calls += item.at("current").at("calls").at("bids").to_number<std::uint64_t>();
    if (calls != records) return fail(internalError(std::to_string(calls) + " calls were counted"));
    return milliseconds;
}

Result<Run> runOnce(const fs::path& program, const FreshStore& store, std::size_t nodeCount, std::uint64_t records) {
    std::vector<std::string> init{"init", "sandbox", "--data", store.folder.string()};
    if (store.where[0] != "--data") init.insert(init.end(), store.where.begin(), store.where.end());
    TRY_ASSIGN(const auto made, outside::runProgram(program, init));
    if (made.exitCode != 0) return fail(internalError("init failed: " + made.output));
    std::vector<outside::ServerProcess> nodes;
    for (std::size_t i = 0; i < nodeCount; ++i) {
        TRY_ASSIGN(auto node, outside::ServerProcess::start(program, store.where));
        nodes.push_back(std::move(node));
    }
    TRY_ASSIGN(const auto world, outside::makeWorld(nodes[0].url(), store.folder, 10'000));
    Run run;
    TRY_ASSIGN(run.ingestSeconds, ingest(nodes, world.platform, records));
    TRY_ASSIGN(run.pageMilliseconds, medianPage(nodes[0].url(), world.carrier, records));
    TRY_ASSIGN(run.qualityMilliseconds, quality(nodes[0].url(), world.platform, records));
    for (auto& node : nodes)
        if (node.stop() != 0) return fail(internalError("a node did not stop cleanly"));
    fs::remove_all(store.folder);
    return run;
}

// Medians of `runs`, as figures.
template <class Fresh>
Result<void> measure(const std::string& name, const fs::path& program, std::size_t nodes, std::uint64_t records,
                     int runs, Fresh fresh) {
    std::vector<double> seconds, pages, qualities;
    for (int i = 0; i < runs; ++i) {
        TRY_ASSIGN(const FreshStore store, fresh());
        TRY_ASSIGN(const Run run, runOnce(program, store, nodes, records));
        seconds.push_back(run.ingestSeconds);
        pages.push_back(run.pageMilliseconds);
        qualities.push_back(run.qualityMilliseconds);
    }
    bench::printFigure("store." + name, static_cast<double>(records) / bench::median(seconds), "records/s");
    bench::printFigure("store." + name + "-feed-page", bench::median(pages), "ms");
    bench::printFigure("store." + name + "-quality", bench::median(qualities), "ms");
    return {};
}

Result<void> measureAll(const fs::path& program, const fs::path& folder, std::uint64_t records, int runs,
                        const std::string& socket) {
    const auto inDatabase = [&] { return freshSchema(folder, socket); };
    TRY(measure("postgres-1-node", program, 1, records, runs, inDatabase));
    TRY(measure("postgres-2-nodes", program, 2, records, runs, inDatabase));
    TRY(measure("sqlite", program, 1, records, runs, [&] { return freshFolder(folder); }));
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() != 5) {
        std::cerr << "usage: store_bench PROGRAM FOLDER RECORDS RUNS POSTGRES_FOLDER\n";
        return 2;
    }
    const auto done = measureAll(words[0], words[1], std::stoull(words[2]) / 2 * 2, std::stoi(words[3]), words[4]);
    if (done) return 0;
    std::cerr << "store_bench: " << done.error().message << " " << done.error().internal << "\n";
    return 3;
}
