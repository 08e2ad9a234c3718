// Where the time of an ingest goes: each stage of the walk of a call record by itself, on one core, without HTTP. For
// finding what to make faster; bench/run does not show it.
//
//   ingest_stages FOLDER RECORDS
#include <filesystem>
#include <iostream>

#include "base/clock.h"
#include "columns/block.h"
#include "columns/content_hash.h"
#include "figure.h"
#include "formats/reader.h"
#include "store/lanes.h"
#include "store/sqlite.h"
#include "support/call_lines.h"

namespace {

using namespace meetpoint;

// Processor time of this thread, in seconds.
double cpuSeconds() {
    timespec at{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
    return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) * 1e-9;
}

class Stopwatch {
public:
    // Runs `work` and adds its time to the stage; gives what it gives.
    template <class Work>
    auto operator()(const char* stage, Work work) {
        const double start = cpuSeconds();
        auto out = work();
        seconds_[stage] += cpuSeconds() - start;
        return out;
    }
    void add(const char* stage, double seconds) { seconds_[stage] += seconds; }
    void print(std::size_t records) const {
        for (const auto& [stage, seconds] : seconds_)
            bench::printFigure(std::string("stages.") + stage, seconds / static_cast<double>(records) * 1e9,
                               "ns/record");
    }

private:
    std::map<std::string, double> seconds_;
};

Result<void> measure(const std::filesystem::path& folder, std::size_t records) {
    constexpr std::size_t chunk = 10'000, lanesMixed = 8;
    const SystemClock clock;
    std::filesystem::remove_all(folder);
    TRY_ASSIGN(const auto db, store::openSqlite(folder, {}, clock, makeLog("error")));
    const KeyedHash secret(KeyedHash::Key{1, 2, 3});
    store::Lanes lanes(secret, clock);
    formats::ReadOptions options;
    options.now = clock.now();
    options.batchRows = chunk;
    TRY_ASSIGN(const auto reader, formats::makeReader(columns::LaneKind::calls, formats::Format::ndjson, options));
    const outside::CallLines calls{.first = clock.now()};
    Stopwatch timed;
    for (std::size_t at = 0; at < records; at += chunk) {
        const std::string text = calls.lines(at, at + chunk);
        TRY(timed("1-read", [&] { return reader->feed(viewOf(text)); }));
        columns::Records batch = reader->take(chunk).records;
        const auto prints = timed("2-fingerprints", [&] { return columns::fingerprints(batch); });
        timed("3-gather-of-8-lanes", [&] {
            std::vector<std::vector<std::uint32_t>> rows(lanesMixed);
            for (std::uint32_t row = 0; row < batch.rows(); ++row)
                rows[batch.part(columns::Part::core)[columns::CallCore::ownNumber].at<std::uint64_t>(row) % lanesMixed]
                    .push_back(row);
            std::size_t total = 0;
            for (const auto& of : rows)
                total += batch.gather(of).rows();
            return total;
        });
        timed("4a-key-hashes", [&] {
            std::uint64_t sum = 0;
            for (std::size_t row = 0; row < batch.rows(); ++row)
                sum += columns::keyHash(batch, row, secret);
            return sum;
        });
        timed("4b-content-hashes", [&] { return columns::contentHashes(batch); });
        timed("4c-slice", [&] {
            return batch.slice(0, 4096).rows() + batch.slice(4096, 4096).rows() +
                   batch.slice(8192, chunk - 8192).rows();
        });
        timed("4d-encode-lz4", [&] { return encodeBlock(batch, columns::Compression::lz4, secret).rows; });
        const auto prepared = timed("4-prepare", [&] {
            return lanes.prepare({1, columns::LaneKind::calls}, std::move(batch), prints);
        });
        Result<void> stored;
        double seconds = 0;
        TRY(db->write(store::recordsWrite(1, chunk), [&](store::Tx& tx) -> Result<void> {
            const double start = cpuSeconds();
            TRY(lanes.append(tx, prepared, "bench"));
            seconds = cpuSeconds() - start;
            return {};
        }));
        timed.add("5-append", seconds);
    }
    timed.print(records);
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: ingest_stages FOLDER RECORDS\n";
        return 2;
    }
    const auto done = measure(argv[1], std::stoull(argv[2]));
    if (done) return 0;
    std::cerr << "ingest_stages: " << done.error().message << " " << done.error().internal << "\n";
    return 3;
}
